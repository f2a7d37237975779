import type { Container } from '../container-id.ts';
import { ofContainerd } from './containerd.ts';
import { ofDocker } from './docker.ts';
import { ofMachine } from './machine.ts';
import { ofMonitor } from './monitor.ts';
import type { ContainerNames, Lookup, StatePlaces } from './names.ts';
import { ofOciRuntime } from './oci-state.ts';
import { ofStorage } from './storage.ts';

const HEX = /^[0-9a-f]{64}$/;
/** The user whose session a cgroup is in; what is there, the user may have made and named. */
const USER = /^\/user\.slice\/user-(\d+)\.slice\//;

/** Those that believe the identifier; Docker before containerd, which works for it. */
const BY_ID: readonly Lookup[] = [ofDocker, ofStorage, ofContainerd];
/** Those that compare cgroup or process too. */
const CHECKED: readonly Lookup[] = [ofOciRuntime, ofMonitor];

/** Undefined: of the system, or of root. */
export function ownerOf({ cgroup }: Container): number | undefined {
  const uid = Number(USER.exec(cgroup)?.[1] ?? 0);
  return uid === 0 ? undefined : uid;
}

/**
 * What runtimes of root keep about a container, read at once: a dozen opens, where it is unknown.
 *
 * @param pid a process of the container, which may have gone
 */
export function resolveNames(
  container: Container,
  pid: number,
  places: StatePlaces,
): ContainerNames | undefined {
  // A unit's name may hold any byte, a slash too.
  if (!HEX.test(container.id)) {
    return container.id.includes('/') ? undefined : ofMachine(container, pid, places);
  }
  const lookups = ownerOf(container) === undefined ? [...BY_ID, ...CHECKED] : CHECKED;
  for (const lookup of lookups) {
    const found = lookup(container, pid, places);
    if (found !== undefined) return found;
  }
  return undefined;
}
