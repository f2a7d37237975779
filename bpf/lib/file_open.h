/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* OPEN_WRITE, CREATE, OPEN_READ, TRUNCATE: a descriptor was made. */
#ifndef WEIR_FILE_OPEN_H
#define WEIR_FILE_OPEN_H

#include "file_event.h"
#include "syscall.h"

#define O_ACCMODE 03
#define O_WRONLY 01
#define O_CREAT 0100
#define O_EXCL 0200
#define O_TRUNC 01000
#define O_PATH 010000000
#define O_TMPFILE_BIT 020000000

/* Of names longer than this only the end is compared. */
#define COMPARED 48

/* Whether the file's own name ends the string of `size` bytes in the slack. */
static __always_inline bool is_named(struct scratch *s, struct file *file, u64 size)
{
	u64 name = (u64)READ(file, f_path.dentry, d_name.name);
	u64 length = READ(file, f_path.dentry, d_name.len);
	u64 at = size - length;
	u8 *asked = &s->data[SLACK];
	u8 difference = 0;
	u8 real[COMPARED];

	if (size < length)
		return false;
	if (at > 0)
		difference = asked[(at - 1) & (WEIR_PATH_MAX - 1)] ^ '/';
	if (length > COMPARED) {
		name += length - COMPARED;
		length = COMPARED;
	}
	at = size - length;
	KEEP(length);
	if (length > COMPARED)
		return false;
	bpf_probe_read_kernel(real, length, (void *)name);
	for (u64 i = 0; i < COMPARED; i++) {
		if (i >= length)
			break;
		difference |= asked[(at + i) & (WEIR_PATH_MAX - 1)] ^ real[i];
	}
	return difference == 0;
}

/*
 * Another thread may have closed the descriptor, or put another file there, before this program
 * ran. Only processes that share their table can, so the others pay nothing for this check. The
 * name differs, too, when the last component was a symbolic link; then the caller's path is the
 * honest answer as well, because nobody here can tell the two cases apart.
 */
__noinline int other_file(u32 slot, u64 name, u32 fd)
{
	struct task_struct *task = CURRENT();
	struct scratch *s = scratch_at(slot);
	struct file *file = file_of(task, fd);
	long size;

	if (!s || !file)
		return 1;
	size = bpf_probe_read_user_str(&s->data[SLACK], WEIR_PATH_MAX, (void *)name);
	if (size < 0)
		count(WEIR_CLASS_FILE, WEIR_PAGE_FAULT);
	if (size <= 1 || size > WEIR_PATH_MAX)
		return 0;
	return !is_named(s, file, size - 1);
}

static __always_inline bool is_read_wanted(struct scratch *s, u32 length)
{
	make_prefix_key(s, length);
	return names_class(bpf_map_lookup_elem(&weir_read_prefixes, &s->prefix), WEIR_CLASS_FILE);
}

/* A read is an event below configured prefixes only, so its path is needed to know its scope. */
static __always_inline void report_read(struct weir_config *config, struct task_struct *task,
					u16 syscall, struct file *file, int fd)
{
	struct scratch *s;
	u32 slot, length;
	bool is_wanted;

	if (!in_scope(config, task, WEIR_CLASS_FILE))
		return;
	s = take_scratch(&slot);
	if (!s) {
		/* Whether it is wanted cannot be told any more. */
		count(WEIR_CLASS_FILE, WEIR_SEEN);
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return;
	}
	length = PUT_PATH(s, slot, file, f_path);
	is_wanted = is_read_wanted(s, length);
	give_back(s);
	/* Walks once more: reads that are wanted are few. */
	if (is_wanted)
		report_opened(task, WEIR_OPEN_READ, syscall, file, fd, 0);
}

/* A write or create whose descriptor no longer shows the file. */
static __always_inline bool lost_race(struct task_struct *task, struct file *file, u32 flags,
				      u32 slot, u64 name, u32 fd)
{
	if (!file)
		return true;
	if (!shares_descriptors(task) || flags & O_TMPFILE_BIT)
		return false;
	if (flags & O_ACCMODE && !(READ(file, f_mode) & FMODE_WRITE))
		return true;
	return other_file(slot, name, fd);
}

static __always_inline void report_write(struct task_struct *task, u16 type, u16 syscall,
					 struct file *file, int fd, u32 flags, int dirfd, u64 name)
{
	u32 slot, length;
	/* What the descriptor shows may be another file: then a repeat of that is no repeat. */
	u64 object = file && !shares_descriptors(task) && type == WEIR_OPEN_WRITE
			     ? identity_of(file)
			     : 0;
	struct scratch *s = begin_by(task, type, syscall, fd, 1, object, &slot);

	if (!s)
		return;
	if (lost_race(task, file, flags, slot, name, fd)) {
		/* What the descriptor shows now is not what was opened: say nothing about it. */
		if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
			s->action.type = WEIR_CREATE;
		length = put_named(slot, 0, dirfd, name);
	} else {
		s->action.file = (u64)file;
		length = put_opened(slot);
	}
	send_file(slot, length, 0);
	give_back(s);
}

#define O_CHANGES (O_ACCMODE | O_CREAT | O_TRUNC)

static __always_inline int opened(struct syscall_exit *ctx, struct task_struct *task, u32 flags,
				  int dirfd, u64 name)
{
	struct weir_config *config = settings();
	u16 type = WEIR_OPEN_WRITE;
	struct file *file;
	u32 mode;

	if (!config || (!(flags & O_CHANGES) && !config->read_prefixes && !judges(config)))
		return 0;
	if (!(config->classes & WEIR_ON(WEIR_CLASS_FILE)) || flags & O_PATH)
		return 0;
	file = file_of(task, ctx->ret);
	if (file) {
		if (!is_reported_kind(READ(file, f_inode)))
			return 0;
		mode = READ(file, f_mode);
		if (mode & FMODE_CREATED || flags & O_TMPFILE_BIT)
			type = WEIR_CREATE;
		else if (flags & O_TRUNC && !(flags & O_ACCMODE))
			type = WEIR_TRUNCATE; /* O_RDONLY | O_TRUNC empties the file all the same */
		else if (!(mode & FMODE_WRITE) && !(flags & O_ACCMODE))
			type = WEIR_OPEN_READ;
		note_open(config, task, file, mode, type == WEIR_CREATE);
	} else if (!(flags & O_ACCMODE)) {
		return 0;
	}
	if (type != WEIR_OPEN_READ)
		report_write(task, type, ctx->id, file, ctx->ret, flags, dirfd, name);
	else if (config->read_prefixes)
		report_read(config, task, ctx->id, file, ctx->ret);
	return 0;
}

/* openat2's flags lie in user memory, where they may change; the file's own mode decides. */
static __always_inline u32 openat2_flags(struct task_struct *task, u64 how, u32 fd)
{
	struct file *file = file_of(task, fd);
	u64 flags = 0;
	u32 mode;

	if (bpf_probe_read_user(&flags, sizeof(flags), (void *)how))
		count(WEIR_CLASS_FILE, WEIR_PAGE_FAULT);
	if (!file)
		return flags;
	mode = READ(file, f_mode);
	flags &= ~(u64)(O_ACCMODE | O_PATH);
	if (mode & FMODE_WRITE)
		flags |= 02;
	if (mode & FMODE_PATH)
		flags |= O_PATH;
	if (mode & FMODE_CREATED)
		flags |= O_CREAT;
	return flags;
}

#endif
