import type { Config } from './schema.ts';

/** Without these nobody gets into the host any more, or all that runs on it ends. */
const SYSTEM = [
  '/sbin/init',
  '/usr/lib/systemd/systemd',
  '/usr/lib/systemd/systemd-journald',
  '/usr/lib/systemd/systemd-logind',
  '/usr/lib/systemd/systemd-networkd',
  '/usr/lib/systemd/systemd-resolved',
  '/usr/lib/systemd/systemd-udevd',
  '/usr/sbin/NetworkManager',
  '/usr/sbin/sshd',
  '/usr/lib/openssh/sshd-session',
  '/usr/bin/dbus-daemon',
  '/usr/bin/dbus-broker',
  '/usr/bin/login',
  '/usr/bin/containerd',
  '/usr/bin/containerd-shim-runc-v2',
  '/usr/bin/dockerd',
  '/usr/bin/conmon',
  '/usr/bin/kubelet',
];

/** Executables that no response is ever done to. */
export function protectedExecutables(config: Pick<Config, 'response'>): readonly string[] {
  return [...new Set([...SYSTEM, ...config.response.protected])];
}
