/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From something that was done to a file to its record. */
#ifndef WEIR_FILE_EVENT_H
#define WEIR_FILE_EVENT_H

#include "filter.h"
#include "header.h"
#include "path.h"

#define FMODE_WRITE 0x2
#define FMODE_PATH 0x4000
#define FMODE_CREATED 0x100000
#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFCHR 0020000
#define S_IFSOCK 0140000

/* What happened, before it is a record. Facts of the file itself come from `file` or `inode`. */
struct file_action {
	u16 type;
	u16 syscall;
	u32 flags;
	int fd;
	u32 requested;
	u64 op_id;
	struct file *file; /* NULL: only the caller's string is known */
	u32 owner_uid, owner_gid; /* without a file: as asked for; -1 unknown */
	u64 size;
};

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
	struct inode *inode;

	e->file = (u64)action->file;
	e->fd = action->fd;
	e->requested = action->requested;
	e->pad = 0;
	if (!action->file) {
		e->dev = e->ino = 0;
		e->size = action->size;
		e->atime = e->mtime = e->ctime = 0;
		e->mode = 0;
		e->owner_uid = action->owner_uid;
		e->owner_gid = action->owner_gid;
		e->nlink = 0;
		e->open_flags = 0;
		return;
	}
	inode = READ(action->file, f_inode);
	e->dev = READ(inode, i_sb, s_dev);
	e->ino = READ(inode, i_ino);
	e->size = READ(inode, i_size);
	inode_times(inode, &e->atime, &e->mtime, &e->ctime);
	e->mode = READ(inode, i_mode);
	e->owner_uid = READ(inode, i_uid.val);
	e->owner_gid = READ(inode, i_gid.val);
	e->nlink = READ(inode, i_nlink);
	e->open_flags = READ(action->file, f_flags);
	if (e->nlink == 0)
		e->h.flags |= WEIR_F_DELETED;
}

/*
 * Whether the string at s->offset lies below an excluded prefix. A caller's string that climbs is
 * never excluded by its prefix, or `/excluded/../etc/passwd` would hide. A symbolic link inside an
 * excluded directory still does.
 */
static __always_inline bool path_excluded(struct weir_config *config, struct scratch *s, u32 slot,
					  u32 length, bool from_user)
{
	if (!config->not_prefixes)
		return false;
	make_prefix_key(s, length);
	if (!names_class(bpf_map_lookup_elem(&weir_not_prefixes, &s->prefix), WEIR_CLASS_FILE))
		return false;
	return !from_user || !climbs(s, slot);
}

/* Completes the record in front of the strings (path and destination lengths) and sends it. */
static __always_inline void send_file(struct weir_config *config, struct task_struct *task,
				      struct scratch *s, u32 slot, const struct file_action *action,
				      u32 length, u32 destination)
{
	struct weir_file_event *e;
	u64 now, size, at;

	if (path_excluded(config, s, slot, length, action->flags & WEIR_F_USER(0))) {
		count(WEIR_CLASS_FILE, WEIR_EXCLUDED);
		return;
	}
	at = s->offset;
	at -= sizeof(*e);
	KEEP(at);
	if (at > DATA_END) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return;
	}
	e = (struct weir_file_event *)&s->data[at];
	now = bpf_ktime_get_boot_ns();
	fill_header(&e->h, task, action->type, action->syscall, action->flags, now);
	e->h.op_id = action->op_id;
	e->h.string_length[0] = length;
	e->h.string_length[1] = destination;
	fill_file(e, action);
	if (e->h.flags & WEIR_F_FAULT)
		count(WEIR_CLASS_FILE, WEIR_PAGE_FAULT);
	size = DATA_END - at;
	KEEP(size);
	if (size > DATA_END) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return;
	}
	SUBMIT(weir_noise, 1, WEIR_CLASS_FILE, e, size, now);
}

/* Reports an action on an open file, whose path the kernel knows. */
static __always_inline void report_file(struct weir_config *config, struct task_struct *task,
					struct file_action *action)
{
	struct scratch *s;
	u32 slot, length;

	if (!wanted(config, task, WEIR_CLASS_FILE, 1))
		return;
	s = take_scratch(&slot);
	if (!s) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return;
	}
	length = PUT_PATH(s, slot, action->file, f_path);
	if (s->cut)
		action->flags |= WEIR_F_TRUNCATED(0);
	send_file(config, task, s, slot, action, length, 0);
	give_back(s);
}

/* Puts the path that the caller named as string i of the record; returns its length. */
static __always_inline u32 put_named(struct scratch *s, u32 slot, struct file_action *action, int i,
				     int dirfd, u64 name)
{
	u32 end = s->offset;

	s->dirfd = dirfd;
	s->user_path = name;
	put_user_path(slot);
	if (s->from_user)
		action->flags |= WEIR_F_USER(i);
	if (s->cut)
		action->flags |= WEIR_F_TRUNCATED(i);
	if (s->fault)
		action->flags |= WEIR_F_FAULT;
	return end - s->offset;
}

/* Reports an action on a name; nobody but the caller says which. */
static __always_inline void report_named(struct weir_config *config, struct task_struct *task,
					 struct file_action *action, int dirfd, u64 name)
{
	struct scratch *s;
	u32 slot, length;

	if (!wanted(config, task, WEIR_CLASS_FILE, 1))
		return;
	s = take_scratch(&slot);
	if (!s) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return;
	}
	length = put_named(s, slot, action, 0, dirfd, name);
	send_file(config, task, s, slot, action, length, 0);
	give_back(s);
}

/* One row of an action on two names: from is string 0, to is string 1. `seen` is the caller's. */
static __always_inline void send_pair(struct weir_config *config, struct task_struct *task,
				      struct file_action *action, int from_dirfd, u64 from,
				      int to_dirfd, u64 to)
{
	u32 slot, length, destination;
	struct scratch *s = take_scratch(&slot);

	if (!s) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return;
	}
	destination = put_named(s, slot, action, 1, to_dirfd, to);
	length = put_named(s, slot, action, 0, from_dirfd, from);
	send_file(config, task, s, slot, action, length, destination);
	give_back(s);
}

#endif
