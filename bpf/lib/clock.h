/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Time to within a tick (1 to 10 ms), for windows and limits. It is a load; the clock that records are
 * stamped with costs 20 to 40 ns, on some virtual machines more than all else that is done for an event
 * which is folded into another.
 */
#ifndef WEIR_CLOCK_H
#define WEIR_CLOCK_H

#include "read.h"

/* Length of a tick; the loader sets it. */
const volatile u32 tick_ns = 4000000;

/* Nanoseconds from a point that no other clock shares; stands still while the machine sleeps. */
static __always_inline u64 coarse_now(void)
{
	return bpf_jiffies64() * tick_ns;
}

#endif
