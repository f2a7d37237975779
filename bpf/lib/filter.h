/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is in scope (and then `seen`) and what of that is excluded. Both ask about the acting
 * process; paths and ports are asked where they are known.
 */
#ifndef WEIR_FILTER_H
#define WEIR_FILTER_H

#include "compat.h"
#include "maps.h"

static __always_inline struct weir_config *settings(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&weir_settings, &zero);
}

static __always_inline u64 cgroup_of(struct task_struct *task)
{
	return READ(task, cgroups, dfl_cgrp, kn, id);
}

static __always_inline struct weir_exe_key executable_of(struct task_struct *task)
{
	struct inode *inode = READ(task, mm, exe_file, f_inode);
	struct weir_exe_key key = {
		.dev = READ(inode, i_sb, s_dev),
		.ino = READ(inode, i_ino),
	};

	return key;
}

static __always_inline bool names_class(u32 *classes, u32 event_class)
{
	return classes && (*classes & WEIR_ON(event_class));
}

/* `task` is who acts; of a fork, the child. */
static __always_inline bool in_scope(struct weir_config *config, struct task_struct *task,
				     u32 event_class)
{
	u32 pid = READ(task, tgid);

	if (!(config->classes & WEIR_ON(event_class)) || pid == config->own_pid)
		return false;
	if (config->own_pids && bpf_map_lookup_elem(&weir_own_pids, &pid))
		return false;
	if (config->only_cgroups) {
		u64 cgroup = cgroup_of(task);

		if (!names_class(bpf_map_lookup_elem(&weir_only_cgroups, &cgroup), event_class))
			return false;
	}
	if (config->only_exes) {
		struct weir_exe_key exe = executable_of(task);

		if (!names_class(bpf_map_lookup_elem(&weir_only_exes, &exe), event_class))
			return false;
	}
	return true;
}

static __always_inline bool actor_excluded(struct weir_config *config, struct task_struct *task,
					   u32 event_class)
{
	if (config->not_cgroups) {
		u64 cgroup = cgroup_of(task);

		if (names_class(bpf_map_lookup_elem(&weir_not_cgroups, &cgroup), event_class))
			return true;
	}
	if (config->not_exes) {
		struct weir_exe_key exe = executable_of(task);

		if (names_class(bpf_map_lookup_elem(&weir_not_exes, &exe), event_class))
			return true;
	}
	if (config->not_uids) {
		u32 uid = READ(task, cred, uid.val);

		if (names_class(bpf_map_lookup_elem(&weir_not_uids, &uid), event_class))
			return true;
	}
	return false;
}

/* Scope, `seen` and exclusions in one: true when a record must be made. `rows` are counted. */
static __always_inline bool wanted(struct weir_config *config, struct task_struct *task,
				   u32 event_class, u32 rows)
{
	if (!in_scope(config, task, event_class))
		return false;
	count_rows(event_class, WEIR_SEEN, rows);
	if (!actor_excluded(config, task, event_class))
		return true;
	count_rows(event_class, WEIR_EXCLUDED, rows);
	return false;
}

#endif
