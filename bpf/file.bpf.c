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

#define SCRATCH_STRINGS 2 /* path and destination */

#include "lib/file_close.h"
#include "lib/file_event.h"
#include "lib/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define O_ACCMODE 03
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
#define AT_EMPTY_PATH 0x1000
#define RENAME_EXCHANGE 2
#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

/* ---- open ---- */

#define ASKED_MAX (WEIR_PATH_MAX - 256)

/* Whether the file's own name is the last component of the string in the slack. */
static __always_inline bool is_named(struct scratch *s, struct file *file, u32 size)
{
	const unsigned char *name = READ(file, f_path.dentry, d_name.name);
	u64 length = READ(file, f_path.dentry, d_name.len);
	u64 at = size;
	u8 *asked = &s->data[SLACK], *real = &s->data[SLACK + ASKED_MAX];
	u8 difference = 0;

	/* Only strings that leave room for the name are compared. */
	if (at > ASKED_MAX || length > 255 || at < length)
		return true;
	at -= length;
	KEEP(length);
	if (length > 255)
		return false;
	bpf_probe_read_kernel(real, length, name);
	for (u64 i = 0; i < 255; i++) {
		if (i >= length)
			break;
		difference |= asked[(at + i) & (WEIR_PATH_MAX - 1)] ^ real[i];
	}
	if (at > 0)
		difference |= asked[(at - 1) & (WEIR_PATH_MAX - 1)] ^ '/';
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
	size = bpf_probe_read_user_str(&s->data[SLACK], ASKED_MAX, (void *)name);
	if (size <= 1 || size > ASKED_MAX)
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
					struct file_action *action)
{
	struct scratch *s;
	u32 slot, length;

	if (!in_scope(config, task, WEIR_CLASS_FILE))
		return;
	s = take_scratch(&slot);
	if (!s)
		return;
	length = PUT_PATH(s, slot, action->file, f_path);
	if (s->cut)
		action->flags |= WEIR_F_TRUNCATED(0);
	if (is_read_wanted(s, length) && wanted(config, task, WEIR_CLASS_FILE, 1))
		send_file(config, task, s, slot, action, length, 0);
	give_back(s);
}

static __always_inline bool shares_descriptors(struct task_struct *task)
{
	return READ(task, files, count.counter) > 1;
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

static __always_inline void report_write(struct weir_config *config, struct task_struct *task,
					 struct file_action *action, u32 flags, int dirfd, u64 name)
{
	struct scratch *s;
	u32 slot, length;

	if (!wanted(config, task, WEIR_CLASS_FILE, 1))
		return;
	s = take_scratch(&slot);
	if (!s) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return;
	}
	if (lost_race(task, action->file, flags, slot, name, action->fd)) {
		/* What the descriptor shows now is not what was opened: say nothing about it. */
		action->file = NULL;
		if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
			action->type = WEIR_CREATE;
		length = put_named(s, slot, action, 0, dirfd, name);
	} else {
		length = PUT_PATH(s, slot, action->file, f_path);
		if (s->cut)
			action->flags |= WEIR_F_TRUNCATED(0);
	}
	send_file(config, task, s, slot, action, length, 0);
	give_back(s);
}

#define O_CHANGES (O_ACCMODE | O_CREAT | O_TRUNC)

static __always_inline int opened(struct syscall_exit *ctx, struct task_struct *task, u32 flags,
				  int dirfd, u64 name)
{
	struct weir_config *config = settings();
	struct file_action action = {
		.type = WEIR_OPEN_WRITE,
		.syscall = ctx->id,
		.fd = ctx->ret,
		.owner_uid = -1,
		.owner_gid = -1,
	};
	u32 mode;

	if (!config || (!(flags & O_CHANGES) && !config->read_prefixes))
		return 0;
	if (!(config->classes & WEIR_ON(WEIR_CLASS_FILE)) || flags & O_PATH)
		return 0;
	action.file = file_of(task, ctx->ret);
	if (!action.file) {
		if (flags & O_ACCMODE)
			report_write(config, task, &action, flags, dirfd, name);
		return 0;
	}
	if (!is_reported_kind(READ(action.file, f_inode)))
		return 0;
	mode = READ(action.file, f_mode);
	if (mode & FMODE_CREATED || flags & O_TMPFILE_BIT)
		action.type = WEIR_CREATE;
	else if (flags & O_TRUNC && !(flags & O_ACCMODE))
		action.type = WEIR_TRUNCATE; /* O_RDONLY | O_TRUNC empties the file all the same */
	else if (!(mode & FMODE_WRITE) && !(flags & O_ACCMODE))
		action.type = WEIR_OPEN_READ;
	if (action.type != WEIR_OPEN_READ)
		report_write(config, task, &action, flags, dirfd, name);
	else if (config->read_prefixes)
		report_read(config, task, &action);
	return 0;
}

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

SEC("tp/syscalls/sys_exit_open")
int file_open(struct syscall_exit *ctx)
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs;

	if (ctx->ret < 0)
		return 0;
	regs = entry_registers(task);
	return opened(ctx, task, ARG1(regs), AT_FDCWD, ARG0(regs));
}

SEC("tp/syscalls/sys_exit_creat")
int file_creat(struct syscall_exit *ctx)
{
	struct task_struct *task = CURRENT();

	if (ctx->ret < 0)
		return 0;
	return opened(ctx, task, 01 | O_CREAT | O_TRUNC, AT_FDCWD, ARG0(entry_registers(task)));
}

/* Its flags lie in user memory, where they may change; the file's own mode decides. */
SEC("tp/syscalls/sys_exit_openat2")
int file_openat2(struct syscall_exit *ctx)
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs;
	struct file *file;
	u64 flags = 0;

	if (ctx->ret < 0)
		return 0;
	regs = entry_registers(task);
	bpf_probe_read_user(&flags, sizeof(flags), (void *)ARG2(regs));
	file = file_of(task, ctx->ret);
	if (file) {
		u32 mode = READ(file, f_mode);

		flags &= ~(u64)(O_ACCMODE | O_PATH);
		if (mode & FMODE_WRITE)
			flags |= 02;
		if (mode & FMODE_PATH)
			flags |= O_PATH;
		if (mode & FMODE_CREATED)
			flags |= O_CREAT;
	}
	return opened(ctx, task, flags, ARG0(regs), ARG1(regs));
}

/* ---- close ---- */

/* At the entry, while the descriptor still leads to the file. */
SEC("tp/syscalls/sys_enter_close")
int file_close(struct syscall_enter *ctx)
{
	struct task_struct *task = CURRENT();
	struct file *file = file_of(task, ctx->args[0]);

	if (is_last_write_close(file, 1))
		report_close(task, file, ctx->args[0], ctx->id);
	return 0;
}

/* The file that newfd led to is closed, if oldfd is good. */
static __always_inline int replaced(struct syscall_enter *ctx)
{
	struct task_struct *task = CURRENT();
	struct file *file;

	if (ctx->args[0] == ctx->args[1] || !file_of(task, ctx->args[0]))
		return 0;
	file = file_of(task, ctx->args[1]);
	if (is_last_write_close(file, 1))
		report_close(task, file, ctx->args[1], ctx->id);
	return 0;
}

SEC("tp/syscalls/sys_enter_dup2")
int file_dup2(struct syscall_enter *ctx)
{
	return replaced(ctx);
}

SEC("tp/syscalls/sys_enter_dup3")
int file_dup3(struct syscall_enter *ctx)
{
	return replaced(ctx);
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
	struct task_struct *task = (struct task_struct *)ctx[0];
	struct files_struct *files = READ(task, files);

	if (files && READ(files, count.counter) == 1)
		close_descriptors(0, 0xffffffff, NO_SYSCALL, true);
	return 0;
}

/* ---- names ---- */

static __always_inline int named(struct syscall_exit *ctx, u16 type, int dirfd, u64 name,
				 u32 requested, u64 size, u32 uid, u32 gid)
{
	struct weir_config *config = settings();
	struct file_action action = {
		.type = type,
		.syscall = ctx->id,
		.fd = -1,
		.requested = requested,
		.size = size,
		.owner_uid = uid,
		.owner_gid = gid,
	};

	if (config)
		report_named(config, CURRENT(), &action, dirfd, name);
	return 0;
}

#define REGISTERS entry_registers(CURRENT())
#define NAMED_CALL(call, type, dirfd, name, requested, size, uid, gid)                            \
	SEC("tp/syscalls/sys_exit_" #call) int file_##call(struct syscall_exit *ctx)              \
	{                                                                                         \
		struct pt_regs *regs;                                                             \
                                                                                                  \
		if (ctx->ret < 0)                                                                 \
			return 0;                                                                 \
		regs = REGISTERS;                                                                 \
		return named(ctx, type, dirfd, name, requested, size, uid, gid);                  \
	}

NAMED_CALL(unlink, WEIR_UNLINK, AT_FDCWD, ARG0(regs), 0, 0, -1, -1)
NAMED_CALL(unlinkat, ARG2(regs) & AT_REMOVEDIR ? WEIR_RMDIR : WEIR_UNLINK, ARG0(regs), ARG1(regs),
	   0, 0, -1, -1)
NAMED_CALL(rmdir, WEIR_RMDIR, AT_FDCWD, ARG0(regs), 0, 0, -1, -1)
NAMED_CALL(mkdir, WEIR_MKDIR, AT_FDCWD, ARG0(regs), ARG1(regs), 0, -1, -1)
NAMED_CALL(mkdirat, WEIR_MKDIR, ARG0(regs), ARG1(regs), ARG2(regs), 0, -1, -1)
NAMED_CALL(mknod, WEIR_MKNOD, AT_FDCWD, ARG0(regs), ARG1(regs), 0, -1, -1)
NAMED_CALL(mknodat, WEIR_MKNOD, ARG0(regs), ARG1(regs), ARG2(regs), 0, -1, -1)
NAMED_CALL(chmod, WEIR_CHMOD, AT_FDCWD, ARG0(regs), ARG1(regs), 0, -1, -1)
NAMED_CALL(fchmodat, WEIR_CHMOD, ARG0(regs), ARG1(regs), ARG2(regs), 0, -1, -1)
NAMED_CALL(fchmodat2, WEIR_CHMOD, ARG0(regs), ARG1(regs), ARG2(regs), 0, -1, -1)
NAMED_CALL(chown, WEIR_CHOWN, AT_FDCWD, ARG0(regs), 0, 0, ARG1(regs), ARG2(regs))
NAMED_CALL(lchown, WEIR_CHOWN, AT_FDCWD, ARG0(regs), 0, 0, ARG1(regs), ARG2(regs))
NAMED_CALL(fchownat, WEIR_CHOWN, ARG0(regs), ARG1(regs), 0, 0, ARG2(regs), ARG3(regs))
NAMED_CALL(truncate, WEIR_TRUNCATE, AT_FDCWD, ARG0(regs), 0, ARG1(regs), -1, -1)

/* ---- two names ---- */

static __always_inline int paired(struct syscall_exit *ctx, u16 type, int from_dirfd, u64 from,
				  int to_dirfd, u64 to, u32 flags)
{
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	bool exchange = type == WEIR_RENAME && flags & RENAME_EXCHANGE;
	struct file_action action = {
		.type = type,
		.syscall = ctx->id,
		.fd = -1,
		.requested = flags,
		.flags = exchange ? WEIR_F_EXCHANGE : 0,
		.owner_uid = -1,
		.owner_gid = -1,
	};

	if (!config || !wanted(config, task, WEIR_CLASS_FILE, exchange ? 2 : 1))
		return 0;
	if (exchange)
		action.op_id = new_op_id(bpf_ktime_get_boot_ns());
	/* Two rows of an exchange: each name is where the other's file went. */
	for (int i = 0; i < 2; i++) {
		bool back = i == 1;

		if (back && !exchange)
			break;
		action.flags = exchange ? WEIR_F_EXCHANGE : 0;
		send_pair(config, task, &action, back ? to_dirfd : from_dirfd, back ? to : from,
			  back ? from_dirfd : to_dirfd, back ? from : to);
	}
	return 0;
}

#define PAIRED_CALL(call, type, from_dirfd, from, to_dirfd, to, flags)                            \
	SEC("tp/syscalls/sys_exit_" #call) int file_##call(struct syscall_exit *ctx)              \
	{                                                                                         \
		struct pt_regs *regs;                                                             \
                                                                                                  \
		if (ctx->ret < 0)                                                                 \
			return 0;                                                                 \
		regs = REGISTERS;                                                                 \
		return paired(ctx, type, from_dirfd, from, to_dirfd, to, flags);                  \
	}

PAIRED_CALL(rename, WEIR_RENAME, AT_FDCWD, ARG0(regs), AT_FDCWD, ARG1(regs), 0)
PAIRED_CALL(renameat, WEIR_RENAME, ARG0(regs), ARG1(regs), ARG2(regs), ARG3(regs), 0)
PAIRED_CALL(renameat2, WEIR_RENAME, ARG0(regs), ARG1(regs), ARG2(regs), ARG3(regs), ARG4(regs))
PAIRED_CALL(link, WEIR_LINK, AT_FDCWD, ARG0(regs), AT_FDCWD, ARG1(regs), 0)
PAIRED_CALL(linkat, WEIR_LINK, ARG0(regs), ARG1(regs), ARG2(regs), ARG3(regs), ARG4(regs))

/* Path is the link; the destination is its text, which need not name anything. */
static __always_inline int linked(struct syscall_exit *ctx, u64 text, int dirfd, u64 name)
{
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	struct file_action action = {
		.type = WEIR_SYMLINK,
		.syscall = ctx->id,
		.fd = -1,
		.flags = WEIR_F_USER(1),
		.owner_uid = -1,
		.owner_gid = -1,
	};
	u32 slot, length, destination;
	struct scratch *s;

	if (!config || !wanted(config, task, WEIR_CLASS_FILE, 1))
		return 0;
	s = take_scratch(&slot);
	if (!s) {
		count(WEIR_CLASS_FILE, WEIR_LOST_MAP);
		return 0;
	}
	s->user_path = text;
	put_user_text(slot);
	if (s->fault)
		action.flags |= WEIR_F_FAULT;
	destination = DATA_END - s->offset;
	length = put_named(s, slot, &action, 0, dirfd, name);
	send_file(config, task, s, slot, &action, length, destination);
	give_back(s);
	return 0;
}

SEC("tp/syscalls/sys_exit_symlink")
int file_symlink(struct syscall_exit *ctx)
{
	struct pt_regs *regs;

	if (ctx->ret < 0)
		return 0;
	regs = REGISTERS;
	return linked(ctx, ARG0(regs), AT_FDCWD, ARG1(regs));
}

SEC("tp/syscalls/sys_exit_symlinkat")
int file_symlinkat(struct syscall_exit *ctx)
{
	struct pt_regs *regs;

	if (ctx->ret < 0)
		return 0;
	regs = REGISTERS;
	return linked(ctx, ARG0(regs), ARG1(regs), ARG2(regs));
}

/* ---- open files changed by descriptor ---- */

static __always_inline int changed(struct syscall_exit *ctx, u16 type, bool keep_request)
{
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	struct pt_regs *regs;
	struct file_action action = {
		.type = type,
		.syscall = ctx->id,
	};

	if (ctx->ret < 0 || !config)
		return 0;
	regs = entry_registers(task);
	action.fd = ARG0(regs);
	action.requested = keep_request ? ARG1(regs) : 0;
	action.file = file_of(task, action.fd);
	if (action.file)
		report_file(config, task, &action);
	return 0;
}

SEC("tp/syscalls/sys_exit_fchmod")
int file_fchmod(struct syscall_exit *ctx)
{
	return changed(ctx, WEIR_CHMOD, true);
}

SEC("tp/syscalls/sys_exit_fchown")
int file_fchown(struct syscall_exit *ctx)
{
	return changed(ctx, WEIR_CHOWN, false);
}

SEC("tp/syscalls/sys_exit_ftruncate")
int file_ftruncate(struct syscall_exit *ctx)
{
	return changed(ctx, WEIR_TRUNCATE, false);
}
