// SPDX-License-Identifier: Apache-2.0
// Mounts by the old calls and the new ones, in a mount namespace of its own. argv[1]: a folder.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "say.h"

static char one[4096], two[4096], new_root[4096], put_old[4096];

static void said(const char *action, const char *target, const char *source, const char *type) {
  say("mount_events",
      "\"pid\": %d, \"action\": \"%s\", \"error\": 0, \"target\": %s%s%s, "
      "\"mount_source\": %s%s%s, \"type\": %s%s%s",
      getpid(), action, target ? "\"" : "", target ? target : "null", target ? "\"" : "",
      source ? "\"" : "", source ? source : "null", source ? "\"" : "", type ? "\"" : "",
      type ? type : "null", type ? "\"" : "");
}

static void old_calls(void) {
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail("private");
  said("propagation", "/", "none", NULL);
  if (mount("weir-a", one, "tmpfs", MS_NOSUID, "size=64k")) fail("mount");
  said("mount", one, "weir-a", "tmpfs");
  if (mount(NULL, one, NULL, MS_REMOUNT | MS_NOSUID | MS_RDONLY, NULL)) fail("remount");
  said("remount", one, NULL, NULL);
  // A relative name, from the folder that the caller is in.
  if (chdir(one) || chdir("..") || mount("one", "two", NULL, MS_BIND, NULL)) fail("bind");
  said("bind", two, one, NULL);
  if (umount2(two, MNT_DETACH)) fail("umount");
  said("umount", two, NULL, NULL);
  if (mount(one, two, NULL, MS_MOVE, NULL)) fail("move");
  said("move", two, one, NULL);
  if (umount(two)) fail("umount");
  said("umount", two, NULL, NULL);
  if (mount("weir-b", one, "nosuchfs", 0, NULL) == 0) fail("no such file system");
  say("mount_events",
      "\"pid\": %d, \"action\": \"mount\", \"error\": %d, \"target\": \"%s\", "
      "\"type\": \"nosuchfs\"",
      getpid(), ENODEV, one);
}

static void new_calls(void) {
  int context = syscall(SYS_fsopen, "tmpfs", 0), mount_fd, tree;
  struct {
    __u64 set, clear, propagation, userns;
  } attributes = {.set = 2 /* NOSUID */};

  if (context < 0 || syscall(SYS_fsconfig, context, 6 /* CREATE */, NULL, NULL, 0)) fail("fsopen");
  mount_fd = syscall(SYS_fsmount, context, 0, 0);
  if (mount_fd < 0) fail("fsmount");
  said("fsmount", NULL, NULL, "tmpfs");
  if (syscall(SYS_move_mount, mount_fd, "", AT_FDCWD, one, 4 /* F_EMPTY_PATH */))
    fail("move_mount");
  said("move_mount", one, NULL, "tmpfs");
  if (syscall(442 /* mount_setattr */, AT_FDCWD, one, 0, &attributes, sizeof(attributes)) == 0)
    said("mount_setattr", one, NULL, NULL);
  else if (errno != ENOSYS)
    fail("mount_setattr");
  // Without CLONE the tree is only looked at: no row.
  if (syscall(SYS_open_tree, AT_FDCWD, one, 0) < 0) fail("open_tree");
  tree = syscall(SYS_open_tree, AT_FDCWD, one, 1 /* CLONE */);
  if (tree < 0) fail("open_tree");
  said("open_tree", one, NULL, NULL);
}

// Refused where the root is the one that the kernel started with.
static void change_root(void) {
  int error;

  if (mount("weir-root", new_root, "tmpfs", 0, NULL)) fail("mount root");
  said("mount", new_root, "weir-root", "tmpfs");
  if (mkdir(put_old, 0700)) fail("mkdir");
  error = syscall(SYS_pivot_root, new_root, put_old) ? errno : 0;
  if (error && error != EINVAL) fail("pivot_root");
  say("mount_events",
      "\"pid\": %d, \"action\": \"pivot_root\", \"error\": %d, \"target\": \"%s\", "
      "\"mount_source\": \"%s\"",
      getpid(), error, new_root, put_old);
}

int main(int argc, char **argv) {
  if (argc != 2 || unshare(CLONE_NEWNS)) return 64;
  snprintf(one, sizeof(one), "%s/one", argv[1]);
  snprintf(two, sizeof(two), "%s/two", argv[1]);
  snprintf(new_root, sizeof(new_root), "%s/root", argv[1]);
  snprintf(put_old, sizeof(put_old), "%s/root/old", argv[1]);
  if (mkdir(one, 0700) || mkdir(two, 0700) || mkdir(new_root, 0700)) fail("mkdir");
  old_calls();
  new_calls();
  change_root();
  return 0;
}
