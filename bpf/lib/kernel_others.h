/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is done to other processes: ptrace, their memory, signals. */
#ifndef WEIR_KERNEL_OTHERS_H
#define WEIR_KERNEL_OTHERS_H

#include "kernel_event.h"

#define EPERM 1
#define NR_PIDFD_SEND_SIGNAL 424

#define PTRACE_TRACEME 0
#define PTRACE_ATTACH 16
#define PTRACE_SEIZE 0x4206
#define PTRACE_SETREGSET 0x4205

/* Requests that take hold of a process or change it; not the many that look at it or go on. */
static __always_inline bool is_reported_request(u64 request)
{
	/* POKETEXT, POKEDATA, POKEUSR, SETREGS, SETFPREGS, ATTACH, SETFPXREGS */
	return request == PTRACE_TRACEME || (request >= 4 && request <= 6) || request == 13 ||
	       request == 15 || request == PTRACE_ATTACH || request == 19 ||
	       request == PTRACE_SEIZE || request == PTRACE_SETREGSET;
}

AT_CALLS(kernel_ptrace, "ptrace")
{
	struct task_struct *task = CURRENT(), *target;
	struct pt_regs *regs = entry_registers(task);
	u64 request = ARG0(regs);
	struct weir_kernel_event *e;
	int slot;

	if (!is_reported_request(request) || !is_on())
		return 0;
	slot = begin(WEIR_PTRACE, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->number = request;
	e->result = ret;
	if (request == PTRACE_TRACEME) {
		/* The tracer is asked to trace: the parent. */
		target = READ(task, real_parent);
	} else {
		e->address = ARG2(regs);
		target = task_by_number(task, ARG1(regs));
	}
	if (target)
		fill_target(e, target);
	send(slot);
	return 0;
}

AT_CALLS(kernel_vm, "{process_vm_readv,process_vm_writev}")
{
	struct task_struct *task = CURRENT(), *target;
	struct weir_kernel_event *e;
	int slot;

	if (!is_on())
		return 0;
	target = task_by_number(task, ARG0(entry_registers(task)));
	if (target && READ(target, tgid) == READ(task, tgid))
		return 0;
	slot = begin(WEIR_VM, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	if (ret < 0)
		e->result = ret;
	else
		e->length = ret;
	if (target)
		fill_target(e, target);
	send(slot);
	return 0;
}

struct kernel_siginfo {
	int si_code;
} __attribute__((preserve_access_index));

#define SI_USER 0
#define SI_QUEUE (-1)
#define SI_TKILL (-6)

/*
 * Each process that a kill reaches, however it was named. Signal 0 is never sent, so it is none.
 * The kernel's own have a positive code or no info; a caller of rt_sigqueueinfo may write any other.
 */
SEC("tp_btf/signal_generate")
int kernel_signal(u64 *ctx)
{
	struct task_struct *task, *target;
	struct weir_kernel_event *e;
	u64 info = ctx[1];
	u32 call;
	int slot, code;

	if (info <= 1) /* SEND_SIG_NOINFO, SEND_SIG_PRIV */
		return 0;
	code = READ(CAST(struct kernel_siginfo, info), si_code);
	if (code > 0 || !is_on())
		return 0;
	task = CURRENT();
	target = CAST(struct task_struct, ctx[2]);
	if (READ(target, tgid) == READ(task, tgid))
		return 0;
	call = CALL_NUMBER(entry_registers(task));
	if (code != SI_USER && code != SI_QUEUE && code != SI_TKILL &&
	    call != __NR_rt_sigqueueinfo && call != __NR_rt_tgsigqueueinfo &&
	    call != NR_PIDFD_SEND_SIGNAL)
		return 0;
	slot = begin(WEIR_SIGNAL, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->number = ctx[0];
	e->id = ctx[4];
	fill_target(e, target);
	send(slot);
	return 0;
}

AT_CALLS(kernel_signal_failed,
	 "{kill,tkill,tgkill,rt_sigqueueinfo,rt_tgsigqueueinfo,pidfd_send_signal}")
{
	struct task_struct *task = CURRENT(), *target = NULL;
	struct weir_kernel_event *e;
	struct pt_regs *regs;
	u64 signal;
	int slot;

	if (ret >= 0 || !is_on())
		return 0;
	regs = entry_registers(task);
	signal = ARG1(regs);
	if (call == __NR_tgkill || call == __NR_rt_tgsigqueueinfo)
		signal = ARG2(regs);
	if ((int)signal == 0)
		return 0;
	if (call == __NR_tgkill || call == __NR_rt_tgsigqueueinfo)
		target = task_by_number(task, ARG1(regs));
	else if (call != NR_PIDFD_SEND_SIGNAL && (int)ARG0(regs) > 0)
		target = task_by_number(task, ARG0(regs));
	else if (call == NR_PIDFD_SEND_SIGNAL && ret == -EPERM)
		/* Only then it is a pidfd for sure. */
		target = task_by_pidfd(task, ARG0(regs));
	slot = begin(WEIR_SIGNAL, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->number = signal;
	e->result = ret;
	if (target)
		fill_target(e, target);
	send(slot);
	return 0;
}

#endif
