/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which argument of which system call means what. One program serves many calls with this table,
 * because each program costs start-up time. Numbers are native; what a processor lacks is left out.
 */
#ifndef WEIR_FILE_CALLS_H
#define WEIR_FILE_CALLS_H

#include <asm/unistd.h>

#include "syscall.h"
#include "weir.h"

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

#endif
