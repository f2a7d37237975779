/** The attribute security.capability as text: what a program may do beyond its user's rights. */

/** linux/capability.h */
const NAMES = [
  ...['chown', 'dac_override', 'dac_read_search', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid'],
  ...['setpcap', 'linux_immutable', 'net_bind_service', 'net_broadcast', 'net_admin', 'net_raw'],
  ...['ipc_lock', 'ipc_owner', 'sys_module', 'sys_rawio', 'sys_chroot', 'sys_ptrace'],
  ...['sys_pacct', 'sys_admin', 'sys_boot', 'sys_nice', 'sys_resource', 'sys_time'],
  ...['sys_tty_config', 'mknod', 'lease', 'audit_write', 'audit_control', 'setfcap'],
  ...['mac_override', 'mac_admin', 'syslog', 'wake_alarm', 'block_suspend', 'audit_read'],
  ...['perfmon', 'bpf', 'checkpoint_restore'],
];
const EFFECTIVE = 1;
const REVISION_1 = 0x0100_0000;

function bits(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** As getcap shows it: cap_net_raw=ep. undefined when it makes no sense. */
export function capabilityText(value: Buffer): string | undefined {
  if (value.length < 12) return undefined;
  const head = value.readUInt32LE(0);
  const wide = (head & 0xff00_0000) >>> 0 !== REVISION_1;
  if (wide && value.length < 20) return undefined;
  const permitted = bits(value.readUInt32LE(4), wide ? value.readUInt32LE(12) : 0);
  const inheritable = bits(value.readUInt32LE(8), wide ? value.readUInt32LE(16) : 0);
  const names = new Map<string, string[]>();
  for (let i = 0; i < 64; i++) {
    const isPermitted = (permitted >> BigInt(i)) & 1n;
    const isInheritable = (inheritable >> BigInt(i)) & 1n;
    const effective = (head & EFFECTIVE) !== 0 && isPermitted | isInheritable;
    const letters = `${effective ? 'e' : ''}${isInheritable ? 'i' : ''}${isPermitted ? 'p' : ''}`;
    if (letters === '') continue;
    const name = NAMES[i] === undefined ? String(i) : `cap_${NAMES[i]}`;
    names.set(letters, [...(names.get(letters) ?? []), name]);
  }
  return [...names].map(([letters, caps]) => `${caps.join(',')}=${letters}`).join(' ');
}
