/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Where a record with strings is put together. Its first SCRATCH_STRINGS strings are written
 * backwards from DATA_END, so that the struct fits right before them whatever their lengths, and
 * one bpf_ringbuf_output() takes the lot:
 *
 *     data:  | ... free ... | struct | string 0 | ... | last string | tail ... | slack |
 *                           ^ offset                                ^ DATA_END
 *
 * Each CPU has several of these: see slots.h.
 *
 * The verifier adds the largest offset to the largest size, not knowing that they depend on each
 * other: that is what the slack behind is for. Its first 4 KiB serve as a place for one string.
 */
#ifndef WEIR_SCRATCH_H
#define WEIR_SCRATCH_H

#include "maps.h"
#include "slots.h"

#ifndef SCRATCH_STRINGS
#error "say how many paths the longest record has"
#endif
#ifndef SCRATCH_TAIL
#define SCRATCH_TAIL 0
#endif

#define DATA_END (512 + SCRATCH_STRINGS * WEIR_PATH_MAX)
#define DATA_SIZE (2 * DATA_END + 2 * SCRATCH_TAIL)
#define SLACK (DATA_END + SCRATCH_TAIL)

struct scratch {
	u64 in_use;
	/* Of the path being walked; memory, so that the verifier forgets what it knew of them. */
	u64 dentry, mount;
	u64 user_path;
	int dirfd;
	volatile u32 offset;
	u32 limit; /* lowest offset that the string may reach */
	u32 cut; /* the string did not fit */
	u32 fault;
	u32 from_user;
	u32 in_kernel; /* user_path lies in the kernel's memory: set and reset by who makes it so */
#ifdef SCRATCH_ACTION
	struct SCRATCH_ACTION action; /* what the family is about to report */
#endif
	struct weir_prefix_key prefix;
	u8 data[DATA_SIZE];
};

/* One entry for each CPU and slot; the loader sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, u32);
	__type(value, struct scratch);
} scratch_slots SEC(".maps");

static __always_inline struct scratch *scratch_at(u32 slot)
{
	return bpf_map_lookup_elem(&scratch_slots, &slot);
}

/* A free slot of this CPU, ready for the last string; NULL is counted by the caller. */
static __always_inline struct scratch *take_scratch(u32 *slot)
{
	for (u32 i = 0; i < SLOTS && i < slots_a_cpu; i++) {
		struct scratch *s;

		*slot = slot_of_cpu(i);
		s = scratch_at(*slot);
		if (s && take_slot(&s->in_use)) {
			s->offset = DATA_END;
			s->cut = 0;
			s->fault = 0;
			s->from_user = 0;
			s->in_kernel = 0;
			return s;
		}
	}
	return NULL;
}

static __always_inline void give_back(struct scratch *s)
{
	give_slot(&s->in_use);
}

#endif
