/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From something that was done to a file to its record. */
#ifndef WEIR_FILE_EVENT_H
#define WEIR_FILE_EVENT_H

#include "kernel_types.h"

/* What happened, before it is a record. */
struct file_action {
	u64 file; /* struct file, which tells the rest; 0: none */
	u64 inode; /* without a file: struct inode; 0: only names are known */
	u64 op_id;
	u64 size;
	u64 time;
	u32 count;
	u32 flags;
	int fd;
	u32 requested;
	u32 owner_uid, owner_gid; /* without a file: as asked for; -1 unknown */
	u16 type;
	u16 syscall;
};

#define SCRATCH_STRINGS 2 /* path and destination */
#define SCRATCH_ACTION file_action
#define SLOTS 8

#include "behavior_files.h"
#include "economy.h"
#include "filter.h"
#include "header.h"
#include "path.h"

/*
 * Devices that programs write to all the time without changing anything: null, zero, full, random,
 * urandom and terminals. Other devices (disks, mem, kmsg, tun, ...) and regular files are reported;
 * pipes and sockets are not files to us.
 */
static __always_inline bool is_reported_kind(struct inode *inode)
{
	u32 kind = READ(inode, i_mode) & S_IFMT;
	u32 device, major, minor;

	if (kind != S_IFCHR)
		return kind == S_IFREG || kind == S_IFBLK;
	device = READ(inode, i_rdev);
	major = device >> 20;
	minor = device & 0xfffff;
	if (major == 1)
		return minor != 3 && minor != 5 && minor != 7 && minor != 8 && minor != 9;
	return major != 4 && major != 5 && (major < 136 || major > 143);
}

static __always_inline void fill_file(struct weir_file_event *e, const struct file_action *action)
{
	struct file *file = CAST(struct file, action->file);
	struct inode *inode = CAST(struct inode, action->inode);

	e->file = action->file;
	e->fd = action->fd;
	e->requested = action->requested;
	e->pad = 0;
	e->open_flags = 0;
	if (!action->file && !action->inode) {
		e->dev = e->ino = 0;
		e->size = action->size;
		e->atime = e->mtime = e->ctime = 0;
		e->mode = 0;
		e->owner_uid = action->owner_uid;
		e->owner_gid = action->owner_gid;
		e->nlink = 0;
		return;
	}
	if (action->file) {
		inode = READ(file, f_inode);
		e->open_flags = READ(file, f_flags);
	}
	e->dev = READ(inode, i_sb, s_dev);
	e->ino = READ(inode, i_ino);
	e->size = READ(inode, i_size);
	inode_times(inode, &e->atime, &e->mtime, &e->ctime);
	e->mode = READ(inode, i_mode);
	e->owner_uid = READ(inode, i_uid.val);
	e->owner_gid = READ(inode, i_gid.val);
	e->nlink = READ(inode, i_nlink);
	if (e->nlink == 0)
		e->h.flags |= WEIR_F_DELETED;
}

/*
 * The exclusion whose prefix the string at s->offset lies below. A caller's string that climbs is
 * never excluded by its prefix, or `/excluded/../etc/passwd` would hide. A symbolic link inside an
 * excluded directory still does. Renames and links are left to the stream, which knows both names:
 * what moves out of an excluded directory must be seen.
 */
static __always_inline struct weir_exclusion *path_excluded(struct scratch *s, u32 slot, u32 length)
{
	struct weir_config *config = settings();
	struct weir_exclusion *entry;

	if (!config || !config->not_prefixes)
		return NULL;
	if (s->action.type == WEIR_RENAME || s->action.type == WEIR_LINK)
		return NULL;
	make_prefix_key(s, length);
	entry = bpf_map_lookup_elem(&weir_not_prefixes, &s->prefix);
	if (!excludes(entry, WEIR_CLASS_FILE))
		return NULL;
	return !(s->action.flags & WEIR_F_USER(0)) || !climbs(slot) ? entry : NULL;
}

/*
 * Completes the record of s->action in front of its strings and sends it. Global, like all that is
 * called from many programs: the verifier's time is start-up time.
 */
__noinline int send_file(u32 slot, u32 length, u32 destination)
{
	struct scratch *s = scratch_at(slot);
	struct weir_exclusion *entry;
	struct weir_file_event *e;
	u64 size, at;

	if (!s)
		return 0;
	entry = path_excluded(s, slot, length);
	if (entry) {
		count_excluded(entry, WEIR_CLASS_FILE, 1);
		return 0;
	}
	at = s->offset;
	at -= sizeof(*e);
	KEEP(at);
	if (at > DATA_END) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return 0;
	}
	e = (struct weir_file_event *)&s->data[at];
	fill_header(&e->h, CURRENT(), s->action.type, s->action.syscall, s->action.flags,
		    s->action.time);
	e->h.count = s->action.count;
	e->h.op_id = s->action.op_id;
	e->h.string_length[0] = length;
	e->h.string_length[1] = destination;
	fill_file(e, &s->action);
	if (e->h.flags & WEIR_F_FAULT)
		count(WEIR_CLASS_FILE, WEIR_PAGE_FAULT);
	size = DATA_END - at;
	KEEP(size);
	if (size > DATA_END) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return 0;
	}
	SUBMIT(weir_noise, 1, WEIR_CLASS_FILE, e, size, s->action.time);
	return 0;
}

/*
 * Scratch for an action that is seen, not excluded and no repeat; NULL: nothing to do, all is counted.
 * `object`: see identity_of(); 0: it cannot be repeated.
 */
static __always_inline struct scratch *begin_by(struct task_struct *task, u16 type, u16 syscall,
						int fd, u32 rows, u64 object, u32 *slot)
{
	struct weir_config *config = settings();
	struct scratch *s;
	u32 count = 1;

	if (!config || !wanted(config, task, WEIR_CLASS_FILE, rows) ||
	    !within_rate(config, task, WEIR_CLASS_FILE, rows))
		return NULL;
	if (object)
		count = stands_for(config, task, WEIR_CLASS_FILE, type, object);
	if (!count)
		return NULL;
	s = take_scratch(slot);
	if (!s) {
		count_rows(WEIR_CLASS_FILE, WEIR_LOST_MAP, rows);
		return NULL;
	}
	s->action.file = 0;
	s->action.inode = 0;
	s->action.op_id = 0;
	s->action.time = bpf_ktime_get_boot_ns();
	s->action.count = count;
	s->action.size = 0;
	s->action.flags = 0;
	s->action.fd = fd;
	s->action.requested = 0;
	s->action.owner_uid = s->action.owner_gid = -1;
	s->action.type = type;
	s->action.syscall = syscall;
	return s;
}

static __always_inline struct scratch *begin(u16 type, u16 syscall, int fd, u32 rows, u64 object,
					     u32 *slot)
{
	return begin_by(CURRENT(), type, syscall, fd, rows, object, slot);
}

/* Puts the path of s->action.file as the record's first string; returns its length. */
__noinline int put_opened(u32 slot)
{
	struct scratch *s = scratch_at(slot);
	struct file *file;
	u32 length;

	if (!s)
		return 0;
	file = CAST(struct file, s->action.file);
	length = PUT_PATH(s, slot, file, f_path);
	if (s->cut)
		s->action.flags |= WEIR_F_TRUNCATED(0);
	return length;
}

/* Puts the path that the caller named as string i of the record; returns its length. */
__noinline int put_named(u32 slot, u32 i, int dirfd, u64 name)
{
	struct scratch *s = scratch_at(slot);
	u32 end;

	if (!s)
		return 0;
	end = s->offset;
	s->dirfd = dirfd;
	s->user_path = name;
	put_user_path(slot);
	if (s->from_user)
		s->action.flags |= i ? WEIR_F_USER(1) : WEIR_F_USER(0);
	if (s->cut || s->fault)
		s->action.flags |= i ? WEIR_F_TRUNCATED(1) : WEIR_F_TRUNCATED(0);
	if (s->fault)
		s->action.flags |= WEIR_F_FAULT;
	return end - s->offset;
}

/* Reports an action on an open file, whose path the kernel knows. */
static __always_inline void report_opened(struct task_struct *task, u16 type, u16 syscall,
					  struct file *file, int fd, u32 requested)
{
	u32 slot;
	bool repeats = type == WEIR_CLOSE_WRITE || type == WEIR_OPEN_READ;
	u64 object = repeats ? identity_of(file) : 0;
	struct scratch *s = begin_by(task, type, syscall, fd, 1, object, &slot);

	if (!s)
		return;
	s->action.requested = requested;
	s->action.file = (u64)file;
	send_file(slot, put_opened(slot), 0);
	give_back(s);
}

#endif
