/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Processes that come to be, and that end. */
#ifndef WEIR_PROCESS_LIFECYCLE_H
#define WEIR_PROCESS_LIFECYCLE_H

#include "filter.h"
#include "process_event.h"

#define CLONE_THREAD 0x00010000
#define SIGNAL_GROUP_EXIT 4

/*
 * Exits already reported. Before 6.16, of two threads that end at once both may find the group
 * dead. LRU: the entry is needed for microseconds only.
 */
struct process_key {
	u64 start_time;
	u64 pid;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct process_key);
	__type(value, u8);
} exits_reported SEC(".maps");

/* Runs before the child does, so its fork is in the ring before whatever it will do. */
static __always_inline int report_fork(struct task_struct *child, u64 clone_flags)
{
	struct weir_config *config;
	struct task_struct *parent, *creator;
	struct weir_fork_event e = {};
	u64 now;

	if (clone_flags & CLONE_THREAD)
		return 0;
	config = settings();
	if (!config || !wanted(config, child, WEIR_CLASS_LIFECYCLE, 1))
		return 0;
	now = bpf_ktime_get_boot_ns();
	fill_header(&e.h, child, WEIR_FORK, NO_SYSCALL, 0, now);
	parent = READ(child, real_parent);
	e.parent_start_time = READ(parent, group_leader, start_boottime);
	e.parent_pid = READ(parent, tgid);
	e.parent_self_exec_id = READ(parent, self_exec_id);
	e.clone_flags = clone_flags;
	creator = CURRENT();
	e.creator_pid = READ(creator, tgid);
	e.creator_start_time = READ(creator, group_leader, start_boottime);
	fill_namespace_pid(child, &e.ns_pid, &e.pid_ns);
	SUBMIT(weir_lifecycle, 0, WEIR_CLASS_LIFECYCLE, &e, sizeof(e), now);
	return 0;
}

/* `told`: what the kernel says, where it does. */
static __always_inline bool group_is_dead(struct task_struct *task, bool is_told, bool told)
{
	struct process_key key = {};
	u8 one = 1;

	if (is_told)
		return told;
	if (READ(task, signal, live.counter) != 0)
		return false;
	key.start_time = READ(task, group_leader, start_boottime);
	key.pid = READ(task, tgid);
	return bpf_map_update_elem(&exits_reported, &key, &one, BPF_NOEXIST) != -17 /* EEXIST */;
}

static __always_inline int report_exit(struct task_struct *task, bool is_told, bool told)
{
	struct weir_config *config = settings();
	struct signal_struct *signal;
	struct task_struct *parent;
	struct weir_exit_event e = {};
	u64 now;

	if (!config || !group_is_dead(task, is_told, told) ||
	    !wanted(config, task, WEIR_CLASS_LIFECYCLE, 1))
		return 0;
	now = bpf_ktime_get_boot_ns();
	fill_header(&e.h, task, WEIR_EXIT, NO_SYSCALL, 0, now);
	signal = READ(task, signal);
	/* As wait(2) decides it; the leader may have ended long before its last thread. */
	if (READ(signal, flags) & SIGNAL_GROUP_EXIT)
		e.exit_code = READ(signal, group_exit_code);
	else
		e.exit_code = READ(task, group_leader, exit_code);
	parent = READ(task, real_parent);
	e.parent_pid = READ(parent, tgid);
	e.parent_start_time = READ(parent, group_leader, start_boottime);
	SUBMIT(weir_lifecycle, 0, WEIR_CLASS_LIFECYCLE, &e, sizeof(e), now);
	return 0;
}

#endif
