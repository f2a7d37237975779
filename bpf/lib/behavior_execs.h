/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How many programs a tree begins, and how many of them with another user's rights. */
#ifndef WEIR_BEHAVIOR_EXECS_H
#define WEIR_BEHAVIOR_EXECS_H

#include "behavior.h"

#define COUNT_EXECS 0
#define COUNT_SETUIDS 1

static __always_inline void fill_evidence(u32 *evidence, struct behavior_state *state)
{
	evidence[WEIR_EXECS] = state->totals[COUNT_EXECS];
	evidence[WEIR_SETUIDS] = state->totals[COUNT_SETUIDS];
}

static __always_inline u64 behavior_window(struct weir_behavior_config *behavior)
{
	return behavior->exec_window_ns;
}

static __always_inline u32 judge_execs(struct weir_behavior_config *behavior,
				       struct behavior_state *state, u32 scope, u32 kind,
				       u32 counter)
{
	u32 threshold = threshold_of(behavior, kind, scope);

	return crosses(state, kind, state->totals[counter], threshold) ? 1u << kind : 0;
}

/* Returns which thresholds were crossed. */
__noinline int count_exec(u32 scope, u32 changed_user)
{
	struct weir_behavior_config *behavior = behavior_settings();
	struct behavior_state *state;
	struct behavior_part *part;
	struct behavior_key key;
	u32 crossed;
	u64 length;

	if (!behavior || !key_of(&key, CURRENT(), scope))
		return 0;
	length = behavior->exec_window_ns / PARTS;
	state = state_of(&key);
	if (!state || !length)
		return 0;
	part = part_at(state, coarse_now() / length);
	add_to(state, part, COUNT_EXECS);
	crossed = judge_execs(behavior, state, scope, WEIR_EXEC_BURST, COUNT_EXECS);
	if (!changed_user)
		return crossed;
	add_to(state, part, COUNT_SETUIDS);
	return crossed | judge_execs(behavior, state, scope, WEIR_SETUID_BURST, COUNT_SETUIDS);
}

/* The current task has begun another program. */
static __always_inline void exec_behaved(struct weir_config *config, struct task_struct *task)
{
	u32 changed_user;

	if (!judges(config))
		return;
	/* The kernel gives a program another effective user only at an exec of a file that says so. */
	changed_user = READ(task, cred, euid.val) != READ(task, cred, uid.val);
	for (u32 scope = WEIR_SCOPE_TREE; scope <= WEIR_SCOPE_CGROUP; scope++)
		pass_verdicts(scope, count_exec(scope, changed_user), WEIR_EXEC_BURST,
			      WEIR_SETUID_BURST);
}

#endif
