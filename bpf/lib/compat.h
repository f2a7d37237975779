/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Every difference between kernels that the programs know about, with the version that made it. */
#ifndef WEIR_COMPAT_H
#define WEIR_COMPAT_H

#include "read.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	atomic64_t refcnt;
} file_ref_t;

/* 6.13 (90ee6ed776c0): file->f_count became f_ref, which counts from -1 ... so one holder is 0. */
struct file___f_ref {
	file_ref_t f_ref;
};
struct file___f_count {
	atomic64_t f_count;
};

/* Times of an inode: i_*time until 6.5; 13bc24457850 (6.6) renamed ctime, 12cd44023651 (6.7) the
 * others, 3aa63a569c64 (6.11) split seconds from nanoseconds. */
struct inode___sec {
	s64 i_atime_sec, i_mtime_sec, i_ctime_sec;
};
struct inode___hidden {
	struct timespec64 __i_atime, __i_mtime, __i_ctime;
};
struct inode___plain {
	struct timespec64 i_atime, i_mtime, i_ctime;
};

/* 5.14 (2f064a59a11f): task->state became __state, and is 32 bits wide. */
struct task_struct___state {
	u32 __state;
};
struct task_struct___long_state {
	long state;
};

/* 6.2 (f1a7941243c1): mm->rss_stat, of atomic counters, became an array of per-CPU counters. */
struct mm_rss_stat {
	atomic64_t count[4];
};
struct percpu_counter {
	s64 count;
};
struct mm_struct___atomic {
	struct mm_rss_stat rss_stat;
};
struct mm_struct___percpu {
	struct percpu_counter rss_stat[4];
};

/* 6.15 (633488947ef6): kernfs_node->parent became __parent. */
struct kernfs_node___parent {
	struct kernfs_node *parent;
};
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
};

enum bpf_func_id___task_pt_regs {
	BPF_FUNC_task_pt_regs___task_pt_regs = 175,
};

#pragma clang attribute pop

/* How many hold the file open, as the table of the caller does once. */
static __always_inline s64 file_references(struct file *file)
{
	struct file___f_ref *f_ref = (void *)file;
	struct file___f_count *f_count = (void *)file;

	if (bpf_core_field_exists(f_ref->f_ref))
		return READ(f_ref, f_ref.refcnt.counter) + 1;
	return READ(f_count, f_count.counter);
}

static __always_inline void inode_times(struct inode *inode, s64 *atime, s64 *mtime, s64 *ctime)
{
	struct inode___sec *sec = (void *)inode;
	struct inode___hidden *hidden = (void *)inode;
	struct inode___plain *plain = (void *)inode;

	if (bpf_core_field_exists(sec->i_atime_sec)) {
		*atime = READ(sec, i_atime_sec);
		*mtime = READ(sec, i_mtime_sec);
		*ctime = READ(sec, i_ctime_sec);
		return;
	}
	if (bpf_core_field_exists(hidden->__i_ctime))
		*ctime = READ(hidden, __i_ctime.tv_sec);
	else
		*ctime = READ(plain, i_ctime.tv_sec);
	if (bpf_core_field_exists(hidden->__i_atime)) {
		*atime = READ(hidden, __i_atime.tv_sec);
		*mtime = READ(hidden, __i_mtime.tv_sec);
	} else {
		*atime = READ(plain, i_atime.tv_sec);
		*mtime = READ(plain, i_mtime.tv_sec);
	}
}

/* As in __state; without exit_state. */
static __always_inline u32 task_state(struct task_struct *task)
{
	struct task_struct___state *now = (void *)task;
	struct task_struct___long_state *before = (void *)task;

	if (bpf_core_field_exists(now->__state))
		return READ(now, __state);
	return READ(before, state);
}

/* Pages of files, anonymous memory and shared memory, as /proc/PID/stat counts them. */
static __always_inline s64 resident_pages(struct mm_struct *mm)
{
	struct mm_struct___atomic *atomic = (void *)mm;
	struct mm_struct___percpu *percpu = (void *)mm;
	s64 file, anonymous, shared;

	if (bpf_core_type_exists(struct mm_rss_stat)) {
		file = READ(atomic, rss_stat.count[0].counter);
		anonymous = READ(atomic, rss_stat.count[1].counter);
		shared = READ(atomic, rss_stat.count[3].counter);
	} else {
		file = READ(percpu, rss_stat[0].count);
		anonymous = READ(percpu, rss_stat[1].count);
		shared = READ(percpu, rss_stat[3].count);
	}
	return (file > 0 ? file : 0) + (anonymous > 0 ? anonymous : 0) + (shared > 0 ? shared : 0);
}

static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___rcu *now = (void *)node;
	struct kernfs_node___parent *before = (void *)node;

	if (bpf_core_field_exists(now->__parent))
		return READ(now, __parent);
	return READ(before, parent);
}

/* The registers that the current task entered the kernel with. bpf_task_pt_regs() came with 5.15
 * (dd6e10fbd9fb); before it they lie at the top of the kernel stack, 16 KiB on both processors. */
static __always_inline struct pt_regs *entry_registers(struct task_struct *task)
{
#ifdef WEIR_DIRECT
	/* It wants the trusted pointer, and its result is cast for the reason given at CURRENT(). */
	(void)task;
	return CAST(struct pt_regs, bpf_task_pt_regs((void *)bpf_get_current_task_btf()));
#else
	if (bpf_core_enum_value_exists(enum bpf_func_id___task_pt_regs,
				       BPF_FUNC_task_pt_regs___task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return (struct pt_regs *)((u64)READ(task, stack) + 16384 -
				  bpf_core_type_size(struct pt_regs));
#endif
}

/* The current task and what it entered the kernel with, for one call of a helper less. */
#ifdef WEIR_DIRECT
#define CURRENT_WITH_REGISTERS(task, regs)                                                         \
	do {                                                                                       \
		struct task_struct *trusted_task = (void *)bpf_get_current_task_btf();             \
		task = CAST(struct task_struct, trusted_task);                                     \
		regs = CAST(struct pt_regs, bpf_task_pt_regs(trusted_task));                       \
	} while (0)
#else
#define CURRENT_WITH_REGISTERS(task, regs)                                                         \
	do {                                                                                       \
		task = CURRENT();                                                                  \
		regs = entry_registers(task);                                                      \
	} while (0)
#endif

/* CONFIG_AUDIT off: no login uid. */
static __always_inline u32 login_uid(struct task_struct *task)
{
	if (bpf_core_field_exists(task->loginuid))
		return READ(task, loginuid.val);
	return 0xffffffff;
}

#endif
