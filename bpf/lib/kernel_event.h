/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Records of class kernel: put together in scratch, field by field, then copied in front of their
 * strings. These calls are rare, so what is shared is a global function: verified once.
 */
#ifndef WEIR_KERNEL_EVENT_H
#define WEIR_KERNEL_EVENT_H

#include "kernel_types.h"
#include "weir.h"

#include <asm/unistd.h>

#define SCRATCH_STRINGS 4 /* path, second path, kind, name */
#define SCRATCH_ACTION weir_kernel_event
#define SLOTS 3

#include "calls.h"
#include "filter.h"
#include "header.h"
#include "path.h"
#include "rate.h"
#include "task_lookup.h"

#define PATH 0
#define OTHER 1
#define KIND 2
#define NAME 3

/* The record being made; NULL never happens after begin(), but the verifier cannot know. */
#define ACTION(slot)                                                                               \
	({                                                                                         \
		struct scratch *at_slot = scratch_at(slot);                                        \
		if (!at_slot)                                                                      \
			return 0;                                                                  \
		&at_slot->action;                                                                  \
	})

/* Whether the class is on: asked before anything that costs more. */
static __always_inline bool is_on(void)
{
	struct weir_config *config = settings();

	return config && config->classes & WEIR_ON(WEIR_CLASS_KERNEL);
}

static __always_inline u64 capabilities(const struct cred *cred, u32 offset)
{
	return LOAD_NUMBER((u64)cred + offset);
}
#define EFFECTIVE(cred) capabilities(cred, bpf_core_field_offset(struct cred, cap_effective))
#define PERMITTED(cred) capabilities(cred, bpf_core_field_offset(struct cred, cap_permitted))

/*
 * The slot of a new record by the current task, its header filled and everything else 0; -1: there
 * is nothing to do, and it is counted why.
 */
__noinline int begin(u32 type, u32 syscall)
{
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	struct scratch *s;
	u64 now;
	u32 slot;

	if (!config || !wanted(config, task, WEIR_CLASS_KERNEL, 1))
		return -1;
	now = bpf_ktime_get_boot_ns();
	if (over_rate(task, type, now, WEIR_KERNEL_EVENTS_PER_SECOND)) {
		count(WEIR_CLASS_KERNEL, WEIR_RATE_LIMITED);
		return -1;
	}
	s = take_scratch(&slot);
	if (!s) {
		count(WEIR_CLASS_KERNEL, WEIR_LOST_MAP);
		return -1;
	}
	__builtin_memset(&s->action, 0, sizeof(s->action));
	fill_header(&s->action.h, task, type, syscall, 0, now);
	s->action.fd = -1;
	return slot;
}

/* Sends what lies in the slot, and gives the slot back. */
__noinline int send(u32 slot)
{
	struct scratch *s = scratch_at(slot);
	struct weir_kernel_event *e;
	u64 at, size;

	if (!s)
		return 0;
	at = s->offset;
	at -= sizeof(*e);
	KEEP(at);
	size = DATA_END - at;
	KEEP(size);
	if (at > DATA_END || size > DATA_END) {
		count(WEIR_CLASS_KERNEL, WEIR_LOST_MAP);
		goto out;
	}
	e = (struct weir_kernel_event *)&s->data[at];
	__builtin_memcpy(e, &s->action, sizeof(*e));
	if (e->h.flags & WEIR_F_FAULT)
		count(WEIR_CLASS_KERNEL, WEIR_PAGE_FAULT);
	SUBMIT(weir_noise, 1, WEIR_CLASS_KERNEL, e, size, e->h.time);
out:
	give_back(s);
	return 0;
}

/* ---- strings: the last first ---- */

/* Notes what was written since `end` as string i. */
static __always_inline void note_string(struct scratch *s, u32 i, u32 end)
{
	i &= 3;
	s->action.h.string_length[i] = end - s->offset;
	if (s->from_user)
		s->action.h.flags |= WEIR_F_USER(0) << i;
	if (s->cut || s->fault)
		s->action.h.flags |= WEIR_F_TRUNCATED(0) << i;
	if (s->fault)
		s->action.h.flags |= WEIR_F_FAULT;
}

/* The path that a string of the caller means. */
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
	note_string(s, i, end);
	return 0;
}

/* A string of the caller as it is. */
__noinline int put_text(u32 slot, u32 i, u64 text)
{
	struct scratch *s = scratch_at(slot);
	u32 end;

	if (!s || !text)
		return 0;
	end = s->offset;
	s->user_path = text;
	put_user_text(slot);
	note_string(s, i, end);
	return 0;
}

/* Kernel pointers go through memory: a global function takes numbers, which they are not to the
 * verifier. */
#define PUT_POINTER(put, slot, i, pointer)                                                         \
	do {                                                                                       \
		struct scratch *put_slot = scratch_at(slot);                                       \
		u64 put_pointer = (u64)(pointer);                                                  \
		if (put_slot && put_pointer) {                                                     \
			put_slot->user_path = put_pointer;                                         \
			put(slot, i);                                                              \
		}                                                                                  \
	} while (0)

__noinline int put_kernel_text_at(u32 slot, u32 i)
{
	struct scratch *s = scratch_at(slot);
	u32 end;

	if (!s)
		return 0;
	end = s->offset;
	put_kernel_string(s, (const char *)s->user_path);
	note_string(s, i, end);
	return 0;
}

/* A string of the kernel. */
#define PUT_KERNEL_TEXT(slot, i, text) PUT_POINTER(put_kernel_text_at, slot, i, text)

__noinline int put_file_at(u32 slot, u32 i)
{
	struct scratch *s = scratch_at(slot);
	struct file *file;
	u32 end;

	if (!s)
		return 0;
	end = s->offset;
	file = CAST(struct file, s->user_path);
	PUT_PATH(s, slot, file, f_path);
	note_string(s, i, end);
	return 0;
}

/* The path of an open file. */
#define PUT_FILE(slot, i, file) PUT_POINTER(put_file_at, slot, i, file)

/* The root that a process is in. */
__noinline int put_root(u32 slot, u32 i)
{
	struct scratch *s = scratch_at(slot);
	struct fs_struct *fs;
	u32 end;

	if (!s)
		return 0;
	end = s->offset;
	fs = READ(CURRENT(), fs);
	PUT_PATH(s, slot, fs, root);
	note_string(s, i, end);
	return 0;
}

/* ---- who it is done to ---- */

static __always_inline void fill_target(struct weir_kernel_event *e, struct task_struct *target)
{
	e->target_pid = READ(target, tgid);
	e->target_tid = READ(target, pid);
	e->target_start_time = READ(target, group_leader, start_boottime);
	e->target_self_exec_id = READ(target, self_exec_id);
	e->target_uid = READ(target, real_cred, uid.val);
	bpf_probe_read_kernel(e->target_comm, sizeof(e->target_comm),
			      (void *)ADDRESS_OF(target, struct task_struct, comm));
}

/* ---- namespaces ---- */

static __always_inline void fill_namespaces(struct weir_kernel_event *e, struct task_struct *task)
{
	struct nsproxy *nsproxy = READ(task, nsproxy);

	e->uts_ns = READ(nsproxy, uts_ns, ns.inum);
	e->ipc_ns = READ(nsproxy, ipc_ns, ns.inum);
	e->mnt_ns = READ(nsproxy, mnt_ns, ns.inum);
	e->pid_ns = READ(nsproxy, pid_ns_for_children, ns.inum);
	e->net_ns = READ(nsproxy, net_ns, ns.inum);
	e->cgroup_ns = READ(nsproxy, cgroup_ns, ns.inum);
	/* CONFIG_TIME_NS, since 5.6. */
	if (bpf_core_field_exists(nsproxy->time_ns))
		e->time_ns = READ(nsproxy, time_ns, ns.inum);
	e->user_ns = READ(task, real_cred, user_ns, ns.inum);
}

#endif
