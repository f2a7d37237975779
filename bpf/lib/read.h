/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * How kernel memory is read. Each program is compiled twice from the same source:
 *
 *   direct (kernel >= 6.2): plain loads; the verifier knows the types and the JIT makes a bad
 *     pointer read as 0. About twice as fast.
 *   probe: bpf_probe_read_kernel(), which every kernel with a ring buffer has.
 *
 * READ(ptr, a, b) is ptr->a->b; CAST(type, ptr) says what a pointer without type points to.
 */
#ifndef WEIR_READ_H
#define WEIR_READ_H

#include "kernel_types.h"
/* After the types. */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* The compiler may conclude nothing about x from here on: a check that follows stays, and stays
 * about the very register that is used. Use it on 64-bit values. */
#define KEEP(x) asm volatile("" : "+r"(x))

#ifdef WEIR_DIRECT

/* Since 6.2 (a35b9af4ec2c). Weak, or an older kernel would refuse the object with a worse reason. */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

#define READ(ptr, ...) (___arrow(ptr, __VA_ARGS__))
#define CAST(type, ptr)                                                                            \
	((type *)bpf_rdonly_cast((const void *)(ptr), bpf_core_type_id_kernel(type)))
/* Eight bytes at an address, as any struct that begins with a number tells them. */
#define LOAD_NUMBER(address) ((u64)READ(CAST(struct timespec64, address), tv_sec))
/* A pointer lying at an address that the verifier knows nothing about. */
#define LOAD_POINTER(address) ((u64)READ(CAST(struct hlist_head, address), first))
/*
 * Cast away its trust: of every field read through a trusted pointer the verifier asks whether it
 * is trusted, too, by a search through all types of the kernel. That made loading 4 times slower.
 */
#define CURRENT() CAST(struct task_struct, bpf_get_current_task_btf())

#else

/* Through a variable, or BPF_CORE_READ relocates the fields that lead to `ptr`, too. */
#define READ(ptr, ...)                                                                             \
	({                                                                                         \
		typeof(ptr) read_from = (ptr);                                                     \
		BPF_CORE_READ(read_from, __VA_ARGS__);                                             \
	})
#define CAST(type, ptr) ((type *)(ptr))
#define CURRENT() ((struct task_struct *)bpf_get_current_task())

static __always_inline u64 load_number(u64 address)
{
	u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), (void *)address);
	return number;
}

#define LOAD_NUMBER(address) load_number(address)
#define LOAD_POINTER(address) load_number(address)

#endif

/* Sub-structures in kernel memory, as addresses. */
#define ADDRESS_OF(ptr, type, field) ((u64)(ptr) + bpf_core_field_offset(type, field))

/* An integer for a typed pointer: arithmetic on it is then the verifier's concern no more. */
#define READ_NUMBER(ptr, field) LOAD_NUMBER((u64)(&(ptr)->field))

#endif
