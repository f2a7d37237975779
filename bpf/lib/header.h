/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* struct weir_header, from a task. */
#ifndef WEIR_HEADER_H
#define WEIR_HEADER_H

#include "compat.h"
#include "weir.h"

#define NO_SYSCALL 0xffff

static __always_inline void fill_credentials(struct weir_header *h, struct task_struct *task)
{
	const struct cred *cred = READ(task, cred);

#ifdef WEIR_DIRECT
	h->uid = READ(cred, uid.val);
	h->gid = READ(cred, gid.val);
	h->suid = READ(cred, suid.val);
	h->sgid = READ(cred, sgid.val);
	h->euid = READ(cred, euid.val);
	h->egid = READ(cred, egid.val);
	h->fsuid = READ(cred, fsuid.val);
	h->fsgid = READ(cred, fsgid.val);
#else
	bpf_core_read(&h->uid, 8 * sizeof(u32), &cred->uid);
#endif
	h->auid = login_uid(task);
}

static __always_inline void fill_comm(struct weir_header *h, struct task_struct *task)
{
#ifdef WEIR_DIRECT
	u64 *from = (u64 *)task->comm;
	u64 *to = (u64 *)h->comm;

	to[0] = from[0];
	to[1] = from[1];
#else
	bpf_core_read(h->comm, sizeof(h->comm), &task->comm);
#endif
}

/* Everything but string lengths, which the caller sets when it has the strings. */
static __always_inline void fill_header(struct weir_header *h, struct task_struct *task, u16 type,
					u16 syscall, u32 flags, u64 now)
{
	h->type = type;
	h->cpu = bpf_get_smp_processor_id();
	h->flags = flags;
	h->time = now;
	h->op_id = 0;
	h->start_time = READ(task, group_leader, start_boottime);
	h->cgroup_id = READ(task, cgroups, dfl_cgrp, kn, id);
	h->pid = READ(task, tgid);
	h->tid = READ(task, pid);
	h->self_exec_id = READ(task, self_exec_id);
	h->mnt_ns = READ(task, nsproxy, mnt_ns, ns.inum);
	fill_credentials(h, task);
	h->count = 1;
	fill_comm(h, task);
	for (int i = 0; i < WEIR_STRINGS; i++)
		h->string_length[i] = 0;
	h->syscall = syscall;
	h->pad = 0;
}

/* Distinct for every operation of one boot. */
static __always_inline u64 new_op_id(u64 now)
{
	return now << 8 | (bpf_get_smp_processor_id() & 0xff);
}

#endif
