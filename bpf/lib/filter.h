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

static __always_inline bool excludes(struct weir_exclusion *entry, u32 event_class)
{
	return entry && (entry->classes & WEIR_ON(event_class));
}

static __always_inline void count_excluded(struct weir_exclusion *entry, u32 event_class, u32 rows)
{
	u32 slot = entry->slot;
	u64 *value = bpf_map_lookup_elem(&weir_excluded, &slot);

	count_rows(event_class, WEIR_EXCLUDED, rows);
	if (value)
		__sync_fetch_and_add(value, rows);
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

/* The exclusion that the actor falls under. */
static __always_inline struct weir_exclusion *
actor_excluded(struct weir_config *config, struct task_struct *task, u32 event_class)
{
	struct weir_exclusion *entry;

	if (config->not_cgroups) {
		u64 cgroup = cgroup_of(task);

		entry = bpf_map_lookup_elem(&weir_not_cgroups, &cgroup);
		if (excludes(entry, event_class))
			return entry;
	}
	if (config->not_exes) {
		struct weir_exe_key exe = executable_of(task);

		entry = bpf_map_lookup_elem(&weir_not_exes, &exe);
		if (excludes(entry, event_class))
			return entry;
	}
	if (config->not_uids) {
		u32 uid = READ(task, cred, uid.val);

		entry = bpf_map_lookup_elem(&weir_not_uids, &uid);
		if (excludes(entry, event_class))
			return entry;
	}
	return NULL;
}

/* Scope, `seen` and exclusions in one: true when a record must be made. `rows` are counted. */
static __always_inline bool wanted(struct weir_config *config, struct task_struct *task,
				   u32 event_class, u32 rows)
{
	struct weir_exclusion *entry;

	if (!in_scope(config, task, event_class))
		return false;
	count_rows(event_class, WEIR_SEEN, rows);
	entry = actor_excluded(config, task, event_class);
	if (!entry)
		return true;
	count_excluded(entry, event_class, rows);
	return false;
}

#endif
