/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A program that was started, with its arguments. */
#ifndef WEIR_PROCESS_EXEC_H
#define WEIR_PROCESS_EXEC_H

#include "behavior_execs.h"
#include "filter.h"
#include "process_event.h"
#include "syscall.h"

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

/* The descriptor in "/dev/fd/NUMBER", which lies in the slack, or -1: names below it are no descriptor. */
__noinline int script_descriptor(u32 slot)
{
	struct scratch *s = scratch_at(slot);
	u32 fd = 0;

	if (!s)
		return -1;
	for (u32 i = 0; i < 10; i++) {
		u8 byte = s->data[SLACK + sizeof("/dev/fd/") - 1 + i];

		if (byte == 0)
			return i ? (int)fd : -1;
		if (byte < '0' || byte > '9')
			return -1;
		fd = fd * 10 + byte - '0';
	}
	return -1;
}

/*
 * What was asked for. Of a script by descriptor that is a name made up for its interpreter, which holds
 * the descriptor by now: the script's own path says more.
 */
static __always_inline u32 put_filename(struct scratch *s, u32 slot, struct task_struct *task,
					struct linux_binprm *bprm, bool is_script)
{
	u32 end = s->offset, length = put_kernel_string(s, READ(bprm, filename));
	struct file *script;
	int fd;

	if (!is_script || !READ(bprm, fdpath))
		return length;
	fd = script_descriptor(slot);
	script = fd < 0 ? NULL : file_of(task, fd);
	if (!script)
		return length;
	s->offset = end;
	return PUT_PATH(s, slot, script, f_path);
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
	filename = put_filename(s, slot, task, bprm, interpreter != 0);
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

#endif
