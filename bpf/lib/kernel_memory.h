/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Memory that code can be put into and run from. */
#ifndef WEIR_KERNEL_MEMORY_H
#define WEIR_KERNEL_MEMORY_H

#include "kernel_event.h"

#define PROT_WRITE_EXEC 6
#define MAP_ANONYMOUS 0x20

/* Called for every mapping of the host: what is not both leaves at once. */
AT_CALLS(kernel_memory, "{mmap,mprotect,pkey_mprotect}")
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs = entry_registers(task);
	struct weir_kernel_event *e;
	bool failed;
	int slot;

	if ((ARG2(regs) & PROT_WRITE_EXEC) != PROT_WRITE_EXEC || !is_on())
		return 0;
	slot = begin(WEIR_MEMORY, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	failed = ret < 0 && ret >= -4095;
	e->number = ARG2(regs);
	e->length = ARG1(regs);
	e->result = failed ? ret : 0;
	e->address = call == __NR_mmap && !failed ? (u64)ret : ARG0(regs);
	if (call == __NR_mmap) {
		e->flags = ARG3(regs);
		if (!(e->flags & MAP_ANONYMOUS)) {
			e->fd = ARG4(regs);
			PUT_FILE(slot, PATH, file_of(task, ARG4(regs)));
		}
	}
	send(slot);
	return 0;
}
AT_CALL_TRAMPOLINE(kernel_memory, mmap)
AT_CALL_TRAMPOLINE(kernel_memory, mprotect)
AT_CALL_TRAMPOLINE(kernel_memory, pkey_mprotect)

AT_CALLS(kernel_memfd, "{memfd_create,memfd_secret}")
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs = entry_registers(task);
	struct weir_kernel_event *e;
	int slot;

	if (!is_on())
		return 0;
	slot = begin(WEIR_MEMFD, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->flags = (u32)(call == __NR_memfd_create ? ARG1(regs) : ARG0(regs));
	if (ret >= 0) {
		e->fd = ret;
		PUT_FILE(slot, PATH, file_of(task, ret));
	} else {
		e->result = ret;
		if (call == __NR_memfd_create)
			put_text(slot, PATH, ARG0(regs));
	}
	send(slot);
	return 0;
}

#endif
