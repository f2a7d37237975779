// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* One program for each kind of hook that a kernel may refuse as a whole (lockdown, no ftrace, another
 * architecture). The loader loads and attaches it for a moment, to a function that is rarely called. */
#include "lib/kernel_types.h"
#include "lib/read.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("fentry/vfs_truncate")
int trial_trampoline(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("kprobe/vfs_truncate")
int trial_kprobe(void *ctx __attribute__((unused)))
{
	return 0;
}
