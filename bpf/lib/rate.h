/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How many records of one type a process may make in a second. */
#ifndef WEIR_RATE_H
#define WEIR_RATE_H

#include "compat.h"

#define SECOND_NS 1000000000ull

struct rate_key {
	u64 start_time;
	u32 pid;
	u32 type;
};
struct rate_state {
	u64 since;
	u64 records;
};
/* Full: the process that was heard of longest ago begins anew, so it may say more, never less. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct rate_key);
	__type(value, struct rate_state);
} rates SEC(".maps");

/* Threads of the process may race for the last few: what passes and what is limited both count. */
static __always_inline bool over_rate(struct task_struct *task, u32 type, u64 now, u64 limit)
{
	struct rate_state fresh = { .since = now, .records = 1 };
	struct rate_key key = {};
	struct rate_state *state;

	key.start_time = READ(task, group_leader, start_boottime);
	key.pid = READ(task, tgid);
	key.type = type;
	state = bpf_map_lookup_elem(&rates, &key);
	if (!state) {
		bpf_map_update_elem(&rates, &key, &fresh, BPF_ANY);
		return false;
	}
	if (now - state->since >= SECOND_NS) {
		state->since = now;
		state->records = 1;
		return false;
	}
	if (state->records >= limit)
		return true;
	__sync_fetch_and_add(&state->records, 1);
	return false;
}

#endif
