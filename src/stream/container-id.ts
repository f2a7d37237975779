export interface Container {
  readonly id: string; // as the runtime names it; 64 hexadecimal digits for most
  readonly runtime: string;
}

/** Ends of cgroup paths, as runtimes with the systemd cgroup driver name their scopes. */
const SCOPES: readonly (readonly [RegExp, string])[] = [
  [/^docker-([0-9a-f]{64})\.scope$/, 'docker'],
  [/^cri-containerd-([0-9a-f]{64})\.scope$/, 'containerd'],
  [/^(?:nerdctl|containerd)-([0-9a-f]{64})\.scope$/, 'containerd'],
  [/^crio-([0-9a-f]{64})(?:\.scope)?$/, 'cri-o'],
  [/^libpod-([0-9a-f]{64})(?:\.scope)?$/, 'podman'],
  [/^lxc\.payload\.(.+)$/, 'lxc'],
  [/^machine-(.+)\.scope$/, 'systemd-nspawn'],
  [/^systemd-nspawn@(.+)\.service$/, 'systemd-nspawn'],
  [/^[^:]+:cri-containerd:([0-9a-f]{64})$/, 'containerd'],
  [/^[^:]+:crio:([0-9a-f]{64})$/, 'cri-o'],
  [/^[^:]+:docker:([0-9a-f]{64})$/, 'docker'],
];

/** Folders whose child is a container, with the cgroupfs driver. */
const PARENTS: Readonly<Record<string, string>> = {
  docker: 'docker',
  libpod_parent: 'podman',
  lxc: 'lxc',
  'lxc.payload': 'lxc',
  buildkit: 'buildkit',
  'k8s.io': 'containerd',
  default: 'containerd', // ctr
};

const HEX = /^[0-9a-f]{64}$/;
/** `kubepods/burstable/podUID/ID`: which runtime it was, the path does not tell. */
const POD = /^(?:.*-)?pod[0-9a-f]{8}[-_]?[0-9a-f-_]{4,}(?:\.slice)?$/;

/**
 * The container that a cgroup path belongs to, by the names that docker, containerd, CRI-O, podman,
 * LXC, systemd-nspawn and kubernetes give; undefined on the host. The innermost container counts,
 * and a process in a cgroup below its container's still belongs to it.
 */
export function containerOf(cgroupPath: string): Container | undefined {
  const folders = cgroupPath.split('/');
  for (let i = folders.length - 1; i > 0; i--) {
    const name = folders[i] as string;
    for (const [scope, runtime] of SCOPES) {
      const id = scope.exec(name)?.[1];
      if (id !== undefined) return { id: unitName(id), runtime };
    }
    const parent = folders[i - 1] as string;
    const runtime = PARENTS[parent];
    if (runtime === 'lxc' && name !== '') return { id: name, runtime };
    if (!HEX.test(name)) continue;
    if (runtime !== undefined) return { id: name, runtime };
    if (POD.test(parent)) return { id: name, runtime: 'kubernetes' };
    // Any other folder named by 64 hexadecimal digits: ECS tasks, containerd’s own namespaces.
    return { id: name, runtime: 'unknown' };
  }
  return undefined;
}

/** systemd writes the bytes that a unit name cannot hold as \x2d. */
function unitName(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
