/** What class `kernel` stores in `action`, by the table that shows it; decode_kernel.cc makes them. */
export const KERNEL_ACTIONS = {
  exec_failed_events: ['exec_failed'],
  credential_events: ['credentials_set', 'credentials_exec', 'credentials_unexplained'],
  ptrace_events: [
    ...['ptrace_attach', 'ptrace_seize', 'ptrace_traceme', 'ptrace_poke', 'ptrace_set_registers'],
    ...['vm_read', 'vm_write'],
  ],
  signal_events: ['signal'],
  module_events: ['module_load', 'module_unload'],
  bpf_load_events: ['bpf_load'],
  mount_events: [
    ...['mount', 'remount', 'bind', 'move', 'propagation', 'umount', 'pivot_root'],
    ...['move_mount', 'mount_setattr', 'open_tree', 'fsmount'],
  ],
  namespace_events: ['unshare', 'setns', 'clone', 'chroot'],
  memory_events: ['mmap', 'mprotect', 'memfd_create', 'memfd_secret'],
  io_uring_events: [
    ...['io_uring_create', 'io_uring_accept', 'io_uring_connect', 'io_uring_openat'],
    ...['io_uring_openat2', 'io_uring_renameat', 'io_uring_unlinkat', 'io_uring_mkdirat'],
    ...['io_uring_symlinkat', 'io_uring_linkat', 'io_uring_ftruncate', 'io_uring_bind'],
    'io_uring_listen',
  ],
} as const;

export const KERNEL_ACTION_NAMES = Object.values(KERNEL_ACTIONS).flat();
