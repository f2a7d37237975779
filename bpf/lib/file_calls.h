/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which argument of which system call means what. One program serves many calls with this table,
 * because each program costs start-up time. Numbers are native; what a processor lacks is left out.
 */
#ifndef WEIR_FILE_CALLS_H
#define WEIR_FILE_CALLS_H

#include <asm/unistd.h>

#include "behavior_names.h"
#include "file_event.h"
#include "syscall.h"

#define NO_ARGUMENT 7
#define HERE NO_ARGUMENT /* of a dirfd: the working directory */

/* Indices of arguments. */
struct file_call {
	u8 type;
	u8 dirfd, name;
	u8 to_dirfd, to; /* of two names */
	u8 requested; /* mode or flags */
	u8 size;
	u8 owner; /* uid; the gid is next */
};

#define NONE NO_ARGUMENT
#define CALLS_MAX 512

const volatile struct file_call file_calls[CALLS_MAX] = {
#ifdef __NR_unlink
	[__NR_unlink] = { WEIR_UNLINK, HERE, 0, NONE, NONE, NONE, NONE, NONE },
	[__NR_rmdir] = { WEIR_RMDIR, HERE, 0, NONE, NONE, NONE, NONE, NONE },
	[__NR_mkdir] = { WEIR_MKDIR, HERE, 0, NONE, NONE, 1, NONE, NONE },
	[__NR_mknod] = { WEIR_MKNOD, HERE, 0, NONE, NONE, 1, NONE, NONE },
	[__NR_chmod] = { WEIR_CHMOD, HERE, 0, NONE, NONE, 1, NONE, NONE },
	[__NR_chown] = { WEIR_CHOWN, HERE, 0, NONE, NONE, NONE, NONE, 1 },
	[__NR_lchown] = { WEIR_CHOWN, HERE, 0, NONE, NONE, NONE, NONE, 1 },
	[__NR_rename] = { WEIR_RENAME, HERE, 0, HERE, 1, NONE, NONE, NONE },
	[__NR_link] = { WEIR_LINK, HERE, 0, HERE, 1, NONE, NONE, NONE },
	/* Path is the link, made by `to`; `name` is its text. */
	[__NR_symlink] = { WEIR_SYMLINK, HERE, 0, HERE, 1, NONE, NONE, NONE },
#endif
	[__NR_unlinkat] = { WEIR_UNLINK, 0, 1, NONE, NONE, 2, NONE, NONE },
	[__NR_mkdirat] = { WEIR_MKDIR, 0, 1, NONE, NONE, 2, NONE, NONE },
	[__NR_mknodat] = { WEIR_MKNOD, 0, 1, NONE, NONE, 2, NONE, NONE },
	[__NR_fchmodat] = { WEIR_CHMOD, 0, 1, NONE, NONE, 2, NONE, NONE },
	[452 /* fchmodat2, everywhere */] = { WEIR_CHMOD, 0, 1, NONE, NONE, 2, NONE, NONE },
	[__NR_fchownat] = { WEIR_CHOWN, 0, 1, NONE, NONE, NONE, NONE, 2 },
	[__NR_truncate] = { WEIR_TRUNCATE, HERE, 0, NONE, NONE, NONE, 1, NONE },
#ifdef __NR_renameat
	[__NR_renameat] = { WEIR_RENAME, 0, 1, 2, 3, NONE, NONE, NONE },
#endif
	[__NR_renameat2] = { WEIR_RENAME, 0, 1, 2, 3, 4, NONE, NONE },
	[__NR_linkat] = { WEIR_LINK, 0, 1, 2, 3, 4, NONE, NONE },
	[__NR_symlinkat] = { WEIR_SYMLINK, HERE, 0, 1, 2, NONE, NONE, NONE },
	/* `to` is the attribute's name. Without `name`: by descriptor. */
	[__NR_setxattr] = { WEIR_ATTRIBUTES, HERE, 0, NONE, 1, NONE, NONE, NONE },
	[__NR_lsetxattr] = { WEIR_ATTRIBUTES, HERE, 0, NONE, 1, NONE, NONE, NONE },
	[__NR_fsetxattr] = { WEIR_ATTRIBUTES, 0, NONE, NONE, 1, NONE, NONE, NONE },
	[463 /* setxattrat, everywhere */] = { WEIR_ATTRIBUTES, 0, 1, NONE, 3, NONE, NONE, NONE },
	[__NR_removexattr] = { WEIR_ATTRIBUTES, HERE, 0, NONE, 1, NONE, NONE, NONE },
	[__NR_lremovexattr] = { WEIR_ATTRIBUTES, HERE, 0, NONE, 1, NONE, NONE, NONE },
	[__NR_fremovexattr] = { WEIR_ATTRIBUTES, 0, NONE, NONE, 1, NONE, NONE, NONE },
	[466 /* removexattrat */] = { WEIR_ATTRIBUTES, 0, 1, NONE, 3, NONE, NONE, NONE },
	/* By descriptor: the kernel knows the path. */
	[__NR_fchmod] = { WEIR_CHMOD, 0, NONE, NONE, NONE, 1, NONE, NONE },
	[__NR_fchown] = { WEIR_CHOWN, 0, NONE, NONE, NONE, NONE, NONE, NONE },
	[__NR_ftruncate] = { WEIR_TRUNCATE, 0, NONE, NONE, NONE, NONE, NONE, NONE },
};

static __always_inline u64 argument(struct pt_regs *regs, u32 index, u64 otherwise)
{
	switch (index) {
	case 0:
		return ARG0(regs);
	case 1:
		return ARG1(regs);
	case 2:
		return ARG2(regs);
	case 3:
		return ARG3(regs);
	case 4:
		return ARG4(regs);
	}
	return otherwise;
}

/* What the call asked, but for the names. */
static __always_inline void note_arguments(struct scratch *s, struct pt_regs *regs, u32 requested,
					   u32 size, u32 owner)
{
	s->action.requested = argument(regs, requested, 0);
	s->action.size = argument(regs, size, 0);
	if (owner != NO_ARGUMENT) {
		s->action.owner_uid = argument(regs, owner, -1);
		s->action.owner_gid = argument(regs, owner + 1, -1);
	}
}

/* An exchange takes nothing away. */
static __always_inline void note_pair(u32 slot, u32 length, u32 destination)
{
	struct scratch *s = scratch_at(slot);

	if (s && s->action.type == WEIR_RENAME && !(s->action.flags & WEIR_F_EXCHANGE))
		note_renamed(slot, length, destination);
}

/* One row of an action on two names: from is string 0, to is string 1. */
__noinline int send_pair(u32 slot, u64 dirfds, u64 from, u64 to)
{
	u32 length, destination;

	destination = put_named(slot, 1, (int)dirfds, to);
	length = put_named(slot, 0, (int)(dirfds >> 32), from);
	note_pair(slot, length, destination);
	return send_file(slot, length, destination);
}

#endif
