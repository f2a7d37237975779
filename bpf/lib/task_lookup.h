/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * From a number that a caller gave to the task it means. A pid is a number of the caller's pid
 * namespace; the namespace's own table is asked, so that the answer is the task itself and not a
 * number that somebody else may have by the time it is looked up.
 */
#ifndef WEIR_TASK_LOOKUP_H
#define WEIR_TASK_LOOKUP_H

#include "descriptor.h"

#define TABLE_LEVELS 6 /* of 64 entries each: more than PID_MAX_LIMIT needs */
#define TABLE_NODE 2 /* in the low bits of an entry: a pointer to a node of the table */

/* pidfds have been inodes since 6.9 (cb12fd8e0dab): struct pid knows its dentry then. */
struct pid___pidfs {
	struct dentry *stashed;
} __attribute__((preserve_access_index));
struct inode___private {
	void *i_private;
} __attribute__((preserve_access_index));

/* First task of a struct pid: of a pid that names a process its leader. */
static __always_inline struct task_struct *task_of_pid(u64 pid)
{
	u64 first = (u64)READ(CAST(struct hlist_head, ADDRESS_OF(pid, struct pid, tasks)), first);

	if (!pid || !first)
		return NULL;
	first -= bpf_core_field_offset(struct task_struct, pid_links);
	return CAST(struct task_struct, first);
}

static __always_inline struct task_struct *task_by_number(struct task_struct *caller, u32 number)
{
	u64 pid = READ_NUMBER(caller, thread_pid);
	u32 level = READ(CAST(struct pid, pid), level);
	u64 at = ADDRESS_OF(pid, struct pid, numbers) + level * bpf_core_type_size(struct upid);
	struct pid_namespace *ns = READ(CAST(struct upid, at), ns);
	u64 entry = (u64)READ(ns, idr.idr_rt.xa_head);

	for (int i = 0; i < TABLE_LEVELS; i++) {
		u32 index;
		u64 node;

		if ((entry & 3) != TABLE_NODE)
			break;
		node = entry - TABLE_NODE;
		index = number >> READ(CAST(struct xa_node, node), shift);
		/* Only the top node can be too small for the number. */
		if (i == 0 && index > 63)
			return NULL;
		/* As a number: its low bits mean something. */
		entry = LOAD_NUMBER(ADDRESS_OF(node, struct xa_node, slots) + (index & 63) * 8ull);
	}
	if (!entry || entry & 3)
		return NULL;
	return task_of_pid(entry);
}

static __always_inline struct task_struct *task_by_pidfd(struct task_struct *caller, u32 fd)
{
	struct file *file = file_of(caller, fd);
	struct pid___pidfs *pidfs = NULL;
	u64 pid;

	if (!file)
		return NULL;
	if (bpf_core_field_exists(pidfs->stashed)) {
		struct inode___private *inode = (void *)READ(file, f_inode);

		pid = (u64)READ(inode, i_private);
	} else {
		pid = (u64)READ(file, private_data);
	}
	return task_of_pid(pid);
}

#endif
