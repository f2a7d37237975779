/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * System calls for which no function further in will do, by the function that each begins with. While any
 * tracepoint of system calls has a program, the kernel takes a slower way through every call of the host;
 * these cost nothing but the calls that they are of. As the tracepoints, they do not see 32-bit calls; other
 * than those, not what a seccomp filter refuses either.
 */
#ifndef WEIR_CALLS_H
#define WEIR_CALLS_H

#include "registers.h"
#include "syscall.h"

#if defined(__TARGET_ARCH_x86)
#define CALL_FUNCTION "__x64_sys_"
#elif defined(__TARGET_ARCH_arm64)
#define CALL_FUNCTION "__arm64_sys_"
#endif

/* Read once: clang would otherwise compute the field's address for several reads, and the verifier
 * refuses a context with an offset. */
static __always_inline long result_of(struct syscall_exit *ctx)
{
	long result = ctx->ret;

	KEEP(result);
	return result;
}

static __always_inline u32 call_of(struct syscall_exit *ctx)
{
	u64 call = (u32)ctx->id;

	KEEP(call);
	return call;
}

/* A body with `call` and `ret`, for NAME_kretprobe and for NAME, the tracepoint. `calls`: "ptrace" or
 * "{kill,tkill}". The arguments are in entry_registers(). */
#define AT_CALLS(name, calls)                                                                      \
	static __noinline int name##_exits(u32 call, long ret);                                    \
	SEC("kretprobe/" CALL_FUNCTION calls)                                                      \
	int name##_kretprobe(struct pt_regs *ctx)                                                  \
	{                                                                                          \
		long ret = REGISTER_RESULT(ctx);                                                   \
                                                                                                   \
		return name##_exits(CALL_NUMBER(entry_registers(CURRENT())), ret);                 \
	}                                                                                          \
	SEC("tp/syscalls/sys_exit_" calls)                                                         \
	int name(struct syscall_exit *ctx)                                                         \
	{                                                                                          \
		u32 call = call_of(ctx);                                                           \
                                                                                                   \
		return name##_exits(call, result_of(ctx));                                         \
	}                                                                                          \
	static __noinline int name##_exits(u32 call, long ret)

/* NAME_CALL_fexit, a program for each call: of those that are made often, or that wait, since a return
 * probe has room for so many calls at once. The function's argument comes before its result. */
#define AT_CALL_TRAMPOLINE(name, called)                                                           \
	SEC("fexit/" CALL_FUNCTION #called)                                                        \
	int name##_##called##_fexit(u64 *ctx)                                                      \
	{                                                                                          \
		return name##_exits(__NR_##called, ctx[1]);                                        \
	}

#endif
