/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Open files at the functions of the kernel that every way in passes: system calls of 64 and 32 bits,
 * io_uring, open_by_handle_at, core dumps. There is no race for the descriptor here, because none is
 * needed; so rows have no `fd`.
 */
#ifndef WEIR_FILE_TIERS_H
#define WEIR_FILE_TIERS_H

#include "file_open.h"
#include "tiers.h"

static __always_inline void report_file(u16 type, struct file *file, u32 requested)
{
	u32 flags = 0, slot;
	u64 object = type == WEIR_CREATE ? 0 : identity_of(file);
	struct scratch *s = begin(type, current_call(&flags), -1, 1, object, &slot);

	if (!s)
		return;
	s->action.flags = flags;
	s->action.requested = requested;
	s->action.file = (u64)file;
	send_file(slot, put_opened(slot), 0);
	give_back(s);
}

/*
 * What a file system layer opens below the file that was asked for (overlayfs and its like) is not
 * accounted to anybody: the one above is the event.
 */
static __always_inline bool is_own_file(u32 mode)
{
	return !(mode & (FMODE_NOACCOUNT | FMODE_PATH));
}

/* do_dentry_open() is done. O_TRUNC is gone from the flags by then: see opened_for_truncation(). */
static __always_inline void dentry_opened(u64 pointer, u64 result)
{
	struct file *file = CAST(struct file, pointer);
	struct weir_config *config = settings();
	u32 mode = READ(file, f_mode);
	u32 flags = READ(file, f_flags);
	bool created = mode & FMODE_CREATED || flags & O_TMPFILE_BIT;

	if (!config || has_failed(result) || !is_own_file(mode))
		return;
	if (!created && !(mode & FMODE_WRITE) && !config->read_prefixes && !judges(config))
		return;
	if (!(config->classes & WEIR_ON(WEIR_CLASS_FILE)) || !is_reported_kind(READ(file, f_inode)))
		return;
	note_open(config, CURRENT(), file, mode, created);
	if (created || mode & FMODE_WRITE) {
		report_file(created ? WEIR_CREATE : WEIR_OPEN_WRITE, file, 0);
	} else if (config->read_prefixes) {
		u32 ignored = 0;

		report_read(config, CURRENT(), current_call(&ignored), file, -1);
	}
}

/* overlayfs opens the file below from within. */
AT_NESTED_RETURN_1(file_opened, "do_dentry_open", dentry_opened)

/* The last reference is gone, whoever held it: a descriptor, a mapping, a message under way, a ring. */
static __always_inline void last_reference(u64 pointer)
{
	struct file *file = CAST(struct file, pointer);
	u32 mode = READ(file, f_mode);

	if (!(mode & FMODE_WRITE) || !(mode & FMODE_OPENED) || !is_own_file(mode))
		return;
	if (is_reported_kind(READ(file, f_inode)))
		report_file(WEIR_CLOSE_WRITE, file, 0);
}

AT_ENTRY(file_closed, "__fput", last_reference(ctx[0]), last_reference(REGISTER0(ctx)))

#endif
