/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Code that enters the kernel: modules and BPF programs. */
#ifndef WEIR_KERNEL_CODE_H
#define WEIR_KERNEL_CODE_H

#include "kernel_event.h"

struct module {
	char name[56];
} __attribute__((preserve_access_index));

/* Of all modules, by whichever call. The file is that of finit_module's descriptor. */
SEC("?tp_btf/module_load")
int kernel_module_load(u64 *ctx)
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs = entry_registers(task);
	u32 call = CALL_NUMBER(regs);
	struct weir_kernel_event *e;
	int slot;

	if (!is_on())
		return 0;
	slot = begin(WEIR_MODULE, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->number = 1;
	PUT_KERNEL_TEXT(slot, NAME, ADDRESS_OF(ctx[0], struct module, name));
	if (call == __NR_finit_module) {
		e->fd = ARG0(regs);
		e->flags = (u32)ARG2(regs);
		PUT_FILE(slot, PATH, file_of(task, ARG0(regs)));
	}
	send(slot);
	return 0;
}

AT_CALLS(kernel_module_call, "{init_module,finit_module,delete_module}")
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs = entry_registers(task);
	bool unload = call == __NR_delete_module;
	struct weir_kernel_event *e;
	int slot;

	/* A load that succeeded was told by its tracepoint. */
	if ((!unload && ret >= 0) || !is_on())
		return 0;
	slot = begin(WEIR_MODULE, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->number = !unload;
	e->result = ret;
	if (unload) {
		put_text(slot, NAME, ARG0(regs));
		e->flags = (u32)ARG1(regs);
	} else if (call == __NR_finit_module) {
		e->fd = ARG0(regs);
		e->flags = (u32)ARG2(regs);
		PUT_FILE(slot, PATH, file_of(task, ARG0(regs)));
	}
	send(slot);
	return 0;
}

#define BPF_PROG_LOAD 5
#define ATTRIBUTE_PROGRAM_NAME 48 /* offset in union bpf_attr, part of the kernel's interface */
#define PROGRAM_NAME_LENGTH 16

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_prog_aux {
	u32 id;
	const char *attach_func_name;
	char name[16];
};
enum bpf_prog_type {
	ANY_PROGRAM_TYPE
};
struct bpf_prog {
	enum bpf_prog_type type;
	u8 tag[8];
	struct bpf_prog_aux *aux;
};

#pragma clang attribute pop

AT_CALLS(kernel_bpf_load, "bpf")
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs = entry_registers(task);
	struct weir_kernel_event *e;
	struct file *file;
	int slot;

	if ((int)ARG0(regs) != BPF_PROG_LOAD || !is_on())
		return 0;
	slot = begin(WEIR_BPF_LOAD, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	file = ret >= 0 ? file_of(task, ret) : NULL;
	if (file) {
		struct bpf_prog *program = CAST(struct bpf_prog, READ(file, private_data));
		struct bpf_prog_aux *aux = READ(program, aux);

		e->fd = ret;
		e->number = READ(program, type);
		e->id = READ(aux, id);
		bpf_probe_read_kernel(e->tag, sizeof(e->tag),
				      (void *)ADDRESS_OF(program, struct bpf_prog, tag));
		PUT_KERNEL_TEXT(slot, NAME, ADDRESS_OF(aux, struct bpf_prog_aux, name));
		PUT_KERNEL_TEXT(slot, KIND, READ(aux, attach_func_name));
	} else {
		e->result = ret < 0 ? ret : 0;
		if (bpf_probe_read_user(&e->number, sizeof(e->number), (void *)ARG1(regs)))
			e->h.flags |= WEIR_F_FAULT;
		put_text(slot, NAME, ARG1(regs) + ATTRIBUTE_PROGRAM_NAME);
	}
	send(slot);
	return 0;
}

#endif
