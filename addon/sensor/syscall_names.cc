#include "sensor/syscall_names.h"

#include <sys/syscall.h>

#include <array>

namespace weir {

namespace {

struct Name {
  uint32_t number;
  std::string_view name;
};

// An architecture has the calls that its headers know (arm64 has no open or unlink).
constexpr Name kNames[] = {
#ifdef __NR_execve
    {__NR_execve, "execve"},
#endif
#ifdef __NR_execveat
    {__NR_execveat, "execveat"},
#endif
#ifdef __NR_fork
    {__NR_fork, "fork"},
#endif
#ifdef __NR_vfork
    {__NR_vfork, "vfork"},
#endif
#ifdef __NR_clone
    {__NR_clone, "clone"},
#endif
#ifdef __NR_clone3
    {__NR_clone3, "clone3"},
#endif
#ifdef __NR_exit
    {__NR_exit, "exit"},
#endif
#ifdef __NR_exit_group
    {__NR_exit_group, "exit_group"},
#endif
#ifdef __NR_connect
    {__NR_connect, "connect"},
#endif
#ifdef __NR_accept
    {__NR_accept, "accept"},
#endif
#ifdef __NR_accept4
    {__NR_accept4, "accept4"},
#endif
#ifdef __NR_bind
    {__NR_bind, "bind"},
#endif
#ifdef __NR_listen
    {__NR_listen, "listen"},
#endif
#ifdef __NR_sendto
    {__NR_sendto, "sendto"},
#endif
#ifdef __NR_sendmsg
    {__NR_sendmsg, "sendmsg"},
#endif
#ifdef __NR_sendmmsg
    {__NR_sendmmsg, "sendmmsg"},
#endif
#ifdef __NR_write
    {__NR_write, "write"},
#endif
#ifdef __NR_writev
    {__NR_writev, "writev"},
#endif
#ifdef __NR_open
    {__NR_open, "open"},
#endif
#ifdef __NR_openat
    {__NR_openat, "openat"},
#endif
#ifdef __NR_openat2
    {__NR_openat2, "openat2"},
#endif
#ifdef __NR_creat
    {__NR_creat, "creat"},
#endif
#ifdef __NR_close
    {__NR_close, "close"},
#endif
#ifdef __NR_close_range
    {__NR_close_range, "close_range"},
#endif
#ifdef __NR_dup2
    {__NR_dup2, "dup2"},
#endif
#ifdef __NR_dup3
    {__NR_dup3, "dup3"},
#endif
#ifdef __NR_rename
    {__NR_rename, "rename"},
#endif
#ifdef __NR_renameat
    {__NR_renameat, "renameat"},
#endif
#ifdef __NR_renameat2
    {__NR_renameat2, "renameat2"},
#endif
#ifdef __NR_unlink
    {__NR_unlink, "unlink"},
#endif
#ifdef __NR_unlinkat
    {__NR_unlinkat, "unlinkat"},
#endif
#ifdef __NR_rmdir
    {__NR_rmdir, "rmdir"},
#endif
#ifdef __NR_link
    {__NR_link, "link"},
#endif
#ifdef __NR_linkat
    {__NR_linkat, "linkat"},
#endif
#ifdef __NR_symlink
    {__NR_symlink, "symlink"},
#endif
#ifdef __NR_symlinkat
    {__NR_symlinkat, "symlinkat"},
#endif
#ifdef __NR_mkdir
    {__NR_mkdir, "mkdir"},
#endif
#ifdef __NR_mkdirat
    {__NR_mkdirat, "mkdirat"},
#endif
#ifdef __NR_mknod
    {__NR_mknod, "mknod"},
#endif
#ifdef __NR_mknodat
    {__NR_mknodat, "mknodat"},
#endif
#ifdef __NR_chmod
    {__NR_chmod, "chmod"},
#endif
#ifdef __NR_fchmod
    {__NR_fchmod, "fchmod"},
#endif
#ifdef __NR_fchmodat
    {__NR_fchmodat, "fchmodat"},
#endif
#ifdef __NR_setxattr
    {__NR_setxattr, "setxattr"},
#endif
#ifdef __NR_lsetxattr
    {__NR_lsetxattr, "lsetxattr"},
#endif
#ifdef __NR_fsetxattr
    {__NR_fsetxattr, "fsetxattr"},
#endif
#ifdef __NR_removexattr
    {__NR_removexattr, "removexattr"},
#endif
#ifdef __NR_lremovexattr
    {__NR_lremovexattr, "lremovexattr"},
#endif
#ifdef __NR_fremovexattr
    {__NR_fremovexattr, "fremovexattr"},
#endif
    {463, "setxattrat"},  // Linux 6.13, the same numbers on every architecture
    {466, "removexattrat"},
    {452, "fchmodat2"},  // Linux 6.6, the same number on every architecture
#ifdef __NR_chown
    {__NR_chown, "chown"},
#endif
#ifdef __NR_fchown
    {__NR_fchown, "fchown"},
#endif
#ifdef __NR_lchown
    {__NR_lchown, "lchown"},
#endif
#ifdef __NR_fchownat
    {__NR_fchownat, "fchownat"},
#endif
#ifdef __NR_truncate
    {__NR_truncate, "truncate"},
#endif
#ifdef __NR_ftruncate
    {__NR_ftruncate, "ftruncate"},
#endif
#ifdef __NR_open_by_handle_at
    {__NR_open_by_handle_at, "open_by_handle_at"},
#endif
#ifdef __NR_sendfile
    {__NR_sendfile, "sendfile"},
#endif
#ifdef __NR_splice
    {__NR_splice, "splice"},
#endif
#ifdef __NR_setuid
    {__NR_setuid, "setuid"},
#endif
#ifdef __NR_setgid
    {__NR_setgid, "setgid"},
#endif
#ifdef __NR_setreuid
    {__NR_setreuid, "setreuid"},
#endif
#ifdef __NR_setregid
    {__NR_setregid, "setregid"},
#endif
#ifdef __NR_setresuid
    {__NR_setresuid, "setresuid"},
#endif
#ifdef __NR_setresgid
    {__NR_setresgid, "setresgid"},
#endif
#ifdef __NR_setfsuid
    {__NR_setfsuid, "setfsuid"},
#endif
#ifdef __NR_setfsgid
    {__NR_setfsgid, "setfsgid"},
#endif
#ifdef __NR_setgroups
    {__NR_setgroups, "setgroups"},
#endif
#ifdef __NR_capset
    {__NR_capset, "capset"},
#endif
#ifdef __NR_ptrace
    {__NR_ptrace, "ptrace"},
#endif
#ifdef __NR_process_vm_readv
    {__NR_process_vm_readv, "process_vm_readv"},
#endif
#ifdef __NR_process_vm_writev
    {__NR_process_vm_writev, "process_vm_writev"},
#endif
#ifdef __NR_kill
    {__NR_kill, "kill"},
#endif
#ifdef __NR_tkill
    {__NR_tkill, "tkill"},
#endif
#ifdef __NR_tgkill
    {__NR_tgkill, "tgkill"},
#endif
#ifdef __NR_rt_sigqueueinfo
    {__NR_rt_sigqueueinfo, "rt_sigqueueinfo"},
#endif
#ifdef __NR_rt_tgsigqueueinfo
    {__NR_rt_tgsigqueueinfo, "rt_tgsigqueueinfo"},
#endif
#ifdef __NR_mmap
    {__NR_mmap, "mmap"},
#endif
#ifdef __NR_mprotect
    {__NR_mprotect, "mprotect"},
#endif
#ifdef __NR_pkey_mprotect
    {__NR_pkey_mprotect, "pkey_mprotect"},
#endif
#ifdef __NR_memfd_create
    {__NR_memfd_create, "memfd_create"},
#endif
#ifdef __NR_init_module
    {__NR_init_module, "init_module"},
#endif
#ifdef __NR_finit_module
    {__NR_finit_module, "finit_module"},
#endif
#ifdef __NR_delete_module
    {__NR_delete_module, "delete_module"},
#endif
#ifdef __NR_bpf
    {__NR_bpf, "bpf"},
#endif
#ifdef __NR_mount
    {__NR_mount, "mount"},
#endif
#ifdef __NR_umount2
    {__NR_umount2, "umount2"},
#endif
#ifdef __NR_pivot_root
    {__NR_pivot_root, "pivot_root"},
#endif
#ifdef __NR_unshare
    {__NR_unshare, "unshare"},
#endif
#ifdef __NR_setns
    {__NR_setns, "setns"},
#endif
#ifdef __NR_chroot
    {__NR_chroot, "chroot"},
#endif
#ifdef __NR_io_uring_setup
    {__NR_io_uring_setup, "io_uring_setup"},
#endif
#ifdef __NR_io_uring_enter
    {__NR_io_uring_enter, "io_uring_enter"},
#endif
    // Newer than some headers; the same number on every architecture.
    {424, "pidfd_send_signal"},
    {428, "open_tree"},
    {429, "move_mount"},
    {432, "fsmount"},
    {442, "mount_setattr"},
    {447, "memfd_secret"},
    {467, "open_tree_attr"},
};

constexpr uint32_t kNumbers = 512;

constexpr std::array<std::string_view, kNumbers> kByNumber = [] {
  std::array<std::string_view, kNumbers> table{};
  for (const Name& name : kNames) {
    if (name.number < kNumbers) table[name.number] = name.name;
  }
  return table;
}();

}  // namespace

std::string_view SyscallName(uint32_t number) {
  return number < kNumbers ? kByNumber[number] : std::string_view();
}

}  // namespace weir
