/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What a process was allowed, and what it is now. The credentials that each task had when it was
 * last looked at are kept and compared at its set*id calls, forks, execs and at its end: what has
 * changed without a call is what an exploit leaves that writes struct cred itself.
 *
 * No comparison: before a task was first looked at, and for tasks of 32-bit programs, whose calls are
 * not seen (see blind-spots.md).
 */
#ifndef WEIR_KERNEL_CREDENTIALS_H
#define WEIR_KERNEL_CREDENTIALS_H

#include "kernel_event.h"

#define TIF_ADDR32 29
#define PF_KTHREAD 0x00200000

struct credential_key {
	u64 start_time;
	u64 tid;
};
/* Full: the task that was looked at longest ago is forgotten, and its next look is a first one. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct credential_key);
	__type(value, struct weir_credentials);
} weir_credentials SEC(".maps");

static __always_inline struct credential_key credential_key_of(struct task_struct *task)
{
	struct credential_key key = {};

	key.start_time = READ(task, start_boottime);
	key.tid = READ(task, pid);
	return key;
}

static __always_inline bool runs_32_bits(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return READ(task, thread_info.flags) >> TIF_ADDR32 & 1;
#else
	return false;
#endif
}

static __always_inline void read_credentials(struct weir_credentials *c, struct task_struct *task)
{
	/* Not `cred`, which the kernel replaces for a while where it acts for somebody else. */
	const struct cred *cred = READ(task, real_cred);

#ifdef WEIR_DIRECT
	u64 *pairs = (u64 *)c->ids, ids = ADDRESS_OF(cred, struct cred, uid);

	for (int i = 0; i < 4; i++)
		pairs[i] = LOAD_NUMBER(ids + i * 8);
#else
	bpf_probe_read_kernel(c->ids, sizeof(c->ids), (void *)ADDRESS_OF(cred, struct cred, uid));
#endif
	c->effective = EFFECTIVE(cred);
	c->permitted = PERMITTED(cred);
	c->user_ns = READ(cred, user_ns, ns.inum);
	/* The calls of 32-bit programs are not seen: nothing can be concluded from theirs. */
	c->known = !runs_32_bits(task);
}

static __always_inline void remember_credentials(struct task_struct *task)
{
	struct credential_key key = credential_key_of(task);
	struct weir_credentials now = {};

	read_credentials(&now, task);
	bpf_map_update_elem(&weir_credentials, &key, &now, BPF_ANY);
}

/* In place where they are known already, which only the task itself does: an update would take a new
 * entry and give the old one back. */
static __always_inline void keep_credentials(struct weir_credentials *known,
					     struct credential_key *key,
					     struct weir_credentials *now)
{
	if (known)
		*known = *now;
	else
		bpf_map_update_elem(&weir_credentials, key, now, BPF_ANY);
}

static __always_inline bool differ(struct weir_credentials *a, struct weir_credentials *b)
{
	u32 difference = a->user_ns ^ b->user_ns;

	for (int i = 0; i < 8; i++)
		difference |= a->ids[i] ^ b->ids[i];
	return difference || a->effective != b->effective || a->permitted != b->permitted;
}

static __always_inline bool is_privileged_file(struct task_struct *task)
{
	return READ(task, mm, exe_file, f_inode, i_mode) & 06000;
}

/* Sends a change of the current task from `old` to what it has now. */
static __always_inline void report_credentials(struct weir_credentials *old,
					       struct weir_credentials *now, u32 change,
					       u32 syscall, long result)
{
	int slot = begin(WEIR_CREDENTIALS, syscall);
	struct scratch *s;

	if (slot < 0)
		return;
	s = scratch_at(slot);
	if (!s)
		return;
	s->action.old = *old;
	s->action.number = change;
	s->action.result = result;
	s->action.effective = now->effective;
	s->action.permitted = now->permitted;
	s->action.user_ns = now->user_ns;
	send(slot);
}

/*
 * Looks at the current task: remembers what it may, and reports what no call has explained. Global,
 * for its many callers.
 */
__noinline int check_credentials(u32 syscall)
{
	struct task_struct *task = CURRENT();
	struct credential_key key = credential_key_of(task);
	struct weir_credentials now = {}, old = {};
	struct weir_credentials *known;

	/* The kernel's own threads change theirs as they like. */
	if (READ(task, flags) & PF_KTHREAD)
		return 0;
	read_credentials(&now, task);
	known = bpf_map_lookup_elem(&weir_credentials, &key);
	if (known) {
		old = *known;
		if (!differ(&old, &now))
			return 0;
	}
	keep_credentials(known, &key, &now);
	if (known && old.known && now.known && is_on())
		report_credentials(&old, &now, WEIR_CREDENTIALS_UNEXPLAINED, syscall, 0);
	return 0;
}

/* After a call that may have changed them: the change, or its refusal, is a record. */
__noinline int called_credentials(u32 syscall, int result, u32 always)
{
	struct task_struct *task = CURRENT();
	struct credential_key key = credential_key_of(task);
	struct weir_credentials now = {}, old = {};
	struct weir_credentials *known;

	read_credentials(&now, task);
	known = bpf_map_lookup_elem(&weir_credentials, &key);
	if (known)
		old = *known;
	keep_credentials(known, &key, &now);
	if (!is_on())
		return 0;
	if (result < 0 || always || !old.known || differ(&old, &now))
		report_credentials(&old, &now, WEIR_CREDENTIALS_CALL, syscall, result);
	return 0;
}

/* After an exec, whose file may have given more. */
__noinline int executed_credentials(u32 syscall)
{
	struct task_struct *task = CURRENT();
	struct credential_key key = credential_key_of(task);
	struct weir_credentials now = {}, old = {};
	struct weir_credentials *known;
	u32 difference = 0;
	bool gained;

	read_credentials(&now, task);
	known = bpf_map_lookup_elem(&weir_credentials, &key);
	if (known)
		old = *known;
	keep_credentials(known, &key, &now);
	if (!old.known || !is_on())
		return 0;
	/* Saved and file system ids follow the effective ones at every exec, and a process without
	 * privilege loses capabilities: only gains and the other four ids say something. */
	difference = (old.ids[0] ^ now.ids[0]) | (old.ids[1] ^ now.ids[1]) |
		     (old.ids[4] ^ now.ids[4]) | (old.ids[5] ^ now.ids[5]);
	gained = now.effective & ~old.effective;
	if (!difference && !gained && old.user_ns == now.user_ns)
		return 0;
	report_credentials(&old, &now,
			   (difference && !is_privileged_file(task)) || old.user_ns != now.user_ns
				   ? WEIR_CREDENTIALS_UNEXPLAINED
				   : WEIR_CREDENTIALS_EXEC,
			   syscall, 0);
	return 0;
}

#define CREDENTIAL_CALLS                                                                           \
	"{setuid,setgid,setreuid,setregid,setresuid,setresgid,setfsuid,setfsgid,setgroups,capset}"

static __noinline int credentials_before(void)
{
	check_credentials(NO_SYSCALL);
	/* When it was not known: now it is. */
	remember_credentials(CURRENT());
	return 0;
}

SEC("kprobe/" CALL_FUNCTION CREDENTIAL_CALLS)
int kernel_credentials_before_kprobe(void *ctx __attribute__((unused)))
{
	return credentials_before();
}

SEC("tp/syscalls/sys_enter_" CREDENTIAL_CALLS)
int kernel_credentials_before(void *ctx __attribute__((unused)))
{
	return credentials_before();
}

AT_CALLS(kernel_credentials_after, CREDENTIAL_CALLS)
{
	/* These give back the id that was in force before, whether they did something or not. */
	if (call == __NR_setfsuid || call == __NR_setfsgid)
		ret = 0;
	called_credentials(call, ret, call == __NR_setgroups);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int kernel_credentials_exec(u64 *ctx)
{
	struct task_struct *task = CAST(struct task_struct, ctx[0]);

	/* A thread that execs takes the leader's place, whose credentials may have been others. */
	if ((u32)ctx[1] != (u32)READ(task, tgid))
		remember_credentials(task);
	else
		executed_credentials(CALL_NUMBER(entry_registers(task)));
	return 0;
}

SEC("tp_btf/sched_process_exit")
int kernel_credentials_exit(u64 *ctx)
{
	struct task_struct *task = CAST(struct task_struct, ctx[0]);
	struct credential_key key;

	check_credentials(NO_SYSCALL);
	key = credential_key_of(task);
	bpf_map_delete_elem(&weir_credentials, &key);
	return 0;
}

#endif
