// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What changes a process's rights or reach, another process, or the kernel: credentials, ptrace,
 * signals, modules, BPF, mounts, namespaces, executable memory, io_uring; and execs that failed.
 * Refusals are records too: who tries is worth knowing.
 *
 * Blind here: 32-bit calls, but for what does not come from a call (signals, modules, namespaces of
 * clone, io_uring, and the comparison of credentials).
 */
#include "lib/kernel_types.h"

#include "lib/kernel_event.h"
/* After kernel_event.h, which says what scratch holds. */
#include "lib/kernel_code.h"
#include "lib/kernel_credentials.h"
#include "lib/kernel_memory.h"
#include "lib/kernel_mount.h"
#include "lib/kernel_others.h"
#include "lib/kernel_ring.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define CLONE_THREAD 0x00010000
/* NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET */
#define CLONE_NEW_ANY 0x7e020080

/* ---- execs that failed ---- */

AT_CALLS(kernel_exec_failed, "{execve,execveat}")
{
	struct pt_regs *regs;
	int slot;

	if (ret >= 0 || !is_on())
		return 0;
	slot = begin(WEIR_EXEC_FAILED, call);
	if (slot < 0)
		return 0;
	ACTION(slot)->result = ret;
	regs = entry_registers(CURRENT());
	if (call == __NR_execve)
		put_named(slot, PATH, AT_FDCWD, ARG0(regs));
	else
		put_named(slot, PATH, ARG0(regs), ARG1(regs));
	send(slot);
	return 0;
}
AT_CALL_TRAMPOLINE(kernel_exec_failed, execve)
AT_CALL_TRAMPOLINE(kernel_exec_failed, execveat)

/* ---- new tasks: their credentials, and namespaces that they are born into ---- */

SEC("tp_btf/task_newtask")
int kernel_new_task(u64 *ctx)
{
	struct task_struct *child = CAST(struct task_struct, ctx[0]);
	u64 flags = ctx[1];
	struct weir_kernel_event *e;
	int slot;

	if (flags & CLONE_THREAD)
		return 0;
	check_credentials(NO_SYSCALL);
	remember_credentials(child);
	if (!(flags & CLONE_NEW_ANY) || !is_on())
		return 0;
	slot = begin(WEIR_NAMESPACE, CALL_NUMBER(entry_registers(CURRENT())));
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->number = WEIR_NAMESPACE_CLONE;
	e->flags = flags;
	fill_target(e, child);
	fill_namespaces(e, child);
	send(slot);
	return 0;
}

AT_CALLS(kernel_namespace, "{unshare,setns,chroot}")
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs = entry_registers(task);
	struct weir_kernel_event *e;
	int slot;

	if (call == __NR_unshare && !(ARG0(regs) & CLONE_NEW_ANY))
		return 0;
	if (ret == 0)
		remember_credentials(task);
	if (!is_on())
		return 0;
	slot = begin(WEIR_NAMESPACE, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->result = ret;
	fill_namespaces(e, task);
	if (call == __NR_unshare) {
		e->number = WEIR_NAMESPACE_UNSHARE;
		e->flags = ARG0(regs);
	} else if (call == __NR_setns) {
		e->number = WEIR_NAMESPACE_SETNS;
		e->fd = ARG0(regs);
		e->flags = (u32)ARG1(regs);
	} else {
		e->number = WEIR_NAMESPACE_CHROOT;
		/* A name would now mean something below the new root. */
		if (ret == 0)
			put_root(slot, PATH);
		else
			put_named(slot, PATH, AT_FDCWD, ARG0(regs));
	}
	send(slot);
	return 0;
}
