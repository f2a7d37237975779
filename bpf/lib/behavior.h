/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Counts what process trees and cgroups do within a sliding window, and passes a verdict when a count
 * crosses its threshold. Fed by the bodies of a family, whose object has states of its own; off, it
 * costs the look at one bit. A tree is a process group: a job of a shell, a script with all that it
 * starts, a service. Who leaves the group with each process is still counted with the cgroup.
 */
#ifndef WEIR_BEHAVIOR_LIB_H
#define WEIR_BEHAVIOR_LIB_H

#include "clock.h"
#include "filter.h"
#include "header.h"
#include "text.h"

#define PIDTYPE_TREE 2 /* PIDTYPE_PGID */
#define PF_KERNEL 0x200000 /* PF_KTHREAD */
#define SIGNAL_KILL 9
#define SIGNAL_STOP 19

/* The window slides by parts. A count never covers more than the window, and 3/4 of it at least. */
#define PARTS 4
#define COUNTS 8
#define SKETCHES 2
#define SKETCH_WORDS 4 /* 256 bits */

struct behavior_part {
	u64 number; /* time / length of a part */
	u32 counts[COUNTS];
	u64 sketches[SKETCHES][SKETCH_WORDS];
};
struct behavior_state {
	u64 current; /* number of the newest part */
	u64 extension; /* the newest one that files were given */
	u64 made_extension; /* of the file that was created last */
	u32 made; /* files that may stand for others which are deleted soon */
	u32 told; /* verdicts that were passed, until counts have fallen to half of the threshold */
	u32 totals[COUNTS]; /* over all parts */
	struct behavior_part parts[PARTS];
};
struct behavior_key {
	u64 id;
	u64 scope;
};
/* Full: the tree or cgroup that was heard of longest ago begins anew. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct behavior_key);
	__type(value, struct behavior_state);
} behavior_states SEC(".maps");

/* Where a new state is copied from: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct behavior_state);
} behavior_empty SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct weir_behavior_config);
} weir_behavior SEC(".maps");

FILTER_MAP(weir_protected, BPF_MAP_TYPE_HASH, struct weir_exe_key, u8, 4096);

struct response_rate {
	u64 since;
	u64 responses;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct response_rate);
} weir_response_rate SEC(".maps");

static __always_inline struct weir_behavior_config *behavior_settings(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&weir_behavior, &zero);
}

static __always_inline bool judges(struct weir_config *config)
{
	return config->classes & WEIR_ON(WEIR_CLASS_BEHAVIOR);
}

static __always_inline u32 tree_number(struct task_struct *task)
{
	struct pid *pid = READ(task, signal, pids[PIDTYPE_TREE]);

	return READ(CAST(struct upid, ADDRESS_OF(pid, struct pid, numbers)), nr);
}

/* The number alone may be another group's soon, and so may the memory; both are not. */
static __always_inline u64 tree_of(struct task_struct *task)
{
	struct signal_struct *signal = READ(task, signal);

	return LOAD_NUMBER(ADDRESS_OF(signal, struct signal_struct, pids[PIDTYPE_TREE])) ^
	       (u64)tree_number(task) << 40;
}

/* ---- windows ---- */

/* The root cgroup is no unit: everything that nobody put elsewhere is in it. */
#define ROOT_CGROUP 1

/* What a task is counted with; false: with nothing. */
static __always_inline bool key_of(struct behavior_key *key, struct task_struct *task, u32 scope)
{
	key->scope = scope;
	key->id = scope == WEIR_SCOPE_TREE ? tree_of(task) : cgroup_of(task);
	return scope == WEIR_SCOPE_TREE || key->id > ROOT_CGROUP;
}

static __always_inline struct behavior_state *state_of(struct behavior_key *key)
{
	struct behavior_state *state = bpf_map_lookup_elem(&behavior_states, key);
	struct behavior_state *empty;
	u32 zero = 0;

	if (state)
		return state;
	empty = bpf_map_lookup_elem(&behavior_empty, &zero);
	if (empty)
		bpf_map_update_elem(&behavior_states, key, empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&behavior_states, key);
}

/* Takes out of the totals what has left the window; two CPUs at once may take out too much. */
static __always_inline struct behavior_part *part_at(struct behavior_state *state, u64 number)
{
	struct behavior_part *part = &state->parts[number % PARTS];

	if (state->current == number)
		return part;
	state->current = number;
	for (u32 i = 0; i < PARTS; i++) {
		struct behavior_part *old = &state->parts[i];

		if (old->number + PARTS > number && old->number <= number)
			continue;
		for (u32 c = 0; c < COUNTS; c++) {
			u32 count = old->counts[c], total = state->totals[c];

			state->totals[c] = total > count ? total - count : 0;
			old->counts[c] = 0;
		}
		for (u32 k = 0; k < SKETCHES; k++) {
			for (u32 w = 0; w < SKETCH_WORDS; w++)
				old->sketches[k][w] = 0;
		}
	}
	part->number = number;
	return part;
}

static __always_inline void add_to(struct behavior_state *state, struct behavior_part *part,
				   u32 counter)
{
	__sync_fetch_and_add(&part->counts[counter], 1);
	__sync_fetch_and_add(&state->totals[counter], 1);
}

/* Bits lost to a race of two CPUs are found again by the next of that kind. False when the part has seen
 * it: then there are no more distinct ones than before. */
static __always_inline bool sketch(struct behavior_part *part, u32 which, u64 hash)
{
	u32 at = mixed(hash, which) & (SKETCH_WORDS * 64 - 1);
	u64 bit = 1ull << (at % 64);
	u64 *word = &part->sketches[which][at / 64];

	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}

/* Linear counting: 256 * ln(256 / zeros). A sketch without zeros has seen 1,400 at least. */
static const volatile u16 distinct_by_zeros[SKETCH_WORDS * 64 + 1] = {
	1597, 1420, 1242, 1138, 1065, 1008, 961, 921, 887, 857, 830, 806, 783, 763, 744, 726, 710,
	694,  680,  666,  653,	640,  628,  617, 606, 596, 585, 576, 567, 558, 549, 540, 532, 524,
	517,  509,  502,  495,	488,  482,  475, 469, 463, 457, 451, 445, 439, 434, 429, 423, 418,
	413,  408,  403,  398,	394,  389,  385, 380, 376, 371, 367, 363, 359, 355, 351, 347, 343,
	339,  336,  332,  328,	325,  321,  318, 314, 311, 308, 304, 301, 298, 295, 291, 288, 285,
	282,  279,  276,  273,	270,  268,  265, 262, 259, 256, 254, 251, 248, 246, 243, 241, 238,
	236,  233,  231,  228,	226,  223,  221, 219, 216, 214, 212, 209, 207, 205, 203, 200, 198,
	196,  194,  192,  190,	188,  186,  184, 181, 179, 177, 175, 173, 172, 170, 168, 166, 164,
	162,  160,  158,  156,	155,  153,  151, 149, 147, 146, 144, 142, 140, 139, 137, 135, 133,
	132,  130,  128,  127,	125,  124,  122, 120, 119, 117, 116, 114, 112, 111, 109, 108, 106,
	105,  103,  102,  100,	99,   97,   96,	 94,  93,  92,	90,  89,  87,  86,  85,	 83,  82,
	80,   79,   78,	  76,	75,   74,   72,	 71,  70,  68,	67,  66,  64,  63,  62,	 61,  59,
	58,   57,   56,	  54,	53,   52,   51,	 49,  48,  47,	46,  45,  43,  42,  41,	 40,  39,
	38,   36,   35,	  34,	33,   32,   31,	 30,  29,  27,	26,  25,  24,  23,  22,	 21,  20,
	19,   18,   17,	  15,	14,   13,   12,	 11,  10,  9,	8,   7,	  6,   5,   4,	 3,   2,
	1,    0,
};

static __always_inline u32 distinct(struct behavior_state *state, u32 which)
{
	u64 zeros = SKETCH_WORDS * 64;

	for (u32 w = 0; w < SKETCH_WORDS; w++) {
		u64 bits = 0;

		for (u32 i = 0; i < PARTS; i++)
			bits |= state->parts[i].sketches[which][w];
		zeros -= __builtin_popcountll(bits);
	}
	KEEP(zeros);
	return zeros > SKETCH_WORDS * 64 ? 0 : distinct_by_zeros[zeros];
}

/* ---- responses ---- */

/* Counted before it is asked, so that no two at once pass for one; a new interval may let one more. */
static __always_inline bool over_response_rate(struct weir_behavior_config *behavior, u64 now)
{
	u32 zero = 0;
	struct response_rate *rate = bpf_map_lookup_elem(&weir_response_rate, &zero);

	if (!rate)
		return true;
	if (!rate->since || now - rate->since >= behavior->response_interval_ns) {
		rate->since = now;
		rate->responses = 0;
	}
	__sync_fetch_and_add(&rate->responses, 1);
	return rate->responses > behavior->response_limit;
}

/* Only what user space would do as well: the same refusals, in the same order. */
static __always_inline u32 answer(struct weir_config *config, struct weir_behavior_config *behavior,
				  struct task_struct *task, u32 signal, u64 now)
{
	u32 pid = READ(task, tgid);
	struct weir_exe_key exe = executable_of(task);

	if (pid == 1)
		return WEIR_RESPONSE_INIT;
	if (pid == config->own_pid || bpf_map_lookup_elem(&weir_own_pids, &pid))
		return WEIR_RESPONSE_OWN;
	if (bpf_map_lookup_elem(&weir_protected, &exe))
		return WEIR_RESPONSE_PROTECTED;
	if (over_response_rate(behavior, now))
		return WEIR_RESPONSE_RATE;
	if (behavior->dry_run)
		return WEIR_RESPONSE_DRY_RUN;
	return bpf_send_signal(signal) ? WEIR_RESPONSE_FAILED : WEIR_RESPONSE_DONE;
}

/* ---- verdicts ---- */

/* Said by the family: which evidence its counts and sketches are. */
static __always_inline void fill_evidence(u32 *evidence, struct behavior_state *state);
static __always_inline u64 behavior_window(struct weir_behavior_config *behavior);

/* Nothing is done to all of a cgroup because of one of its processes: that is for people. */
static __always_inline u32 signal_for(struct weir_behavior_config *behavior, u32 kind, u32 scope)
{
	if (!behavior->respond || scope != WEIR_SCOPE_TREE)
		return 0;
	if (behavior->kill >> kind & 1)
		return SIGNAL_KILL;
	return behavior->stop >> kind & 1 ? SIGNAL_STOP : 0;
}

static __always_inline u32 threshold_of(struct weir_behavior_config *behavior, u32 kind, u32 scope)
{
	u64 at = kind;
	u32 threshold;

	KEEP(at);
	if (at >= WEIR_BEHAVIORS)
		return 0;
	threshold = behavior->thresholds[at];

	return scope == WEIR_SCOPE_TREE ? threshold : threshold * behavior->cgroup_factor;
}

/*
 * Into the ring of forks and exits: what a verdict is about may fill the other one. Called after the
 * counting has returned, as stacks add up.
 */
__noinline int pass_verdict(u32 scope, u32 kind)
{
	struct weir_behavior_config *behavior = behavior_settings();
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	u64 now = bpf_ktime_get_boot_ns();
	struct weir_exclusion *excluded;
	struct weir_behavior_event *e;
	struct behavior_state *state;
	struct behavior_key key;

	if (!behavior || !config || kind >= WEIR_BEHAVIORS || !key_of(&key, task, scope))
		return 0;
	state = bpf_map_lookup_elem(&behavior_states, &key);
	if (!state)
		return 0;
	count(WEIR_CLASS_BEHAVIOR, WEIR_SEEN);
	excluded = actor_excluded(config, task, WEIR_CLASS_BEHAVIOR);
	if (excluded) {
		count_excluded(excluded, WEIR_CLASS_BEHAVIOR, 1);
		return 0;
	}
	e = bpf_ringbuf_reserve(&weir_lifecycle, sizeof(*e), 0);
	if (!e) {
		/* No record, no response: what is done without a trace cannot be explained. */
		count(WEIR_CLASS_BEHAVIOR, WEIR_LOST_RING);
		return 0;
	}
	fill_header(&e->h, task, WEIR_VERDICT, NO_SYSCALL, 0, now);
	e->tree = scope == WEIR_SCOPE_TREE ? tree_number(task) : cgroup_of(task);
	e->window_ns = behavior_window(behavior);
	*(u64 *)e->extension = state->extension;
	e->behavior = kind;
	e->scope = scope;
	e->threshold = threshold_of(behavior, kind, scope);
	for (u32 i = 0; i < WEIR_EVIDENCE; i++)
		e->evidence[i] = 0;
	fill_evidence(e->evidence, state);
	e->pad = 0;
	e->signal = signal_for(behavior, kind, scope);
	e->response = WEIR_RESPONSE_NONE;
	if (e->signal)
		e->response = answer(config, behavior, task, e->signal, now);
	bpf_ringbuf_submit(e, BPF_RB_FORCE_WAKEUP);
	count(WEIR_CLASS_BEHAVIOR, WEIR_SUBMITTED);
	return 0;
}

/* Whether the count is worth a verdict that has not been passed. */
static __always_inline bool crosses(struct behavior_state *state, u32 kind, u32 count,
				    u32 threshold)
{
	u32 bit = 1u << kind;

	if (!threshold)
		return false;
	if (count < threshold) {
		if (state->told & bit && count <= threshold / 2)
			state->told &= ~bit;
		return false;
	}
	if (state->told & bit)
		return false;
#ifdef WEIR_DIRECT
	return !(__sync_fetch_and_or(&state->told, bit) & bit);
#else
	/* Two CPUs at once may both tell: atomics with a result came with 5.12. */
	state->told |= bit;
	return true;
#endif
}

static __always_inline void pass_verdicts(u32 scope, u32 crossed, u32 first, u32 last)
{
	if (!crossed)
		return;
	for (u32 kind = first; kind <= last; kind++) {
		if (crossed >> kind & 1)
			pass_verdict(scope, kind);
	}
}

static __always_inline bool is_kernel_thread(struct task_struct *task)
{
	return READ(task, flags) & PF_KERNEL;
}

#endif
