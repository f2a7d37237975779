/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What keeps a flood from costing the host and the reader: a limit on the rate of events, and repeats
 * of the same thing folded into one record's count. Thresholds lie in the settings map.
 */
#ifndef WEIR_ECONOMY_H
#define WEIR_ECONOMY_H

#include "clock.h"
#include "filter.h"

#define PIDTYPE_SID 3

/* ---- rate ---- */

/* Of this CPU: events in the current tick, and what was paid ahead for those of one task's buckets. */
struct arrivals {
	u64 tick;
	u64 rows;
	u64 tree, cgroup;
	u64 prepaid; /* events */
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct arrivals);
} weir_arrivals SEC(".maps");

static __always_inline struct arrivals *arrivals_here(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&weir_arrivals, &zero);
}

/*
 * Token buckets, each as the time up to which its tokens are spent. LRU: full, the bucket used
 * longest ago is forgotten, which is full again by then. Two CPUs that spend at once may spend as one.
 */
enum bucket_kind {
	BUCKET_CGROUP,
	BUCKET_TREE
};
struct bucket_key {
	u64 id;
	u64 kind;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct bucket_key);
	__type(value, u64);
} weir_buckets SEC(".maps");

/*
 * Two look-ups for each event of a flood are most of what it costs, so events are paid for ahead while
 * the buckets are more than half full: what is lost of that when another task's event comes shortens
 * the burst, by half at most, and never the rate.
 */
#define PAID_AHEAD 64

static __always_inline u64 tree_bucket(struct task_struct *task)
{
	return (u64)READ(task, signal, pids[PIDTYPE_SID]);
}

struct bucket {
	u64 *spent_until;
	u64 until;
};

static __always_inline struct bucket bucket_of(struct bucket_key *key, u64 now)
{
	struct bucket bucket = { .spent_until = bpf_map_lookup_elem(&weir_buckets, key) };

	bucket.until = now;
	if (bucket.spent_until && *bucket.spent_until > now)
		bucket.until = *bucket.spent_until;
	return bucket;
}

static __always_inline bool can_pay_ahead(struct bucket *bucket, u64 cost, u64 depth, u64 now)
{
	return bucket->until - now + PAID_AHEAD * cost <= depth / 2;
}

static __always_inline void spend(struct bucket_key *key, struct bucket *bucket, u64 cost)
{
	u64 until = bucket->until + cost;

	if (!cost)
		return;
	if (bucket->spent_until)
		*bucket->spent_until = until;
	else
		bpf_map_update_elem(&weir_buckets, key, &until, BPF_ANY);
}

/*
 * Whether the buckets of the current task are empty; else its events are paid for, and what is paid ahead
 * is noted. A session's events share one bucket, however many short processes make them; a process that
 * begins sessions of its own still shares its cgroup's, which it cannot leave without being privileged.
 * Global: verified once.
 */
__noinline int buckets_are_empty(u32 rows)
{
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	struct bucket_key tree_key = { .id = tree_bucket(task), .kind = BUCKET_TREE };
	struct bucket_key cgroup_key = { .id = cgroup_of(task), .kind = BUCKET_CGROUP };
	struct bucket tree = {}, cgroup = {};
	u64 now = coarse_now(), paid = rows, tree_cost, cgroup_cost;
	struct arrivals *here = arrivals_here();

	if (!config || !here)
		return 0;
	tree_cost = config->tree_cost_ns;
	cgroup_cost = config->cgroup_cost_ns;
	if (tree_cost) {
		tree = bucket_of(&tree_key, now);
		if (tree.until - now > config->tree_depth_ns)
			return 1;
	}
	if (cgroup_cost) {
		cgroup = bucket_of(&cgroup_key, now);
		if (cgroup.until - now > config->cgroup_depth_ns)
			return 1;
	}
	here->tree = tree_key.id;
	here->cgroup = cgroup_key.id;
	here->prepaid = 0;
	if ((!tree_cost || can_pay_ahead(&tree, tree_cost, config->tree_depth_ns, now)) &&
	    (!cgroup_cost || can_pay_ahead(&cgroup, cgroup_cost, config->cgroup_depth_ns, now))) {
		here->prepaid = PAID_AHEAD;
		paid += PAID_AHEAD;
	}
	spend(&tree_key, &tree, paid * tree_cost);
	spend(&cgroup_key, &cgroup, paid * cgroup_cost);
	return 0;
}

/* `task` is the current one. */
static __always_inline bool over_rate(struct task_struct *task, struct arrivals *here, u32 rows)
{
	if (here->prepaid >= rows && here->tree == tree_bucket(task) &&
	    here->cgroup == cgroup_of(task)) {
		here->prepaid -= rows;
		return false;
	}
	return buckets_are_empty(rows);
}

/* Buckets are asked only while this CPU is busier than a flow within the limits could make it. */
static __always_inline bool is_busy(struct weir_config *config, struct arrivals *here, u64 rows)
{
	u64 tick = bpf_jiffies64();

	if (here->tick != tick) {
		here->tick = tick;
		here->rows = 0;
	}
	here->rows += rows;
	return here->rows >= config->busy_rows;
}

/* For what a process can make without end, once it is wanted. `rows` over the limits are counted. */
static __always_inline bool within_rate(struct weir_config *config, struct task_struct *task,
					u32 event_class, u32 rows)
{
	struct arrivals *here;

	if (!config->busy_rows)
		return true;
	here = arrivals_here();
	if (!here || !is_busy(config, here, rows) || !over_rate(task, here, rows))
		return true;
	count_rows(event_class, WEIR_RATE_LIMITED, rows);
	return false;
}

/* ---- repeats ---- */

/*
 * The same thing done by the same process. Direct-mapped and of each CPU alone: two that meet in one
 * place or a process that moves only cost a record more.
 */
struct repeat {
	u64 object;
	u64 process; /* start time: no two of a pid have it in common */
	u32 pid;
	u16 type;
	/* Whoever preempts its user makes a record of its own. No atomic, which would cost more than all
	 * else here: to slip through it takes two that preempt each other within nanoseconds, and does no
	 * more than put a count of one to the other's record. */
	u16 in_use;
	u64 since; /* when the burst began */
	u64 recorded; /* when it last became a record */
	u32 burst; /* records since then */
	u32 folded; /* since the last record */
};
#define REPEATS 512
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, REPEATS);
	__type(key, u32);
	__type(value, struct repeat);
} weir_repeats SEC(".maps");

#define BURST_NS 1000000000ull

/* What an open or close is repeated on: the name and the file behind it, so that a new file in the
 * place or in the memory of an old one is another. */
static __always_inline u64 identity_of(struct file *file)
{
	struct dentry *dentry = READ(file, f_path.dentry);
	struct inode *inode = READ(file, f_inode);

	return (u64)READ(inode, i_ino) * 0x9e3779b97f4a7c15ull +
	       READ(inode, i_generation) * 0xc2b2ae3d27d4eb4full +
	       READ(dentry, d_name.hash) * 0x165667b19e3779f9ull + READ_NUMBER(dentry, d_parent);
}

static __always_inline u32 stands_for_of(struct repeat *r, struct weir_config *config,
					 struct task_struct *task, u32 event_class, u32 type,
					 u64 object)
{
	u64 process = READ(task, group_leader, start_boottime), now = coarse_now();
	u32 zero = 0, burst = config->repeat_burst;
	u32 pid = READ(task, tgid);
	u32 *pressure, folded;

	if (r->object != object || r->process != process || r->pid != pid || r->type != type) {
		r->object = object;
		r->process = process;
		r->pid = pid;
		r->type = type;
		r->since = r->recorded = now;
		r->burst = 1;
		r->folded = 0;
		return 1;
	}
	if (now - r->since > BURST_NS && now - r->recorded > BURST_NS) {
		r->since = now;
		r->burst = 0;
	}
	pressure = bpf_map_lookup_elem(&weir_pressure, &zero);
	if (pressure && *pressure)
		burst = 1;
	if (r->burst >= burst && now - r->recorded < config->repeat_interval_ns) {
		r->folded++;
		count(event_class, WEIR_COALESCED);
		return 0;
	}
	folded = r->folded;
	r->folded = 0;
	r->recorded = now;
	r->burst++;
	return folded + 1;
}

/*
 * How many events the record of this one stands for; 0: it is folded into a later one, and counted.
 * The first repeat_burst of a second are records of their own (1 while the ring is filling up), and
 * after them one for each repeat_interval_ns. What is folded after the last record of a flow is in
 * the counters only.
 */
static __always_inline u32 stands_for(struct weir_config *config, struct task_struct *task,
				      u32 event_class, u32 type, u64 object)
{
	u32 place = ((object >> 40) ^ object ^ (u32)READ(task, tgid) ^ type * 31) % REPEATS;
	struct repeat *r;
	u32 events;

	if (!config->repeat_interval_ns)
		return 1;
	r = bpf_map_lookup_elem(&weir_repeats, &place);
	if (!r || *(volatile u16 *)&r->in_use)
		return 1;
	*(volatile u16 *)&r->in_use = 1;
	barrier();
	events = stands_for_of(r, config, task, event_class, type, object);
	barrier();
	*(volatile u16 *)&r->in_use = 0;
	return events;
}

#endif
