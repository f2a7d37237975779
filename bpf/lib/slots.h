/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Places where records are put together, which no two programs may use at once. A program may be
 * interrupted, and where a trampoline (or, from 7.0 on, a tracepoint) is its way in it may be
 * preempted, by another on the same CPU, which may be preempted in turn. So each CPU has several
 * slots, taken and given back; when all are taken the event is counted as WEIR_LOST_MAP. No program
 * moves to another CPU while it runs.
 *
 * An ARRAY, because per-CPU values cap at 32 KiB; its values begin with the u64 `in_use`. The family
 * says with SLOTS how many it wants where the kernel preempts; elsewhere the loader takes 2.
 */
#ifndef WEIR_SLOTS_H
#define WEIR_SLOTS_H

#include "read.h"

#ifndef SLOTS
#error "say how many programs of this family may be under way on a CPU"
#endif

/* Of this CPU; the loader sets it, and the size of the map `scratch_slots` by it. */
const volatile u32 slots_a_cpu = SLOTS;

/* False when somebody else on this CPU is in the middle of using it. */
static __always_inline bool take_slot(u64 *in_use)
{
#ifdef WEIR_DIRECT
	return __sync_val_compare_and_swap(in_use, 0, 1) == 0;
#else
	/* Atomics with a result came with 5.12. Whoever adds and then finds nothing but its own has it:
	 * of two that add at the same time neither does, and both go on to the next. */
	__sync_fetch_and_add(in_use, 1);
	if (*(volatile u64 *)in_use == 1)
		return true;
	__sync_fetch_and_add(in_use, -1);
	return false;
#endif
}

static __always_inline void give_slot(u64 *in_use)
{
#ifdef WEIR_DIRECT
	*(volatile u64 *)in_use = 0;
#else
	/* Not set to 0: another may be trying. */
	__sync_fetch_and_add(in_use, -1);
#endif
}

/* Index of one of this CPU's slots. */
static __always_inline u32 slot_of_cpu(u32 i)
{
	return bpf_get_smp_processor_id() * slots_a_cpu + i;
}

#endif
