// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What /proc/PID/stat, status, io and cgroup say of all processes, in one read of a few
 * milliseconds: the table processes asks it. It hooks nothing and runs only when it is read.
 */
#include "lib/compat.h"
#include "weir.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define PF_KTHREAD 0x00200000
#define PIDTYPE_PGID 2
#define DEFAULT_PRIO 120
#define CSS_ONLINE 2
#define CGROUP_LEVELS 16
#define CGROUP_NAME 160

static __always_inline void fill_times(struct weir_task_fact *fact, struct task_struct *task)
{
	fact->utime = READ(task, utime);
	fact->stime = READ(task, stime);
	fact->exec_runtime = READ(task, se.sum_exec_runtime);
	if (bpf_core_field_exists(task->ioac.read_bytes)) {
		fact->read_bytes = READ(task, ioac.read_bytes);
		fact->write_bytes = READ(task, ioac.write_bytes);
		fact->cancelled_write_bytes = READ(task, ioac.cancelled_write_bytes);
	}
}

static __always_inline void fill_group(struct weir_task_fact *fact, struct signal_struct *signal)
{
	struct pid *group = READ(signal, pids[PIDTYPE_PGID]);

	fact->pgid = READ(CAST(struct upid, ADDRESS_OF(group, struct pid, numbers)), nr);
	fact->threads = READ(signal, nr_threads);
	fact->group_utime = READ(signal, utime);
	fact->group_stime = READ(signal, stime);
	fact->group_exec_runtime = READ(signal, sum_sched_runtime);
	if (bpf_core_field_exists(signal->prev_cputime.utime)) {
		fact->shown_utime = READ(signal, prev_cputime.utime);
		fact->shown_stime = READ(signal, prev_cputime.stime);
	}
	if (bpf_core_field_exists(signal->ioac.read_bytes)) {
		fact->group_read_bytes = READ(signal, ioac.read_bytes);
		fact->group_write_bytes = READ(signal, ioac.write_bytes);
		fact->group_cancelled_write_bytes = READ(signal, ioac.cancelled_write_bytes);
	}
}

static __always_inline void fill_leader(struct weir_task_fact *fact, struct task_struct *task)
{
	const struct cred *cred = READ(task, real_cred);
	struct mm_struct *mm = READ(task, mm);
	struct fs_struct *fs = READ(task, fs);

	fact->start_time = READ(task, start_boottime);
	fact->parent_pid = READ(task, real_parent, tgid);
	fact->state = task_state(task);
	fact->exit_state = READ(task, exit_state);
	fact->nice = READ(task, static_prio) - DEFAULT_PRIO;
	fact->uid = READ(cred, uid.val);
	fact->gid = READ(cred, gid.val);
	fact->suid = READ(cred, suid.val);
	fact->sgid = READ(cred, sgid.val);
	fact->euid = READ(cred, euid.val);
	fact->egid = READ(cred, egid.val);
	fact->is_kernel_thread = (READ(task, flags) & PF_KTHREAD) != 0;
	/* A kernel thread may borrow somebody's memory. */
	if (mm && !fact->is_kernel_thread) {
		fact->has_memory = 1;
		fact->total_pages = READ(mm, total_vm);
		fact->resident_pages = resident_pages(mm);
	}
	if (fs) {
		fact->root[0] = (u64)READ(fs, root.mnt);
		fact->root[1] = (u64)READ(fs, root.dentry);
		fact->cwd[0] = (u64)READ(fs, pwd.mnt);
		fact->cwd[1] = (u64)READ(fs, pwd.dentry);
	}
	bpf_core_read(fact->comm, sizeof(fact->comm), &task->comm);
	fill_group(fact, READ(task, signal));
}

/* The newest hierarchy is the first in /proc/PID/cgroup; cgroup2 is the oldest, always there. */
static __always_inline void write_cgroup(struct seq_file *seq, struct task_struct *task)
{
	struct css_set *set = READ(task, cgroups);
	u64 link = (u64)READ(set, cgrp_links.prev) -
		   bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);
	struct cgroup *cgroup = READ(CAST(struct cgrp_cset_link, link), cgrp);
	struct kernfs_node *node = READ(cgroup, kn);
	char name[CGROUP_NAME];
	/* Of a removed one the file says so; only the dead are in it. */
	char end[2] = { 0, !(READ(cgroup, self.flags) & CSS_ONLINE) };

	for (int i = 0; i < CGROUP_LEVELS; i++) {
		struct kernfs_node *parent = kernfs_parent(node);
		long size;

		if (!parent)
			break;
		size = bpf_probe_read_kernel_str(name, sizeof(name), READ(node, name));
		if (size <= 1 || size >= CGROUP_NAME) {
			end[1] = 1;
			break;
		}
		bpf_seq_write(seq, name, size);
		node = CAST(struct kernfs_node, parent);
		if (i == CGROUP_LEVELS - 1)
			end[1] = 1;
	}
	bpf_seq_write(seq, end, sizeof(end));
}

/* What does not fit the kernel's buffer is asked for again: a record is never handed over in part. */
SEC("iter/task")
int weir_tasks(struct bpf_iter__task *ctx)
{
	struct weir_task_fact fact = {};
	struct task_struct *task = ctx->task;
	struct seq_file *seq = ctx->meta->seq;

	if (!task)
		return 0;
	task = CAST(struct task_struct, task);
	fact.pid = READ(task, tgid);
	fact.tid = READ(task, pid);
	fill_times(&fact, task);
	if (fact.pid != fact.tid) {
		bpf_seq_write(seq, &fact, sizeof(fact));
		return 0;
	}
	fill_leader(&fact, task);
	bpf_seq_write(seq, &fact, sizeof(fact));
	write_cgroup(seq, task);
	return 0;
}
