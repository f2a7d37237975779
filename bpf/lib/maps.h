/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Maps that all families share: the loader creates them with the first object and lends them to the
 * others. Every map that can be full says what happens then.
 */
#ifndef WEIR_MAPS_H
#define WEIR_MAPS_H

#include "read.h"
#include "weir.h"

/* Full: the record is dropped and counted as WEIR_LOST_RING. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} weir_lifecycle SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WEIR_NOISE_BYTES);
} weir_noise SEC(".maps");

/* When the reader of each ring (0 lifecycle, 1 noise) was woken last, or has said that it is awake. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, u64);
} weir_wake SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEIR_CLASSES *WEIR_COUNTERS);
	__type(key, u32);
	__type(value, u64);
} weir_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct weir_config);
} weir_settings SEC(".maps");

/* Filters are written by user space alone; it is told when one is full. */
#define FILTER_MAP(name, kind, key_type, value_type, entries)                                      \
	struct {                                                                                   \
		__uint(type, kind);                                                                \
		__uint(max_entries, entries);                                                      \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__type(key, key_type);                                                             \
		__type(value, value_type);                                                         \
	} name SEC(".maps")

FILTER_MAP(weir_only_cgroups, BPF_MAP_TYPE_HASH, u64, u32, 4096);
FILTER_MAP(weir_not_cgroups, BPF_MAP_TYPE_HASH, u64, struct weir_exclusion, 4096);
FILTER_MAP(weir_only_exes, BPF_MAP_TYPE_HASH, struct weir_exe_key, u32, 4096);
FILTER_MAP(weir_not_exes, BPF_MAP_TYPE_HASH, struct weir_exe_key, struct weir_exclusion, 4096);
FILTER_MAP(weir_not_uids, BPF_MAP_TYPE_HASH, u32, struct weir_exclusion, 4096);
FILTER_MAP(weir_not_ports, BPF_MAP_TYPE_HASH, u16, struct weir_exclusion, 4096);
FILTER_MAP(weir_own_pids, BPF_MAP_TYPE_HASH, u32, u8, 256);
FILTER_MAP(weir_not_prefixes, BPF_MAP_TYPE_LPM_TRIE, struct weir_prefix_key, struct weir_exclusion,
	   4096);
FILTER_MAP(weir_not_addresses, BPF_MAP_TYPE_LPM_TRIE, struct weir_address_key,
	   struct weir_exclusion, 4096);
FILTER_MAP(weir_read_prefixes, BPF_MAP_TYPE_LPM_TRIE, struct weir_prefix_key, u32, 4096);

/* What each exclusion left out; also in weir_counters. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEIR_EXCLUSION_SLOTS);
	__type(key, u32);
	__type(value, u64);
} weir_excluded SEC(".maps");

/* Atomic, because an interrupt's program may count between load and store of this CPU's. */
static __always_inline void count_rows(u32 event_class, u32 counter, u64 rows)
{
	u32 key = event_class * WEIR_COUNTERS + counter;
	u64 *value = bpf_map_lookup_elem(&weir_counters, &key);

	if (value)
		__sync_fetch_and_add(value, rows);
}

static __always_inline void count(u32 event_class, u32 counter)
{
	count_rows(event_class, counter, 1);
}

/* Whether the noisy ring is filling up: from a half full until it is less than a quarter. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} weir_pressure SEC(".maps");

#define BPF_RB_AVAIL_DATA 0

static __always_inline void watch_pressure(void)
{
	u64 waiting = bpf_ringbuf_query(&weir_noise, BPF_RB_AVAIL_DATA);
	u32 zero = 0;
	u32 *pressure = bpf_map_lookup_elem(&weir_pressure, &zero);

	if (!pressure)
		return;
	if (waiting > WEIR_NOISE_BYTES / 2)
		*pressure = 1;
	else if (waiting < WEIR_NOISE_BYTES / 4)
		*pressure = 0;
}

/*
 * Whether this record should wake the reader: see WEIR_WAKE_WINDOW_NS. Two CPUs may both say yes. Signed,
 * as somebody may have said so after `now` was read.
 */
static __always_inline u64 wake_flags(u32 ring, u64 now)
{
	u64 *last = bpf_map_lookup_elem(&weir_wake, &ring);

	if (!last || (s64)(now - *last) < (s64)WEIR_WAKE_WINDOW_NS)
		return BPF_RB_NO_WAKEUP;
	*last = now;
	if (ring)
		watch_pressure();
	return BPF_RB_FORCE_WAKEUP;
}

/* Hands a record to its ring and counts what became of it. */
#define SUBMIT(ring_map, ring_index, event_class, record, size, now)                               \
	do {                                                                                       \
		if (bpf_ringbuf_output(&ring_map, record, size, wake_flags(ring_index, now)))      \
			count(event_class, WEIR_LOST_RING);                                        \
		else                                                                               \
			count(event_class, WEIR_SUBMITTED);                                        \
	} while (0)

#endif
