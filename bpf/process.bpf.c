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

#include "lib/behavior_execs.h"
#include "lib/economy.h" /* the maps that other families share are made by this one */
#include "lib/filter.h"
#include "lib/header.h"
#include "lib/path.h"
#include "lib/syscall.h"
#include "lib/tiers.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set by the loader: sched_process_exit tells whether the whole group is dead (since 6.16). */
const volatile bool exit_says_group_dead = false;

#define CLONE_THREAD 0x00010000
#define SIGNAL_GROUP_EXIT 4
#define PIDTYPE_PGID 2
#define PIDTYPE_SID 3

/*
 * Exits already reported. Before 6.16, of two threads that end at once both may find the group
 * dead. LRU: the entry is needed for microseconds only.
 */
struct process_key {
	u64 start_time;
	u64 pid;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct process_key);
	__type(value, u8);
} exits_reported SEC(".maps");

/* The pid that the task sees itself as, and in which namespace. */
static __always_inline void fill_namespace_pid(struct task_struct *task, u32 *ns_pid, u32 *pid_ns)
{
	u64 pid = READ_NUMBER(task, thread_pid);
	u32 level = READ(CAST(struct pid, pid), level);
	u64 at = ADDRESS_OF(pid, struct pid, numbers) + level * bpf_core_type_size(struct upid);
	struct upid *upid = CAST(struct upid, at);

	*ns_pid = READ(upid, nr);
	*pid_ns = READ(upid, ns, ns.inum);
}

static __always_inline u32 group_id(struct task_struct *task, int kind)
{
	struct pid *pid = READ(task, signal, pids[kind]);

	return READ(CAST(struct upid, ADDRESS_OF(pid, struct pid, numbers)), nr);
}

static __always_inline void fill_image(struct weir_exec_event *e, struct task_struct *task)
{
	struct mm_struct *mm = READ(task, mm);
	struct inode *inode = READ(mm, exe_file, f_inode);

	e->exe_dev = READ(inode, i_sb, s_dev);
	e->exe_ino = READ(inode, i_ino);
	e->exe_size = READ(inode, i_size);
	inode_times(inode, &e->exe_atime, &e->exe_mtime, &e->exe_ctime);
	e->exe_mode = READ(inode, i_mode);
	e->exe_uid = READ(inode, i_uid.val);
	e->exe_gid = READ(inode, i_gid.val);
	e->exe_nlink = READ(inode, i_nlink);
	e->argv_size = READ(mm, arg_end) - READ(mm, arg_start);
	e->env_size = READ(mm, env_end) - READ(mm, env_start);
}

static __always_inline void fill_surroundings(struct weir_exec_event *e, struct task_struct *task)
{
	struct task_struct *parent = READ(task, real_parent);
	struct nsproxy *nsproxy = READ(task, nsproxy);
	struct tty_struct *tty = READ(task, signal, tty);

	e->parent_start_time = READ(parent, group_leader, start_boottime);
	e->parent_pid = READ(parent, tgid);
	e->parent_self_exec_id = READ(parent, self_exec_id);
	e->pgid = group_id(task, PIDTYPE_PGID);
	e->sid = group_id(task, PIDTYPE_SID);
	fill_namespace_pid(task, &e->ns_pid, &e->pid_ns);
	e->net_ns = READ(nsproxy, net_ns, ns.inum);
	e->uts_ns = READ(nsproxy, uts_ns, ns.inum);
	e->cgroup_ns = READ(nsproxy, cgroup_ns, ns.inum);
	e->user_ns = READ(task, cred, user_ns, ns.inum);
	__builtin_memset(e->tty, 0, sizeof(e->tty));
	if (tty)
		bpf_core_read_str(e->tty, sizeof(e->tty), &tty->name);
}

/*
 * The struct right in front of the strings; NULL never happens, but the verifier cannot know. The
 * pointer is made at once: kernels before 6.8 forget the check when the offset is spilled.
 */
static __always_inline struct weir_exec_event *place_event(struct scratch *s)
{
	u64 at = s->offset;
	u8 *event;

	at -= sizeof(struct weir_exec_event);
	KEEP(at);
	if (at > DATA_END)
		return NULL;
	event = &s->data[at];
	KEEP(event);
	return (struct weir_exec_event *)event;
}

/* Bytes of the record, but for argv. */
static __always_inline u64 record_size(struct scratch *s)
{
	return sizeof(struct weir_exec_event) + DATA_END - s->offset;
}

/* argv lies behind DATA_END, where the record's other strings end. Returns its bytes. */
static __always_inline u32 put_argv(struct scratch *s, struct mm_struct *mm, u32 *flags)
{
	u64 start = READ(mm, arg_start);
	u64 size = READ(mm, arg_end) - start;

	if (size > WEIR_ARGV_MAX) {
		size = WEIR_ARGV_MAX;
		*flags |= WEIR_F_TRUNCATED(4);
	}
	KEEP(size);
	if (size == 0 || size > WEIR_ARGV_MAX)
		return 0;
	if (bpf_probe_read_user(&s->data[DATA_END], size, (void *)start) == 0)
		return size;
	*flags |= WEIR_F_FAULT | WEIR_F_TRUNCATED(4);
	count(WEIR_CLASS_PROCESS, WEIR_PAGE_FAULT);
	return 0;
}

/*
 * execve or execveat. The new image's registers are in place by now, and x86 has set the number of
 * the call to execve's whatever it was; but for execveat by descriptor the kernel made up a name.
 * A 32-bit caller's number has another meaning in the 64-bit table, so it is marked.
 */
static __always_inline u16 exec_call(struct task_struct *task, struct linux_binprm *bprm,
				     u32 *flags)
{
	u32 number = CALL_NUMBER(entry_registers(task));

	if (number == __NR_execve && READ(bprm, fdpath))
		return __NR_execveat;

#if defined(__TARGET_ARCH_x86)
	if (number == 11 || number == 358) /* ia32 execve, execveat */
		*flags |= WEIR_F_COMPAT;
#endif
	return number;
}

static __always_inline int report_exec(struct task_struct *task, u32 old_pid,
				       struct linux_binprm *bprm)
{
	struct weir_config *config = settings();
	u32 flags = 0, slot, argv, exe, cwd, filename, interpreter = 0;
	struct weir_exec_event *e;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct file *exe_file;
	struct scratch *s;
	const char *name, *interp;
	u64 now, size;
	u16 call;

	if (!config || !wanted(config, task, WEIR_CLASS_PROCESS, 1))
		return 0;
	exec_behaved(config, task);
	s = take_scratch(&slot);
	if (!s) {
		count(WEIR_CLASS_PROCESS, WEIR_LOST_MAP);
		return 0;
	}
	now = bpf_ktime_get_boot_ns();
	mm = READ(task, mm);
	argv = put_argv(s, mm, &flags);
	name = READ(bprm, filename);
	interp = READ(bprm, interp);
	/* Another pointer only when an interpreter was started for the file. */
	if (interp != name)
		interpreter = put_kernel_string(s, interp);
	filename = put_kernel_string(s, name);
	fs = READ(task, fs);
	cwd = PUT_PATH(s, slot, fs, pwd);
	flags |= s->cut ? WEIR_F_TRUNCATED(1) : 0;
	exe_file = READ(mm, exe_file);
	exe = PUT_PATH(s, slot, exe_file, f_path);
	flags |= s->cut ? WEIR_F_TRUNCATED(0) : 0;

	e = place_event(s);
	if (!e) {
		count(WEIR_CLASS_PROCESS, WEIR_LOST_MAP);
		goto out;
	}
	if (old_pid != (u32)READ(task, tgid))
		flags |= WEIR_F_THREAD;
	call = exec_call(task, bprm, &flags);
	fill_header(&e->h, task, WEIR_EXEC, call, flags, now);
	e->h.tid = old_pid;
	e->h.string_length[0] = exe;
	e->h.string_length[1] = cwd;
	e->h.string_length[2] = filename;
	e->h.string_length[3] = interpreter;
	e->h.string_length[4] = argv;
	fill_image(e, task);
	fill_surroundings(e, task);
	if (READ(exe_file, f_inode, i_nlink) == 0)
		e->h.flags |= WEIR_F_DELETED;
	size = record_size(s) + argv;
	KEEP(size);
	if (size > DATA_END + WEIR_ARGV_MAX) {
		count(WEIR_CLASS_PROCESS, WEIR_LOST_MAP);
		goto out;
	}
	SUBMIT(weir_lifecycle, 0, WEIR_CLASS_PROCESS, e, size, now);
out:
	give_back(s);
	return 0;
}

/* Runs before the child does, so its fork is in the ring before whatever it will do. */
static __always_inline int report_fork(struct task_struct *child, u64 clone_flags)
{
	struct weir_config *config;
	struct task_struct *parent, *creator;
	struct weir_fork_event e = {};
	u64 now;

	if (clone_flags & CLONE_THREAD)
		return 0;
	config = settings();
	if (!config || !wanted(config, child, WEIR_CLASS_LIFECYCLE, 1))
		return 0;
	now = bpf_ktime_get_boot_ns();
	fill_header(&e.h, child, WEIR_FORK, NO_SYSCALL, 0, now);
	parent = READ(child, real_parent);
	e.parent_start_time = READ(parent, group_leader, start_boottime);
	e.parent_pid = READ(parent, tgid);
	e.parent_self_exec_id = READ(parent, self_exec_id);
	e.clone_flags = clone_flags;
	creator = CURRENT();
	e.creator_pid = READ(creator, tgid);
	e.creator_start_time = READ(creator, group_leader, start_boottime);
	fill_namespace_pid(child, &e.ns_pid, &e.pid_ns);
	SUBMIT(weir_lifecycle, 0, WEIR_CLASS_LIFECYCLE, &e, sizeof(e), now);
	return 0;
}

/* `told`: what the kernel says, where it does. */
static __always_inline bool group_is_dead(struct task_struct *task, bool is_told, bool told)
{
	struct process_key key = {};
	u8 one = 1;

	if (is_told)
		return told;
	if (READ(task, signal, live.counter) != 0)
		return false;
	key.start_time = READ(task, group_leader, start_boottime);
	key.pid = READ(task, tgid);
	return bpf_map_update_elem(&exits_reported, &key, &one, BPF_NOEXIST) != -17 /* EEXIST */;
}

static __always_inline int report_exit(struct task_struct *task, bool is_told, bool told)
{
	struct weir_config *config = settings();
	struct signal_struct *signal;
	struct task_struct *parent;
	struct weir_exit_event e = {};
	u64 now;

	if (!config || !group_is_dead(task, is_told, told) ||
	    !wanted(config, task, WEIR_CLASS_LIFECYCLE, 1))
		return 0;
	now = bpf_ktime_get_boot_ns();
	fill_header(&e.h, task, WEIR_EXIT, NO_SYSCALL, 0, now);
	signal = READ(task, signal);
	/* As wait(2) decides it; the leader may have ended long before its last thread. */
	if (READ(signal, flags) & SIGNAL_GROUP_EXIT)
		e.exit_code = READ(signal, group_exit_code);
	else
		e.exit_code = READ(task, group_leader, exit_code);
	parent = READ(task, real_parent);
	e.parent_pid = READ(parent, tgid);
	e.parent_start_time = READ(parent, group_leader, start_boottime);
	SUBMIT(weir_lifecycle, 0, WEIR_CLASS_LIFECYCLE, &e, sizeof(e), now);
	return 0;
}

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
