/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* To how many addresses and ports a tree connects: streams only, whatever the outcome. */
#ifndef WEIR_BEHAVIOR_SOCKETS_H
#define WEIR_BEHAVIOR_SOCKETS_H

#include "behavior.h"

#define COUNT_CONNECTS 0
#define SKETCH_ADDRESSES 0
#define SKETCH_PORTS 1

static __always_inline void fill_evidence(u32 *evidence, struct behavior_state *state)
{
	evidence[WEIR_CONNECTS] = state->totals[COUNT_CONNECTS];
	evidence[WEIR_ADDRESSES] = distinct(state, SKETCH_ADDRESSES);
	evidence[WEIR_PORTS] = distinct(state, SKETCH_PORTS);
}

static __always_inline u64 behavior_window(struct weir_behavior_config *behavior)
{
	return behavior->socket_window_ns;
}

/* No more distinct ones than connects: mostly that is all that has to be looked at. */
static __always_inline u32 judge_sketch(struct weir_behavior_config *behavior,
					struct behavior_state *state, u32 scope, u32 kind,
					u32 which)
{
	u32 threshold = threshold_of(behavior, kind, scope);
	u32 count = state->totals[COUNT_CONNECTS];

	if (count >= threshold)
		count = distinct(state, which);
	return crosses(state, kind, count, threshold) ? 1u << kind : 0;
}

/* Returns which thresholds were crossed. */
__noinline int count_connect(u32 scope, u64 address, u32 port)
{
	struct weir_behavior_config *behavior = behavior_settings();
	struct behavior_state *state;
	struct behavior_part *part;
	bool new_address, new_port;
	struct behavior_key key;
	u32 crossed = 0;
	u64 length;

	if (!behavior || !key_of(&key, CURRENT(), scope))
		return 0;
	length = behavior->socket_window_ns / PARTS;
	state = state_of(&key);
	if (!state || !length)
		return 0;
	part = part_at(state, coarse_now() / length);
	new_address = sketch(part, SKETCH_ADDRESSES, address);
	new_port = sketch(part, SKETCH_PORTS, port);
	add_to(state, part, COUNT_CONNECTS);
	/* Counting bits is most of the work, and only what was new can have crossed anything. */
	if (new_port)
		crossed |= judge_sketch(behavior, state, scope, WEIR_PORT_SWEEP, SKETCH_PORTS);
	if (new_address)
		crossed |=
			judge_sketch(behavior, state, scope, WEIR_ADDRESS_SWEEP, SKETCH_ADDRESSES);
	return crossed;
}

/* The current task has connected, or has tried to. `address`: a hash. */
__noinline int socket_behaved(u64 address, u32 port)
{
	if (is_kernel_thread(CURRENT()))
		return 0;
	for (u32 scope = WEIR_SCOPE_TREE; scope <= WEIR_SCOPE_CGROUP; scope++)
		pass_verdicts(scope, count_connect(scope, address, port), WEIR_PORT_SWEEP,
			      WEIR_ADDRESS_SWEEP);
	return 0;
}

#endif
