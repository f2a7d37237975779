/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a record of an image says about the process that runs it. */
#ifndef WEIR_PROCESS_EVENT_H
#define WEIR_PROCESS_EVENT_H

#include "header.h"
#include "path.h"

#define PIDTYPE_PGID 2
#define PIDTYPE_SID 3

/* The pid that the task sees itself as, and in which namespace. */
static __always_inline void fill_namespace_pid(struct task_struct *task, u32 *ns_pid, u32 *pid_ns)
{
	u64 pid = READ_NUMBER(task, thread_pid);
	u32 level = READ(CAST(struct pid, pid), level);
	u64 at = ADDRESS_OF(pid, struct pid, numbers) + level * bpf_core_type_size(struct upid);
	struct upid *upid = CAST(struct upid, at);

	*ns_pid = READ(upid, nr);
	*pid_ns = READ(upid, ns, ns.inum);
}

static __always_inline u32 group_id(struct task_struct *task, int kind)
{
	struct pid *pid = READ(task, signal, pids[kind]);

	return READ(CAST(struct upid, ADDRESS_OF(pid, struct pid, numbers)), nr);
}

static __always_inline void fill_image(struct weir_exec_event *e, struct task_struct *task)
{
	struct mm_struct *mm = READ(task, mm);
	struct inode *inode = READ(mm, exe_file, f_inode);

	e->exe_dev = READ(inode, i_sb, s_dev);
	e->exe_ino = READ(inode, i_ino);
	e->exe_size = READ(inode, i_size);
	inode_times(inode, &e->exe_atime, &e->exe_mtime, &e->exe_ctime);
	e->exe_mode = READ(inode, i_mode);
	e->exe_uid = READ(inode, i_uid.val);
	e->exe_gid = READ(inode, i_gid.val);
	e->exe_nlink = READ(inode, i_nlink);
	e->argv_size = READ(mm, arg_end) - READ(mm, arg_start);
	e->env_size = READ(mm, env_end) - READ(mm, env_start);
}

static __always_inline void fill_surroundings(struct weir_exec_event *e, struct task_struct *task)
{
	struct task_struct *parent = READ(task, real_parent);
	struct nsproxy *nsproxy = READ(task, nsproxy);
	struct tty_struct *tty = READ(task, signal, tty);

	e->parent_start_time = READ(parent, group_leader, start_boottime);
	e->parent_pid = READ(parent, tgid);
	e->parent_self_exec_id = READ(parent, self_exec_id);
	e->pgid = group_id(task, PIDTYPE_PGID);
	e->sid = group_id(task, PIDTYPE_SID);
	fill_namespace_pid(task, &e->ns_pid, &e->pid_ns);
	e->net_ns = READ(nsproxy, net_ns, ns.inum);
	e->uts_ns = READ(nsproxy, uts_ns, ns.inum);
	e->cgroup_ns = READ(nsproxy, cgroup_ns, ns.inum);
	e->user_ns = READ(task, cred, user_ns, ns.inum);
	__builtin_memset(e->tty, 0, sizeof(e->tty));
	if (tty)
		bpf_core_read_str(e->tty, sizeof(e->tty), &tty->name);
}

/*
 * The struct right in front of the strings; NULL never happens, but the verifier cannot know. The
 * pointer is made at once: kernels before 6.8 forget the check when the offset is spilled.
 */
static __always_inline struct weir_exec_event *place_event(struct scratch *s)
{
	u64 at = s->offset;
	u8 *event;

	at -= sizeof(struct weir_exec_event);
	KEEP(at);
	if (at > DATA_END)
		return NULL;
	event = &s->data[at];
	KEEP(event);
	return (struct weir_exec_event *)event;
}

/* Bytes of the record, but for argv. */
static __always_inline u64 record_size(struct scratch *s)
{
	return sizeof(struct weir_exec_event) + DATA_END - s->offset;
}

#endif
