/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Paths as text, written backwards into scratch. A path is the one in the caller's mount namespace,
 * seen from that namespace's root: a chroot does not shorten it, so a chrooted process cannot pass
 * a file off as another.
 */
#ifndef WEIR_PATH_H
#define WEIR_PATH_H

#include "descriptor.h"
#include "scratch.h"

#define AT_FDCWD (-100)
/* Per call of walk_some(); the verifier walks each of them. */
#define COMPONENTS_A_CALL 16
/* Longer names are rare. */
#define COPIED_BY_WORDS 32
#define CALLS_A_PATH (WEIR_PATH_MAX / 2 / COMPONENTS_A_CALL)

/*
 * Copies a name, up to 255 bytes, into scratch. Directly by words: a helper's call costs several times the loads of a common name.
 */
static __always_inline void copy_name(u8 *to, const unsigned char *name, u64 length)
{
#ifdef WEIR_DIRECT
	if (length <= COPIED_BY_WORDS) {
		u64 from = (u64)name, mask = ~0ull;

		if (length < 8) {
			/* What lies behind the name is the path's already. */
			mask = (1ull << (length * 8)) - 1;
			*(u64 *)to = (*(u64 *)to & ~mask) | (LOAD_NUMBER(from) & mask);
			return;
		}
		*(u64 *)to = LOAD_NUMBER(from);
		if (length > 16)
			*(u64 *)(to + 8) = LOAD_NUMBER(from + 8);
		if (length > 24)
			*(u64 *)(to + 16) = LOAD_NUMBER(from + 16);
		/* The last word overlaps the one before. */
		to += length - 8;
		*(u64 *)to = LOAD_NUMBER(from + length - 8);
		return;
	}
#endif
	bpf_probe_read_kernel(to, length, name);
}

/*
 * Goes up some components from s->dentry. Returns 1 when there are more. A global function is
 * verified once, not at every call; it takes a number, as kernels before 5.13 want it.
 */
__noinline int walk_some(u32 slot)
{
	struct scratch *s = scratch_at(slot);
	struct dentry *dentry;
	struct mount *mount;

	if (!s)
		return 0;
	dentry = CAST(struct dentry, s->dentry);
	mount = CAST(struct mount, s->mount);
	for (int i = 0; i < COMPONENTS_A_CALL; i++) {
		struct dentry *parent = READ(dentry, d_parent);
		struct dentry *root = READ(mount, mnt.mnt_root);
		u64 offset = s->offset;
		u64 length;
		u8 *to;

		if (dentry == root) {
			struct mount *above = READ(mount, mnt_parent);

			if (above == mount)
				return 0;
			dentry = READ(mount, mnt_mountpoint);
			mount = above;
			continue;
		}
		length = READ(dentry, d_name.len);
		if (length > 255)
			length = 255;
		/* Disconnected dentries are their own parents: "/" for want of a name, memfds have one. */
		if (dentry == parent && length <= 1)
			return 0;
		if (offset < s->limit + length + 1) {
			s->cut = 1;
			return 0;
		}
		offset -= length + 1;
		KEEP(offset);
		if (offset > DATA_END)
			return 0;
		to = &s->data[offset];
		KEEP(to);
		to[0] = '/';
		copy_name(to + 1, READ(dentry, d_name.name), length);
		s->offset = offset;
		if (dentry == parent)
			return 0;
		dentry = parent;
	}
	s->dentry = (u64)dentry;
	s->mount = (u64)mount;
	return 1;
}

/* Writes s->dentry's path in front of what is there. */
__noinline int walk_all(u32 slot)
{
	struct scratch *s = scratch_at(slot);

	for (int i = 0; i < CALLS_A_PATH; i++) {
		if (!walk_some(slot))
			return 0;
	}
	if (s)
		s->cut = 1;
	return 0;
}

static __always_inline void start_string(struct scratch *s)
{
	u32 offset = s->offset;

	s->cut = 0;
	s->fault = 0;
	s->from_user = 0;
	s->limit = offset > WEIR_PATH_MAX ? offset - WEIR_PATH_MAX : 0;
}

static __always_inline void put_byte(struct scratch *s, char byte)
{
	u64 offset = s->offset;

	offset--;
	KEEP(offset);
	if (offset < DATA_END) {
		s->data[offset] = byte;
		s->offset = offset;
	}
}

static __always_inline void start_walk(struct scratch *s, struct dentry *dentry,
				       struct vfsmount *vfsmount)
{
	s->dentry = (u64)dentry;
	s->mount = (u64)vfsmount;
	/* Only once in memory it is a number to subtract from. */
	barrier();
	s->mount -= bpf_core_field_offset(struct mount, mnt);
}

/* Puts a kernel path; returns its length. */
static __always_inline u32 put_path(struct scratch *s, u32 slot, struct dentry *dentry,
				    struct vfsmount *vfsmount)
{
	u32 end = s->offset;

	start_string(s);
	start_walk(s, dentry, vfsmount);
	walk_all(slot);
	if (s->offset == end && !s->cut)
		put_byte(s, '/');
	return end - s->offset;
}

#define PUT_PATH(s, slot, ptr, field)                                                              \
	put_path(s, slot, READ(ptr, field.dentry), READ(ptr, field.mnt))

/* Copies `length` bytes of kernel memory in front of what is there. */
static __always_inline void put_bytes(struct scratch *s, const void *from, u64 length)
{
	u64 offset = s->offset;

	KEEP(length);
	if (length > WEIR_PATH_MAX || offset < length)
		return;
	offset -= length;
	KEEP(offset);
	if (offset > DATA_END)
		return;
	bpf_probe_read_kernel(&s->data[offset], length, from);
	s->offset = offset;
}

static __always_inline u32 put_kernel_string(struct scratch *s, const char *text)
{
	long size = bpf_probe_read_kernel_str(&s->data[SLACK], WEIR_PATH_MAX, text);
	u32 end = s->offset;

	start_string(s);
	if (size <= 1 || size > WEIR_PATH_MAX)
		return 0;
	put_bytes(s, &s->data[SLACK], size - 1);
	return end - s->offset;
}

/*
 * Puts the caller's string s->user_path as it is: what a symbolic link points to. With s->in_kernel
 * it is the kernel's copy of that string.
 */
__noinline int put_user_text(u32 slot)
{
	struct scratch *s = scratch_at(slot);
	long size;

	if (!s)
		return 0;
	start_string(s);
	s->from_user = !s->in_kernel;
	if (s->in_kernel)
		size = bpf_probe_read_kernel_str(&s->data[SLACK], WEIR_PATH_MAX,
						 (void *)s->user_path);
	else
		size = bpf_probe_read_user_str(&s->data[SLACK], WEIR_PATH_MAX,
					       (void *)s->user_path);
	if (size < 0)
		s->fault = 1;
	else if (size > 1 && size <= WEIR_PATH_MAX)
		put_bytes(s, &s->data[SLACK], size - 1);
	return 0;
}

static const char own_descriptors[14] = "/proc/self/fd/";

/*
 * The descriptor that the caller's string in the slack names by /proc, or -1. Libraries use this to
 * give an unnamed file a name, and to change modes by descriptor; calls that succeed follow it.
 */
__noinline int named_descriptor(u32 slot)
{
	struct scratch *s = scratch_at(slot);
	u32 fd = 0, difference = 0;
	u8 *text;

	if (!s)
		return -1;
	text = &s->data[SLACK];
	for (u32 i = 0; i < sizeof(own_descriptors); i++)
		difference |= text[i] ^ own_descriptors[i];
	if (difference)
		return -1;
	text += sizeof(own_descriptors);
	/* A table has at most 2^30 descriptors. */
	for (int i = 0; i < 10; i++) {
		u32 digit = text[i] - '0';

		if (text[i] == 0)
			return i ? (int)fd : -1;
		if (digit > 9)
			return -1;
		fd = fd * 10 + digit;
	}
	return -1;
}

/*
 * Puts the path that s->user_path and s->dirfd mean for the current task: the caller's string,
 * behind the kernel's path of what it starts from. An empty string means dirfd itself.
 */
__noinline int put_user_path(u32 slot)
{
	struct task_struct *task = CURRENT();
	struct scratch *s = scratch_at(slot);
	u32 end, empty;

	if (!s)
		return 0;
	end = s->offset;
	put_user_text(slot);
	if (s->fault)
		return 0;
	empty = s->offset == end;
	s->from_user = !empty && !s->in_kernel;
	if (!empty) {
		int fd = named_descriptor(slot);

		if (fd >= 0 && file_of(task, fd)) {
			s->offset = end;
			s->dirfd = fd;
			s->from_user = 0;
			empty = 1;
		}
	}
	if (!empty && s->data[SLACK] == '/') {
		struct fs_struct *fs = READ(task, fs);

		start_walk(s, READ(fs, root.dentry), READ(fs, root.mnt));
	} else {
		if (!empty)
			put_byte(s, '/');
		if (s->dirfd == AT_FDCWD) {
			struct fs_struct *fs = READ(task, fs);

			start_walk(s, READ(fs, pwd.dentry), READ(fs, pwd.mnt));
		} else {
			struct file *file = file_of(task, s->dirfd);

			if (!file)
				return 0;
			start_walk(s, READ(file, f_path.dentry), READ(file, f_path.mnt));
		}
	}
	walk_all(slot);
	return 0;
}

#define BYTES_A_CALL 64

/* Whether some bytes from `at` have a "/.." in them; 2 at the end of the data. */
__noinline int climbs_at(u32 slot, u64 at)
{
	struct scratch *s = scratch_at(slot);
	u32 found = 0;

	if (!s)
		return 1;
	/* Without a branch for each byte: the verifier would follow them all. */
	for (u32 i = 0; i < BYTES_A_CALL; i++, at++) {
		u8 *text;

		KEEP(at);
		if (at > DATA_END)
			return found ? 1 : 2;
		text = &s->data[at];
		KEEP(text);
		found |= ((text[0] ^ '/') | (text[1] ^ '.') | (text[2] ^ '.')) == 0;
	}
	return found;
}

/* Whether the string at s->offset (or one behind it) has a ".." in it: then a prefix says nothing of
 * where it leads. */
__noinline int climbs(u32 slot)
{
	struct scratch *s = scratch_at(slot);
	u64 at;

	if (!s)
		return 1;
	at = s->offset;
	for (u32 i = 0; i < (DATA_END + BYTES_A_CALL) / BYTES_A_CALL; i++, at += BYTES_A_CALL) {
		int answer = climbs_at(slot, at);

		if (answer)
			return answer == 1;
	}
	return 0;
}

/* The string at s->offset as a key of the prefix tries. */
static __always_inline void make_prefix_key(struct scratch *s, u64 length)
{
	u64 offset = s->offset;

	KEEP(length);
	if (length > WEIR_PREFIX_MAX)
		length = WEIR_PREFIX_MAX;
	s->prefix.bits = length * 8;
	if (offset <= DATA_END)
		bpf_probe_read_kernel(s->prefix.path, length, &s->data[offset]);
}

#endif
