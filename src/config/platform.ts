const HERE = ['linux', 'posix', 'any', 'all'];
/** Distributions that old packs name. */
const DISTRIBUTIONS = ['ubuntu', 'centos', 'rhel', 'debian', 'gentoo', 'amazon', 'suse', 'fedora'];

/** Whether something that osquery's configurations say is for this platform. */
export function forPlatform(platform: string | undefined): boolean {
  if (platform === undefined || platform === '' || platform === 'null') return true;
  return platform
    .toLowerCase()
    .split(/[\s,|]+/)
    .some((name) => HERE.includes(name) || DISTRIBUTIONS.includes(name));
}
