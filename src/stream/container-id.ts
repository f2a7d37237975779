export interface Container {
  readonly id: string; // as the runtime names it; 64 hexadecimal digits for most
  /** As far as the path tells it: `kubernetes` and `unknown` are none. */
  readonly runtime: string;
  /** The container's own cgroup: the path up to the folder that names it. */
  readonly cgroup: string;
  /** Of kubernetes; '' outside of a pod. */
  readonly podUid: string;
}

/** Ends of cgroup paths, as runtimes with the systemd cgroup driver name their scopes. */
const SCOPES: readonly (readonly [RegExp, string])[] = [
  [/^docker-([0-9a-f]{64})\.scope$/, 'docker'],
  [/^cri-containerd-([0-9a-f]{64})\.scope$/, 'containerd'],
  [/^(?:nerdctl|containerd)-([0-9a-f]{64})\.scope$/, 'containerd'],
  [/^crio-([0-9a-f]{64})(?:\.scope)?$/, 'cri-o'],
  [/^libpod-([0-9a-f]{64})(?:\.scope)?$/, 'podman'],
  [/^lxc\.payload\.(.+)$/, 'lxc'],
  [/^machine-lxc\\x2d\d+\\x2d(.+)\.scope$/, 'libvirt-lxc'],
  // Machines of libvirt’s QEMU are processes of the host.
  [/^machine-(?!qemu\\x2d\d)(.+)\.scope$/, 'systemd-nspawn'],
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
const POD = /^(?:.*-)?pod([0-9a-f]{8}[-_]?[0-9a-f-_]{4,})(?:\.slice)?$/;

/**
 * The container that a cgroup path belongs to, by the names that docker, containerd, CRI-O, podman,
 * LXC, systemd-nspawn and kubernetes give; undefined on the host. The innermost container counts,
 * and a process in a cgroup below its container's still belongs to it.
 */
export function containerOf(cgroupPath: string): Container | undefined {
  const folders = cgroupPath.split('/');
  for (let i = folders.length - 1; i > 0; i--) {
    const named = namedBy(folders[i] as string, folders[i - 1] as string);
    if (named === undefined) continue;
    const cgroup = folders.slice(0, i + 1).join('/');
    return { ...named, cgroup, podUid: podOf(folders.slice(0, i + 1)) };
  }
  return undefined;
}

function namedBy(name: string, parent: string): { id: string; runtime: string } | undefined {
  for (const [scope, runtime] of SCOPES) {
    const id = scope.exec(name)?.[1];
    if (id !== undefined) return { id: unitName(id), runtime };
  }
  const runtime = PARENTS[parent];
  if (runtime === 'lxc' && name !== '') return { id: name, runtime };
  if (!HEX.test(name)) return undefined;
  if (runtime !== undefined) return { id: name, runtime };
  if (POD.test(parent)) return { id: name, runtime: 'kubernetes' };
  // Any other folder named by 64 hexadecimal digits: ECS tasks, containerd’s own namespaces.
  return { id: name, runtime: 'unknown' };
}

function podOf(folders: readonly string[]): string {
  for (const folder of folders.toReversed()) {
    // The systemd driver writes a dash of the uid as an underscore, and containerd may join with colons.
    const uid = POD.exec(folder.split(':')[0] as string)?.[1];
    if (uid !== undefined) return uid.replaceAll('_', '-');
  }
  return '';
}

/** systemd writes the bytes that a unit name cannot hold as \x2d. */
function unitName(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
