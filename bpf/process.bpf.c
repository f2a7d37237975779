// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Processes: fork, exec, exit, and the iterator that reports those which were there before. Only
 * tracepoints, so this loads on every kernel that has BTF and a ring buffer.
 */
#include <asm/unistd.h>

#include "lib/kernel_types.h"

#define SCRATCH_STRINGS 4 /* exe, cwd, filename, interpreter */
#define SCRATCH_TAIL WEIR_ARGV_MAX
#define SLOTS 3

#include "lib/economy.h" /* the maps that other families share are made by this one */
#include "lib/process_exec.h"
#include "lib/process_lifecycle.h"
#include "lib/tiers.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set by the loader: sched_process_exit tells whether the whole group is dead (since 6.16). */
const volatile bool exit_says_group_dead = false;

/* ---- ways in: typed tracepoints, which all kernels have ---- */

SEC("tp_btf/sched_process_exec")
int process_exec(u64 *ctx)
{
	return report_exec(CAST(struct task_struct, ctx[0]), ctx[1],
			   CAST(struct linux_binprm, ctx[2]));
}

SEC("tp_btf/task_newtask")
int process_fork(u64 *ctx)
{
	return report_fork(CAST(struct task_struct, ctx[0]), ctx[1]);
}

SEC("tp_btf/sched_process_exit")
int process_exit(u64 *ctx)
{
	bool told = false;

	/* By assembly, or the compiler loads it before it asks: a kernel that does not tell refuses that. */
	if (exit_says_group_dead)
		told = LOAD_SLOT(ctx, 8) & 1;
	return report_exit(CAST(struct task_struct, ctx[0]), exit_says_group_dead, told);
}

/*
 * ---- and kprobes right beside them, where tasks are preempted in tracepoints (from 6.19 on): there the
 * kernel skips a program while another run of it waits on the same CPU, and kprobes keep the CPU ----
 */

/* By task, because a thread that execs takes its leader's number on the way. */
static __always_inline struct kept_key exec_key(void)
{
	struct kept_key key = { .thread = bpf_get_current_task(), .place = 0 };

	return key;
}

/* Once for each interpreter; the numbers are still those from before. */
SEC("kprobe/security_bprm_check")
int exec_begins_kprobe(struct pt_regs *ctx)
{
	struct kept_call call = { .arguments = { REGISTER0(ctx),
						 (u32)bpf_get_current_pid_tgid() } };
	struct kept_key key = exec_key();

	bpf_map_update_elem(&kept_calls, &key, &call, BPF_ANY);
	return 0;
}

/* The next that is called after the tracepoint. */
SEC("kprobe/proc_exec_connector")
int exec_done_kprobe(struct pt_regs *ctx)
{
	struct kept_key key = exec_key();
	struct kept_call *kept = bpf_map_lookup_elem(&kept_calls, &key), call;

	if (!kept)
		return 0;
	call = *kept;
	bpf_map_delete_elem(&kept_calls, &key);
	return report_exec(CAST(struct task_struct, REGISTER0(ctx)), call.arguments[1],
			   CAST(struct linux_binprm, call.arguments[0]));
}

/* The next after the tracepoint, and no kretprobe of copy_process(), which has room for few at a time. */
SEC("kprobe/uprobe_copy_process")
int fork_done_kprobe(struct pt_regs *ctx)
{
	return report_fork(CAST(struct task_struct, REGISTER0(ctx)), REGISTER1(ctx));
}

/* The last before the tracepoint; its second argument says whether the whole group is dead. */
SEC("kprobe/taskstats_exit")
int exit_done_kprobe(struct pt_regs *ctx)
{
	return report_exit(CAST(struct task_struct, REGISTER0(ctx)), true, REGISTER1(ctx) & 0xff);
}

/* argv of another process cannot be read here (its pages may be out); /proc gives it. */
SEC("iter/task")
int seed_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct seq_file *seq = ctx->meta->seq;
	u32 flags = 0, slot, exe = 0, cwd = 0;
	struct weir_exec_event *e;
	struct file *exe_file;
	struct fs_struct *fs;
	struct scratch *s;
	u64 size;

	if (!task)
		return 0;
	task = CAST(struct task_struct, task);
	if (READ(task, pid) != READ(task, tgid))
		return 0;
	s = take_scratch(&slot);
	if (!s)
		return 1; /* the same task once more: read() says EAGAIN */
	fs = READ(task, fs);
	if (fs) {
		cwd = PUT_PATH(s, slot, fs, pwd);
		flags |= s->cut ? WEIR_F_TRUNCATED(1) : 0;
	}
	exe_file = READ(task, mm, exe_file);
	if (exe_file) {
		exe = PUT_PATH(s, slot, exe_file, f_path);
		flags |= s->cut ? WEIR_F_TRUNCATED(0) : 0;
	}
	e = place_event(s);
	if (!e)
		goto out;
	fill_header(&e->h, task, WEIR_TASK, NO_SYSCALL, flags, bpf_ktime_get_boot_ns());
	e->h.string_length[0] = exe;
	e->h.string_length[1] = cwd;
	fill_image(e, task);
	fill_surroundings(e, task);
	size = record_size(s);
	KEEP(size);
	if (size <= DATA_END)
		bpf_seq_write(seq, e, size);
out:
	give_back(s);
	return 0;
}
