/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a system call was asked and what it answered. */
#ifndef WEIR_SYSCALL_H
#define WEIR_SYSCALL_H

#include "compat.h"

/* Contexts of the tracepoints syscalls/sys_enter_* and sys_exit_*. The padding is not zeroed. */
struct syscall_enter {
	u64 common;
	int id;
	u32 padding;
	unsigned long args[6];
};
struct syscall_exit {
	u64 common;
	int id;
	u32 padding;
	long ret;
};

/*
 * Arguments at the exit, from the registers saved at entry: user space cannot change those while it
 * waits, so that no program is needed at the entry. What they point to it can.
 */
#if defined(__TARGET_ARCH_x86)
#define CALL_NUMBER(regs) ((u32)READ(regs, orig_ax))
#define ARG0(regs) ((u64)READ(regs, di))
#define ARG1(regs) ((u64)READ(regs, si))
#define ARG2(regs) ((u64)READ(regs, dx))
#define ARG3(regs) ((u64)READ(regs, r10))
#define ARG4(regs) ((u64)READ(regs, r8))
#define ARG5(regs) ((u64)READ(regs, r9))
#elif defined(__TARGET_ARCH_arm64)
#define CALL_NUMBER(regs) ((u32)READ(regs, syscallno))
/* x0 holds the result by then. */
#define ARG0(regs) ((u64)READ(regs, orig_x0))
#define ARG1(regs) ((u64)READ(regs, regs[1]))
#define ARG2(regs) ((u64)READ(regs, regs[2]))
#define ARG3(regs) ((u64)READ(regs, regs[3]))
#define ARG4(regs) ((u64)READ(regs, regs[4]))
#define ARG5(regs) ((u64)READ(regs, regs[5]))
#endif

#endif
