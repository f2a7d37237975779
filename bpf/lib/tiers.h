/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Several ways into one body; addon/sensor/families.cc says which programs are one way, and the
 * loader takes the best that the kernel lets it load and attach:
 *
 *   trampoline  fentry, fexit: arguments and result at hand
 *   kprobe      an entry that keeps the arguments, and a return that takes them
 *   tracepoint  of system calls: in the family's own file
 *
 * A body takes up to three arguments of the kernel's function and its result.
 */
#ifndef WEIR_TIERS_H
#define WEIR_TIERS_H

#include "header.h"
#include "maps.h"
#include "registers.h"
#include "syscall.h"

/* By assembly, or the compiler makes one load from a computed place, which the verifier refuses. */
#define LOAD_SLOT(ctx, offset)                                                                     \
	({                                                                                         \
		u64 slot_value;                                                                    \
		asm volatile("%0 = *(u64 *)(%1 + " #offset ")" : "=r"(slot_value) : "r"(ctx));     \
		slot_value;                                                                        \
	})

/*
 * The result lies behind the arguments, and how many those are differs between kernels: the loader
 * sets it from the running kernel's types. What that rules out the verifier does not look at.
 */
#define RESULT_BEHIND(ctx, arguments)                                                              \
	({                                                                                         \
		u64 result_value = 0;                                                              \
		if ((arguments) == 1)                                                              \
			result_value = LOAD_SLOT(ctx, 8);                                          \
		else if ((arguments) == 2)                                                         \
			result_value = LOAD_SLOT(ctx, 16);                                         \
		else if ((arguments) == 3)                                                         \
			result_value = LOAD_SLOT(ctx, 24);                                         \
		else if ((arguments) == 4)                                                         \
			result_value = LOAD_SLOT(ctx, 32);                                         \
		else if ((arguments) == 5)                                                         \
			result_value = LOAD_SLOT(ctx, 40);                                         \
		else if ((arguments) == 6)                                                         \
			result_value = LOAD_SLOT(ctx, 48);                                         \
		result_value;                                                                      \
	})

/* A pointer as a number: the verifier allows no arithmetic on one that it knows. */
#define NUMBER_BEHIND(ctx, arguments)                                                              \
	({                                                                                         \
		u64 result_value = 0;                                                              \
		bpf_probe_read_kernel(&result_value, sizeof(result_value), ctx + (arguments));     \
		result_value;                                                                      \
	})

/*
 * Arguments between a kprobe's entry and return, by thread and place. LRU: threads may die within a
 * call. Full: the one kept longest goes, and its event is missed.
 */
struct kept_key {
	u64 thread;
	u64 place;
};
struct kept_call {
	u64 arguments[3];
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct kept_key);
	__type(value, struct kept_call);
} kept_calls SEC(".maps");

static __always_inline void keep_call(u64 place, u64 first, u64 second, u64 third)
{
	struct kept_key key = { .thread = bpf_get_current_pid_tgid(), .place = place };
	struct kept_call call = { .arguments = { first, second, third } };

	bpf_map_update_elem(&kept_calls, &key, &call, BPF_ANY);
}

static __always_inline bool take_call(u64 place, struct kept_call *call)
{
	struct kept_key key = { .thread = bpf_get_current_pid_tgid(), .place = place };
	struct kept_call *kept = bpf_map_lookup_elem(&kept_calls, &key);

	if (!kept)
		return false;
	*call = *kept;
	bpf_map_delete_elem(&kept_calls, &key);
	return true;
}

/* NAME_fexit, or NAME_kprobe with NAME_kretprobe: body(first .., result) when the function returns. */
#define AT_RETURN(name, function, fexit_call, kprobe_keep, place, kretprobe_call)                  \
	enum {                                                                                     \
		name##_place = __COUNTER__                                                         \
	};                                                                                         \
	const volatile u32 name##_arguments = 0;                                                   \
	SEC("fexit/" function)                                                                     \
	int name##_fexit(u64 *ctx)                                                                 \
	{                                                                                          \
		u64 result = RESULT_BEHIND(ctx, name##_arguments);                                 \
                                                                                                   \
		fexit_call;                                                                        \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kprobe/" function)                                                                    \
	int name##_kprobe(struct pt_regs *ctx)                                                     \
	{                                                                                          \
		kprobe_keep;                                                                       \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kretprobe/" function)                                                                 \
	int name##_kretprobe(struct pt_regs *ctx)                                                  \
	{                                                                                          \
		u64 result = REGISTER_RESULT(ctx);                                                 \
		struct kept_call call;                                                             \
                                                                                                   \
		if (take_call(place, &call))                                                       \
			kretprobe_call;                                                            \
		return 0;                                                                          \
	}

#define AT_RETURN_1(name, function, body)                                                          \
	AT_RETURN(name, function, body(ctx[0], result),                                            \
		  keep_call(name##_place, REGISTER0(ctx), 0, 0), name##_place,                     \
		  body(call.arguments[0], result))
#define AT_RETURN_2(name, function, body)                                                          \
	AT_RETURN(name, function, body(ctx[0], ctx[1], result),                                    \
		  keep_call(name##_place, REGISTER0(ctx), REGISTER1(ctx), 0), name##_place,        \
		  body(call.arguments[0], call.arguments[1], result))
#define AT_RETURN_3(name, function, body)                                                          \
	AT_RETURN(name, function, body(ctx[0], ctx[1], ctx[2], result),                            \
		  keep_call(name##_place, REGISTER0(ctx), REGISTER1(ctx), REGISTER2(ctx)),         \
		  name##_place,                                                                    \
		  body(call.arguments[0], call.arguments[1], call.arguments[2], result))

/* Of functions that call themselves, by way of a file system above another: calls are told apart by
 * their place on the stack. */
#define NESTED_PLACE(name, frame) (name##_place | (u64)(frame) << 8)
#define AT_NESTED_RETURN_1(name, function, body)                                                   \
	AT_RETURN(name, function, body(ctx[0], result),                                            \
		  keep_call(NESTED_PLACE(name, FRAME_AT_ENTRY(ctx)), REGISTER0(ctx), 0, 0),        \
		  NESTED_PLACE(name, FRAME_AT_RETURN(ctx)), body(call.arguments[0], result))

/* Where only the result matters, no entry is needed. */
#define AT_RESULT(name, function, body) AT_RESULT_READ(name, function, body, RESULT_BEHIND)
/* Of functions that return a pointer, on some kernels at least. */
#define AT_POINTER(name, function, body) AT_RESULT_READ(name, function, body, NUMBER_BEHIND)

#define AT_RESULT_READ(name, function, body, read_result)                                          \
	const volatile u32 name##_arguments = 0;                                                   \
	SEC("fexit/" function)                                                                     \
	int name##_fexit(u64 *ctx)                                                                 \
	{                                                                                          \
		u64 result = read_result(ctx, name##_arguments);                                   \
                                                                                                   \
		body(result);                                                                      \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kretprobe/" function)                                                                 \
	int name##_kretprobe(struct pt_regs *ctx)                                                  \
	{                                                                                          \
		body(REGISTER_RESULT(ctx));                                                        \
		return 0;                                                                          \
	}

/*
 * NAME_graph: a return that is never missed, however many calls are under way, where it comes by the graph
 * tracer (from 6.14 on), which gives each task a stack of its own for them.
 */
#define AT_GRAPH_RETURN(name, function, call_body)                                                 \
	SEC("kretprobe.multi/" function)                                                           \
	int name##_graph(struct pt_regs *ctx)                                                      \
	{                                                                                          \
		u64 result = REGISTER_RESULT(ctx);                                                 \
                                                                                                   \
		call_body;                                                                         \
		return 0;                                                                          \
	}

#define AT_ENTRY(name, function, fentry_call, kprobe_call)                                         \
	SEC("fentry/" function)                                                                    \
	int name##_fentry(u64 *ctx)                                                                \
	{                                                                                          \
		fentry_call;                                                                       \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kprobe/" function)                                                                    \
	int name##_kprobe(struct pt_regs *ctx)                                                     \
	{                                                                                          \
		kprobe_call;                                                                       \
		return 0;                                                                          \
	}

/* Of functions that return int the upper half of the register means nothing; of those that return a
 * pointer it does. Right for both: no pointer of the kernel's has an upper half of 0. */
static __always_inline bool has_failed(u64 result)
{
	u32 upper = result >> 32;

	return (upper == 0 || upper == 0xffffffff) && (s32)result < 0 && (s32)result >= -4095;
}

#define PF_IO_WORKER 0x10
#define PF_KTHREAD 0x200000

/* The system call that the current task is in; of 32-bit ones with WEIR_F_COMPAT in `flags`. */
static __always_inline u16 current_call(u32 *flags)
{
	struct task_struct *task = CURRENT();

	/* What lies where registers would be was never a user's. */
	if (READ(task, flags) & (PF_IO_WORKER | PF_KTHREAD))
		return NO_SYSCALL;
#if defined(__TARGET_ARCH_x86)
	if (READ(task, thread_info.status) & 2) /* TS_COMPAT */
		*flags |= WEIR_F_COMPAT;
#endif
	return CALL_NUMBER(entry_registers(task));
}

#endif
