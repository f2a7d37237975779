/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is done to names, from the kernel's own objects. A security_path_ function has folder and mount
 * but not the outcome, the vfs_ function behind it has the outcome but no mount. So the first keeps
 * what the second reports. overlayfs calls vfs_ functions once more for the layer below, before its
 * own has returned: what was kept is reported by the first that succeeds, and only once.
 */
#ifndef WEIR_FILE_NAMES_H
#define WEIR_FILE_NAMES_H

#include "file_calls.h"
#include "tiers.h"

#define NAME_MAX 255
#define RENAME_EXCHANGE 2

struct kept_names {
	u64 folder, mount, entry; /* dentry, vfsmount, dentry */
	u64 to_folder, to_mount, to_entry;
	u64 text; /* SYMLINK: what it will point to */
	u64 inode; /* UNLINK: its caller holds it until after vfs_unlink() */
	u64 replaced; /* RENAME: identity of the file that the new name has been another's */
	u32 requested;
	u16 type;
	/* Of `entry` and `to_entry`: afterwards a rename's have other ones, and what is removed may have
	 * none any more. */
	u16 length, to_length;
	u8 name[NAME_MAX + 1];
	u8 to_name[NAME_MAX + 1];
};

/* LRU: what fails after security_path_ stays until the thread's next. Full: the oldest is missed. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct kept_names);
} kept_names SEC(".maps");

struct names {
	u16 type;
	u32 requested;
	u64 path, entry; /* struct path of the folder, dentry */
	u64 to_path, to_entry;
	u64 text;
};

static __always_inline u16 keep_name(u8 *to, struct dentry *entry)
{
	u64 length = READ(entry, d_name.len);

	KEEP(length);
	if (length > NAME_MAX)
		return 0;
	bpf_probe_read_kernel(to, length, READ(entry, d_name.name));
	return length;
}

static __always_inline void keep_names(const struct names *names)
{
	struct path *path = CAST(struct path, names->path);
	struct path *to_path = CAST(struct path, names->to_path);
	struct dentry *entry = CAST(struct dentry, names->entry);
	struct weir_config *config = settings();
	u64 thread = bpf_get_current_pid_tgid();
	struct kept_names *kept;
	struct scratch *s;
	u32 slot;

	if (!config || !in_scope(config, CURRENT(), WEIR_CLASS_FILE))
		return;
	s = take_scratch(&slot);
	if (!s) {
		/* It may still fail, and be none. */
		u32 rows = names->type == WEIR_RENAME && names->requested & RENAME_EXCHANGE ? 2 : 1;

		count_rows(WEIR_CLASS_FILE, WEIR_SEEN, rows);
		count_rows(WEIR_CLASS_FILE, WEIR_LOST_MAP, rows);
		return;
	}
	kept = (struct kept_names *)s->data;
	kept->folder = (u64)READ(path, dentry);
	kept->mount = (u64)READ(path, mnt);
	kept->entry = names->entry;
	kept->to_folder = (u64)READ(to_path, dentry);
	kept->to_mount = (u64)READ(to_path, mnt);
	kept->to_entry = names->to_entry;
	kept->text = names->text;
	kept->inode = names->type == WEIR_UNLINK ? (u64)READ(entry, d_inode) : 0;
	kept->replaced = 0;
	if (config->classes & WEIR_ON(WEIR_CLASS_BEHAVIOR) && names->to_entry)
		kept->replaced =
			inode_identity(READ(CAST(struct dentry, names->to_entry), d_inode));
	kept->requested = names->requested;
	kept->type = names->type;
	kept->length = keep_name(kept->name, entry);
	kept->to_length = 0;
	if (names->to_entry)
		kept->to_length = keep_name(kept->to_name, CAST(struct dentry, names->to_entry));
	bpf_map_update_elem(&kept_names, &thread, kept, BPF_ANY);
	give_back(s);
}

/* Puts "folder/name"; where the name lies is in s->user_path: a global function takes no pointers. */
__noinline int put_entry(u32 slot, u64 folder, u64 mount, u32 length)
{
	struct scratch *s = scratch_at(slot);
	u32 end;

	if (!s)
		return 0;
	end = s->offset;
	start_string(s);
	put_bytes(s, (const void *)s->user_path, length);
	put_byte(s, '/');
	start_walk(s, (struct dentry *)folder, (struct vfsmount *)mount);
	walk_all(slot);
	return end - s->offset;
}

static __always_inline void note_cut(struct scratch *s, u32 i)
{
	if (s->cut)
		s->action.flags |= WEIR_F_TRUNCATED(i);
}

/*
 * Puts one of two names: the old one or, `to`, the new one. Inline, as all up to put_entry(): kernels
 * before 5.11 add up the stacks of whatever may call each other.
 */
static __always_inline u32 put_kept(struct scratch *s, u32 slot, struct kept_names *kept, bool to)
{
	if (to) {
		s->user_path = (u64)kept->to_name;
		return put_entry(slot, kept->to_folder, kept->to_mount, kept->to_length);
	}
	if (kept->type == WEIR_LINK) {
		/* It has no folder of its own at hand, but it lies on the same mount. */
		u32 end = s->offset;

		start_string(s);
		start_walk(s, (struct dentry *)kept->entry, (struct vfsmount *)kept->to_mount);
		walk_all(slot);
		return end - s->offset;
	}
	s->user_path = (u64)kept->name;
	return put_entry(slot, kept->folder, kept->mount, kept->length);
}

/* One row of two names: from is string 0, to is string 1; `backwards` the other way round. */
static __always_inline void send_kept_pair(struct scratch *s, u32 slot, struct kept_names *kept,
					   bool backwards)
{
	u32 first, second;

	/* The last string is put first. */
	second = put_kept(s, slot, kept, !backwards);
	note_cut(s, 1);
	first = put_kept(s, slot, kept, backwards);
	note_cut(s, 0);
	send_file(slot, first, second);
}

/* The slot of begin(), or -1. Not inline: what it keeps on the stack is gone before paths are walked. */
__noinline int begin_kept(u32 type, u32 call, u32 rows)
{
	u32 slot;

	return begin(type, call, -1, rows, 0, &slot) ? (int)slot : -1;
}

static __always_inline void report_pair(struct kept_names *kept, u16 call, u32 flags)
{
	bool exchange = kept->type == WEIR_RENAME && kept->requested & RENAME_EXCHANGE;
	struct dentry *entry = CAST(struct dentry, kept->entry);
	int slot = begin_kept(kept->type, call, exchange ? 2 : 1);
	struct scratch *s;

	if (slot < 0)
		return;
	s = scratch_at(slot);
	if (!s)
		return;
	s->action.requested = kept->requested;
	s->action.inode = (u64)READ(entry, d_inode);
	if (exchange) {
		flags |= WEIR_F_EXCHANGE;
		s->action.op_id = new_op_id(bpf_ktime_get_boot_ns());
	}
	s->action.flags = flags;
	send_kept_pair(s, slot, kept, false);
	if (exchange) {
		struct dentry *other = CAST(struct dentry, kept->to_entry);

		s->offset = DATA_END;
		s->action.flags = flags;
		s->action.inode = (u64)READ(other, d_inode);
		send_kept_pair(s, slot, kept, true);
	}
	give_back(s);
}

static __always_inline void report_single(struct kept_names *kept, u16 call, u32 flags)
{
	struct dentry *entry = CAST(struct dentry, kept->entry);
	u32 length, text = 0;
	int slot = begin_kept(kept->type, call, 1);
	struct scratch *s;

	if (slot < 0)
		return;
	s = scratch_at(slot);
	if (!s)
		return;
	s->action.flags = flags;
	s->action.requested = kept->requested;
	/* A removed folder may be gone by now. */
	if (kept->type == WEIR_UNLINK)
		s->action.inode = kept->inode;
	else if (kept->type != WEIR_RMDIR)
		s->action.inode = (u64)READ(entry, d_inode);
	if (kept->type == WEIR_SYMLINK)
		text = put_kernel_string(s, (const char *)kept->text);
	length = put_kept(s, slot, kept, false);
	note_cut(s, 0);
	send_file(slot, length, text);
	give_back(s);
}

/* An exchange takes nothing away. Folders that change their name are no files. */
static __always_inline void note_names(struct kept_names *kept)
{
	struct dentry *entry = CAST(struct dentry, kept->entry);
	struct weir_config *config = settings();
	u64 file = kept->inode, folder, old, extension;
	struct inode *inode;
	u32 what;

	if (!config || !judges(config))
		return;
	folder = dentry_name_identity(CAST(struct dentry, kept->folder));
	if (kept->type == WEIR_RMDIR) {
		file_behaved(FOLDER_DELETED, 0, 0, folder, 0);
		return;
	}
	if (kept->type != WEIR_UNLINK && kept->type != WEIR_RENAME)
		return;
	inode = kept->type == WEIR_UNLINK ? CAST(struct inode, file) : READ(entry, d_inode);
	if ((READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return;
	file = inode_identity(inode);
	old = extension_of((u64)kept->name, kept->length);
	if (kept->type == WEIR_UNLINK) {
		file_behaved(FILE_DELETED, file, 0, folder, old);
		return;
	}
	if (kept->requested & RENAME_EXCHANGE)
		return;
	extension = extension_of((u64)kept->to_name, kept->to_length);
	what = FILE_RENAMED | (extension && extension != old ? NEW_EXTENSION : 0);
	file_behaved(what, file, kept->replaced, folder, extension);
}

static __always_inline void names_changed(u16 type, u64 result)
{
	u64 thread = bpf_get_current_pid_tgid();
	struct kept_names *kept = bpf_map_lookup_elem(&kept_names, &thread);
	u32 flags = 0;
	u16 call;

	if (!kept || kept->type != type || has_failed(result))
		return;
	note_names(kept);
	call = current_call(&flags);
	if (type == WEIR_RENAME || type == WEIR_LINK)
		report_pair(kept, call, flags);
	else
		report_single(kept, call, flags);
	bpf_map_delete_elem(&kept_names, &thread);
}

/* mknod's hook is asked by every open that creates, too. */
static __always_inline bool is_open_call(void)
{
	u32 flags = 0;
	u16 call = current_call(&flags);

	if (flags & WEIR_F_COMPAT)
		return false;
#ifdef __NR_open
	if (call == __NR_open || call == __NR_creat)
		return true;
#endif
	return call == __NR_openat || call == 437 /* openat2 */;
}

static __always_inline void keep_one(u16 type, u64 path, u64 entry, u32 requested, u64 text)
{
	struct names names = {
		.type = type,
		.requested = requested,
		.path = path,
		.entry = entry,
		.text = text,
	};

	if (type == WEIR_MKNOD && is_open_call())
		return;
	keep_names(&names);
}

static __always_inline void keep_rename(u64 path, u64 entry, u64 to_path, u64 to_entry, u32 flags)
{
	struct names names = {
		.type = WEIR_RENAME,
		.requested = flags,
		.path = path,
		.entry = entry,
		.to_path = to_path,
		.to_entry = to_entry,
	};

	keep_names(&names);
}

static __always_inline void keep_link(u64 entry, u64 to_path, u64 to_entry)
{
	struct names names = {
		.type = WEIR_LINK,
		.path = to_path,
		.entry = entry,
		.to_path = to_path,
		.to_entry = to_entry,
	};

	keep_names(&names);
}

AT_ENTRY(file_unlink, "security_path_unlink", keep_one(WEIR_UNLINK, ctx[0], ctx[1], 0, 0),
	 keep_one(WEIR_UNLINK, REGISTER0(ctx), REGISTER1(ctx), 0, 0))
AT_ENTRY(file_rmdir, "security_path_rmdir", keep_one(WEIR_RMDIR, ctx[0], ctx[1], 0, 0),
	 keep_one(WEIR_RMDIR, REGISTER0(ctx), REGISTER1(ctx), 0, 0))
AT_ENTRY(file_mkdir, "security_path_mkdir", keep_one(WEIR_MKDIR, ctx[0], ctx[1], ctx[2], 0),
	 keep_one(WEIR_MKDIR, REGISTER0(ctx), REGISTER1(ctx), REGISTER2(ctx), 0))
AT_ENTRY(file_mknod, "security_path_mknod", keep_one(WEIR_MKNOD, ctx[0], ctx[1], ctx[2], 0),
	 keep_one(WEIR_MKNOD, REGISTER0(ctx), REGISTER1(ctx), REGISTER2(ctx), 0))
AT_ENTRY(file_symlinked, "security_path_symlink", keep_one(WEIR_SYMLINK, ctx[0], ctx[1], 0, ctx[2]),
	 keep_one(WEIR_SYMLINK, REGISTER0(ctx), REGISTER1(ctx), 0, REGISTER2(ctx)))
AT_ENTRY(file_rename, "security_path_rename", keep_rename(ctx[0], ctx[1], ctx[2], ctx[3], ctx[4]),
	 keep_rename(REGISTER0(ctx), REGISTER1(ctx), REGISTER2(ctx), REGISTER3(ctx),
		     REGISTER4(ctx)))
AT_ENTRY(file_link, "security_path_link", keep_link(ctx[0], ctx[1], ctx[2]),
	 keep_link(REGISTER0(ctx), REGISTER1(ctx), REGISTER2(ctx)))

#define UNLINKED(result) names_changed(WEIR_UNLINK, result)
#define FOLDER_REMOVED(result) names_changed(WEIR_RMDIR, result)
#define FOLDER_MADE(result) names_changed(WEIR_MKDIR, result)
#define NODE_MADE(result) names_changed(WEIR_MKNOD, result)
#define SYMLINK_MADE(result) names_changed(WEIR_SYMLINK, result)
#define RENAMED(result) names_changed(WEIR_RENAME, result)
#define LINKED(result) names_changed(WEIR_LINK, result)

AT_RESULT(vfs_unlink, "vfs_unlink", UNLINKED)
AT_RESULT(vfs_rmdir, "vfs_rmdir", FOLDER_REMOVED)
/* Returns the folder since 6.15. */
AT_POINTER(vfs_mkdir, "vfs_mkdir", FOLDER_MADE)
AT_RESULT(vfs_mknod, "vfs_mknod", NODE_MADE)
/* Around vfs_rmdir(), which some kernels have inlined there. What was kept is reported once. */
AT_RESULT(do_rmdir, "do_rmdir", FOLDER_REMOVED)
/* mknod() of a regular file. */
AT_RESULT(vfs_create, "vfs_create", NODE_MADE)
AT_RESULT(vfs_symlink, "vfs_symlink", SYMLINK_MADE)
AT_RESULT(vfs_rename, "vfs_rename", RENAMED)
AT_RESULT(vfs_link, "vfs_link", LINKED)

/* ---- attributes by name or descriptor: one function with the path and the outcome ---- */

static __always_inline void path_changed(u16 type, u64 pointer, u32 requested, u64 result)
{
	struct path *path = CAST(struct path, pointer);
	struct dentry *dentry = READ(path, dentry);
	u32 flags = 0, slot, length;
	struct scratch *s;
	u16 call;

	if (has_failed(result))
		return;
	call = current_call(&flags);
	s = begin(type, call, -1, 1, 0, &slot);
	if (!s)
		return;
	s->action.flags = flags;
	s->action.requested = requested;
	s->action.inode = (u64)READ(dentry, d_inode);
	length = put_path(s, slot, dentry, READ(path, mnt));
	note_cut(s, 0);
	send_file(slot, length, 0);
	give_back(s);
}

#define MODE_CHANGED(path, mode, result) path_changed(WEIR_CHMOD, path, (mode)&07777, result)
#define OWNER_CHANGED(path, result) path_changed(WEIR_CHOWN, path, 0, result)
#define TRUNCATED(path, result) path_changed(WEIR_TRUNCATE, path, 0, result)

AT_RETURN_2(file_chmod, "chmod_common", MODE_CHANGED)
AT_RETURN_1(file_chown, "chown_common", OWNER_CHANGED)
AT_RETURN_1(file_truncate, "vfs_truncate", TRUNCATED)

#endif
