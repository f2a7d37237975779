/**
 * What a machine without compilers, where each start of a daemon takes long, tells the tests by its
 * environment (test/kernels/live-part.ts). Elsewhere nothing of it is set.
 */
import type { Provider } from './providers.ts';

const { env } = process;

/** Folder of the workloads, compiled elsewhere. */
export const compiledWorkloads = env.WEIR_TEST_WORKLOADS;

/** State folder of a daemon that runs already, and watches SHARED_CGROUP alone. */
export const sharedState = env.WEIR_TEST_STATE;
export const SHARED_CGROUP = '/weir-tests';

/** The only provider to run suites with. */
export const onlyProvider = env.WEIR_TEST_PROVIDER as Provider | undefined;

/** By which hooks files and sockets come; on the host they are tracepoints at least. */
export const tier = env.WEIR_TEST_TIER ?? 'tracepoint';

/** How much longer than elsewhere things may take. */
export const slowness = Number(env.WEIR_TEST_SLOWNESS ?? 1);
