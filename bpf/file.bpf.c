// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Files, from the exits of system calls: only what succeeded. Where the call leaves a struct file
 * behind, its path comes from the kernel; where there are only names, the caller's string is taken
 * and marked (WEIR_F_USER).
 *
 * Blind here: 32-bit calls (syscalls/ tracepoints do not fire for them), io_uring, and
 * open_by_handle_at.
 */
#include "lib/kernel_types.h"

#include "lib/file_event.h"
/* After file_event.h, which says what scratch holds. */
#include "lib/file_calls.h"
#include "lib/file_close.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define O_ACCMODE 03
#define O_WRONLY 01
#define O_CREAT 0100
#define O_EXCL 0200
#define O_TRUNC 01000
#if defined(__TARGET_ARCH_arm64)
#define O_DIRECTORY 040000
#else
#define O_DIRECTORY 0200000
#endif
#define O_PATH 010000000
#define O_TMPFILE_BIT 020000000
#define AT_REMOVEDIR 0x200
#define NR_OPENAT2 437
#ifdef __NR_creat
#define NR_CREAT __NR_creat
#else
#define NR_CREAT (-1) /* arm64 has neither open nor creat */
#endif
#define RENAME_EXCHANGE 2
#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

/* ---- open ---- */

/* Of names longer than this only the end is compared. */
#define COMPARED 48

/* Whether the file's own name ends the string of `size` bytes in the slack. */
static __always_inline bool is_named(struct scratch *s, struct file *file, u64 size)
{
	u64 name = (u64)READ(file, f_path.dentry, d_name.name);
	u64 length = READ(file, f_path.dentry, d_name.len);
	u64 at = size - length;
	u8 *asked = &s->data[SLACK];
	u8 difference = 0;
	u8 real[COMPARED];

	if (size < length)
		return false;
	if (at > 0)
		difference = asked[(at - 1) & (WEIR_PATH_MAX - 1)] ^ '/';
	if (length > COMPARED) {
		name += length - COMPARED;
		length = COMPARED;
	}
	at = size - length;
	KEEP(length);
	if (length > COMPARED)
		return false;
	bpf_probe_read_kernel(real, length, (void *)name);
	for (u64 i = 0; i < COMPARED; i++) {
		if (i >= length)
			break;
		difference |= asked[(at + i) & (WEIR_PATH_MAX - 1)] ^ real[i];
	}
	return difference == 0;
}

/*
 * Another thread may have closed the descriptor, or put another file there, before this program
 * ran. Only processes that share their table can, so the others pay nothing for this check. The
 * name differs, too, when the last component was a symbolic link; then the caller's path is the
 * honest answer as well, because nobody here can tell the two cases apart.
 */
__noinline int other_file(u32 slot, u64 name, u32 fd)
{
	struct task_struct *task = CURRENT();
	struct scratch *s = scratch_at(slot);
	struct file *file = file_of(task, fd);
	long size;

	if (!s || !file)
		return 1;
	size = bpf_probe_read_user_str(&s->data[SLACK], WEIR_PATH_MAX, (void *)name);
	if (size <= 1 || size > WEIR_PATH_MAX)
		return 0;
	return !is_named(s, file, size - 1);
}

static __always_inline bool is_read_wanted(struct scratch *s, u32 length)
{
	make_prefix_key(s, length);
	return names_class(bpf_map_lookup_elem(&weir_read_prefixes, &s->prefix), WEIR_CLASS_FILE);
}

/* A read is an event below configured prefixes only, so its path is needed to know its scope. */
static __always_inline void report_read(struct weir_config *config, struct task_struct *task,
					u16 syscall, struct file *file, int fd)
{
	struct scratch *s;
	u32 slot, length;

	if (!in_scope(config, task, WEIR_CLASS_FILE))
		return;
	s = take_scratch(&slot);
	if (!s)
		return;
	length = PUT_PATH(s, slot, file, f_path);
	if (is_read_wanted(s, length))
		/* Walks once more: reads that are wanted are few. */
		report_opened(WEIR_OPEN_READ, syscall, file, fd, 0);
	give_back(s);
}

/* A write or create whose descriptor no longer shows the file. */
static __always_inline bool lost_race(struct task_struct *task, struct file *file, u32 flags,
				      u32 slot, u64 name, u32 fd)
{
	if (!file)
		return true;
	if (!shares_descriptors(task) || flags & O_TMPFILE_BIT)
		return false;
	if (flags & O_ACCMODE && !(READ(file, f_mode) & FMODE_WRITE))
		return true;
	return other_file(slot, name, fd);
}

static __always_inline void report_write(struct task_struct *task, u16 type, u16 syscall,
					 struct file *file, int fd, u32 flags, int dirfd, u64 name)
{
	u32 slot, length;
	struct scratch *s = begin(type, syscall, fd, 1, &slot);

	if (!s)
		return;
	if (lost_race(task, file, flags, slot, name, fd)) {
		/* What the descriptor shows now is not what was opened: say nothing about it. */
		if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
			s->action.type = WEIR_CREATE;
		length = put_named(slot, 0, dirfd, name);
	} else {
		s->action.file = (u64)file;
		length = put_opened(slot);
	}
	send_file(slot, length, 0);
	give_back(s);
}

#define O_CHANGES (O_ACCMODE | O_CREAT | O_TRUNC)

static __always_inline int opened(struct syscall_exit *ctx, struct task_struct *task, u32 flags,
				  int dirfd, u64 name)
{
	struct weir_config *config = settings();
	u16 type = WEIR_OPEN_WRITE;
	struct file *file;
	u32 mode;

	if (!config || (!(flags & O_CHANGES) && !config->read_prefixes))
		return 0;
	if (!(config->classes & WEIR_ON(WEIR_CLASS_FILE)) || flags & O_PATH)
		return 0;
	file = file_of(task, ctx->ret);
	if (file) {
		if (!is_reported_kind(READ(file, f_inode)))
			return 0;
		mode = READ(file, f_mode);
		if (mode & FMODE_CREATED || flags & O_TMPFILE_BIT)
			type = WEIR_CREATE;
		else if (flags & O_TRUNC && !(flags & O_ACCMODE))
			type = WEIR_TRUNCATE; /* O_RDONLY | O_TRUNC empties the file all the same */
		else if (!(mode & FMODE_WRITE) && !(flags & O_ACCMODE))
			type = WEIR_OPEN_READ;
	} else if (!(flags & O_ACCMODE)) {
		return 0;
	}
	if (type != WEIR_OPEN_READ)
		report_write(task, type, ctx->id, file, ctx->ret, flags, dirfd, name);
	else if (config->read_prefixes)
		report_read(config, task, ctx->id, file, ctx->ret);
	return 0;
}

/* The one that libc uses gets a program of its own, the shortest way. */
SEC("tp/syscalls/sys_exit_openat")
int file_openat(struct syscall_exit *ctx)
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs;

	if (ctx->ret < 0)
		return 0;
	regs = entry_registers(task);
	return opened(ctx, task, ARG2(regs), ARG0(regs), ARG1(regs));
}

/* openat2's flags lie in user memory, where they may change; the file's own mode decides. */
static __always_inline u32 openat2_flags(struct task_struct *task, u64 how, u32 fd)
{
	struct file *file = file_of(task, fd);
	u64 flags = 0;
	u32 mode;

	bpf_probe_read_user(&flags, sizeof(flags), (void *)how);
	if (!file)
		return flags;
	mode = READ(file, f_mode);
	flags &= ~(u64)(O_ACCMODE | O_PATH);
	if (mode & FMODE_WRITE)
		flags |= 02;
	if (mode & FMODE_PATH)
		flags |= O_PATH;
	if (mode & FMODE_CREATED)
		flags |= O_CREAT;
	return flags;
}

SEC("tp/syscalls/sys_exit_{open,creat,openat2}")
int file_open(struct syscall_exit *ctx)
{
	struct task_struct *task = CURRENT();
	int dirfd = AT_FDCWD;
	struct pt_regs *regs;
	u64 name;
	u32 flags;

	if (ctx->ret < 0)
		return 0;
	regs = entry_registers(task);
	name = ARG0(regs);
	if (ctx->id == NR_OPENAT2) {
		dirfd = ARG0(regs);
		name = ARG1(regs);
		flags = openat2_flags(task, ARG2(regs), ctx->ret);
	} else if (ctx->id == NR_CREAT) {
		flags = O_WRONLY | O_CREAT | O_TRUNC;
	} else {
		flags = ARG1(regs);
	}
	return opened(ctx, task, flags, dirfd, name);
}

/* ---- close ---- */

/* At the entry, while the descriptor still leads to the file. */
SEC("tp/syscalls/sys_enter_close")
int file_close(struct syscall_enter *ctx)
{
	struct task_struct *task = CURRENT();
	struct file *file = file_of(task, ctx->args[0]);

	if (is_last_write_close(file, 1))
		report_opened(WEIR_CLOSE_WRITE, ctx->id, file, ctx->args[0], 0);
	return 0;
}

/* The file that the new descriptor led to is closed, if the old one is good. */
SEC("tp/syscalls/sys_enter_{dup2,dup3}")
int file_dup(struct syscall_enter *ctx)
{
	struct task_struct *task = CURRENT();
	struct file *file;

	if (ctx->args[0] == ctx->args[1] || !file_of(task, ctx->args[0]))
		return 0;
	file = file_of(task, ctx->args[1]);
	if (is_last_write_close(file, 1))
		report_opened(WEIR_CLOSE_WRITE, ctx->id, file, ctx->args[1], 0);
	return 0;
}

SEC("tp/syscalls/sys_enter_close_range")
int file_close_range(struct syscall_enter *ctx)
{
	struct task_struct *task = CURRENT();
	u32 first = ctx->args[0], last = ctx->args[1], flags = ctx->args[2];

	if (first > last || flags & CLOSE_RANGE_CLOEXEC)
		return 0;
	/* With a table of its own first, the files stay open in the shared one. */
	if (flags & CLOSE_RANGE_UNSHARE && shares_descriptors(task))
		return 0;
	close_descriptors(first, last, ctx->id, false);
	return 0;
}

/* What the last user of a descriptor table leaves open is closed for it. */
SEC("tp_btf/sched_process_exit")
int file_exit(u64 *ctx)
{
	struct task_struct *task = CAST(struct task_struct, ctx[0]);
	struct files_struct *files = READ(task, files);

	if (files && READ(files, count.counter) == 1)
		close_descriptors(0, 0xffffffff, NO_SYSCALL, true);
	return 0;
}

/* ---- names ---- */

/* What the call asked, but for the names. */
static __always_inline void note_arguments(struct scratch *s, struct pt_regs *regs, u32 requested,
					   u32 size, u32 owner)
{
	s->action.requested = argument(regs, requested, 0);
	s->action.size = argument(regs, size, 0);
	if (owner != NO_ARGUMENT) {
		s->action.owner_uid = argument(regs, owner, -1);
		s->action.owner_gid = argument(regs, owner + 1, -1);
	}
}

SEC("tp/syscalls/sys_exit_{unlink,unlinkat,rmdir,mkdir,mkdirat,mknod,mknodat,chmod,fchmodat,"
    "fchmodat2,chown,lchown,fchownat,truncate}")
int file_named(struct syscall_exit *ctx)
{
	const volatile struct file_call *call = &file_calls[ctx->id & (CALLS_MAX - 1)];
	struct pt_regs *regs;
	struct scratch *s;
	u32 slot, length;

	if (ctx->ret < 0)
		return 0;
	s = begin(call->type, ctx->id, -1, 1, &slot);
	if (!s)
		return 0;
	regs = entry_registers(CURRENT());
	note_arguments(s, regs, call->requested, call->size, call->owner);
	if (call->type == WEIR_UNLINK && s->action.requested & AT_REMOVEDIR)
		s->action.type = WEIR_RMDIR;
	length = put_named(slot, 0, argument(regs, call->dirfd, AT_FDCWD),
			   argument(regs, call->name, 0));
	send_file(slot, length, 0);
	give_back(s);
	return 0;
}

/* One row of an action on two names: from is string 0, to is string 1. */
__noinline int send_pair(u32 slot, u64 dirfds, u64 from, u64 to)
{
	u32 length, destination;

	destination = put_named(slot, 1, (int)dirfds, to);
	length = put_named(slot, 0, (int)(dirfds >> 32), from);
	return send_file(slot, length, destination);
}

SEC("tp/syscalls/sys_exit_{rename,renameat,renameat2,link,linkat}")
int file_paired(struct syscall_exit *ctx)
{
	const volatile struct file_call *call = &file_calls[ctx->id & (CALLS_MAX - 1)];
	u64 from_dirfd, from, to_dirfd, to;
	struct pt_regs *regs;
	struct scratch *s;
	bool exchange;
	u32 slot, asked;

	if (ctx->ret < 0)
		return 0;
	regs = entry_registers(CURRENT());
	asked = argument(regs, call->requested, 0);
	exchange = call->type == WEIR_RENAME && asked & RENAME_EXCHANGE;
	s = begin(call->type, ctx->id, -1, exchange ? 2 : 1, &slot);
	if (!s)
		return 0;
	from_dirfd = (u32)argument(regs, call->dirfd, AT_FDCWD);
	from = argument(regs, call->name, 0);
	to_dirfd = (u32)argument(regs, call->to_dirfd, AT_FDCWD);
	to = argument(regs, call->to, 0);
	s->action.requested = asked;
	if (exchange) {
		s->action.op_id = new_op_id(bpf_ktime_get_boot_ns());
		s->action.flags = WEIR_F_EXCHANGE;
	}
	send_pair(slot, from_dirfd << 32 | to_dirfd, from, to);
	if (exchange) {
		/* The other file went the other way. */
		s->offset = DATA_END;
		s->action.flags = WEIR_F_EXCHANGE;
		send_pair(slot, to_dirfd << 32 | from_dirfd, to, from);
	}
	give_back(s);
	return 0;
}

/* Path is the link; the destination is its text, which need not name anything. */
SEC("tp/syscalls/sys_exit_{symlink,symlinkat}")
int file_symlink(struct syscall_exit *ctx)
{
	const volatile struct file_call *call = &file_calls[ctx->id & (CALLS_MAX - 1)];
	u32 slot, length, destination;
	struct pt_regs *regs;
	struct scratch *s;

	if (ctx->ret < 0)
		return 0;
	s = begin(WEIR_SYMLINK, ctx->id, -1, 1, &slot);
	if (!s)
		return 0;
	regs = entry_registers(CURRENT());
	s->action.flags = WEIR_F_USER(1);
	s->user_path = argument(regs, call->name, 0);
	put_user_text(slot);
	if (s->fault)
		s->action.flags |= WEIR_F_FAULT;
	destination = DATA_END - s->offset;
	length = put_named(slot, 0, argument(regs, call->to_dirfd, AT_FDCWD),
			   argument(regs, call->to, 0));
	send_file(slot, length, destination);
	give_back(s);
	return 0;
}

/* ---- open files, changed by descriptor ---- */

SEC("tp/syscalls/sys_exit_{fchmod,fchown,ftruncate}")
int file_changed(struct syscall_exit *ctx)
{
	const volatile struct file_call *call = &file_calls[ctx->id & (CALLS_MAX - 1)];
	struct task_struct *task = CURRENT();
	struct pt_regs *regs;
	struct file *file;

	if (ctx->ret < 0)
		return 0;
	regs = entry_registers(task);
	file = file_of(task, ARG0(regs));
	if (file)
		report_opened(call->type, ctx->id, file, ARG0(regs),
			      argument(regs, call->requested, 0));
	return 0;
}
