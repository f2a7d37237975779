/** Where dpkg keeps what it knows, when a query does not say. */
export const ADMIN_DIRECTORY = '/var/lib/dpkg';
