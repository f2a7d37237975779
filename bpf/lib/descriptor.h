/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From a file descriptor to what it leads to. */
#ifndef WEIR_DESCRIPTOR_H
#define WEIR_DESCRIPTOR_H

#include "compat.h"

#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_PATH 0x4000
#define FMODE_OPENED 0x80000
#define FMODE_CREATED 0x100000
#define FMODE_NOACCOUNT 0x20000000
#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFCHR 0020000
#define S_IFSOCK 0140000

/* The file behind a descriptor of the task, or NULL. It may have changed since the call used it. */
static __always_inline struct file *file_of(struct task_struct *task, u32 fd)
{
	struct fdtable *table = READ(task, files, fdt);

	if (fd >= READ(table, max_fds))
		return NULL;
	return CAST(struct file, LOAD_POINTER((u64)READ(table, fd) + fd * 8ull));
}

static __always_inline bool shares_descriptors(struct task_struct *task)
{
	return READ(task, files, count.counter) > 1;
}

#endif
