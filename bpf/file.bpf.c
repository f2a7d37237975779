// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Files: only what succeeded. By functions of the kernel where they can be hooked (lib/file_tiers.h,
 * lib/file_names.h); below, by tracepoints of system calls. Where the call leaves a struct file
 * behind, its path comes from the kernel; where there are only names, the caller's string is taken
 * and marked (WEIR_F_USER).
 *
 * Blind to tracepoints: 32-bit calls (syscalls/ tracepoints do not fire for them), io_uring, and
 * open_by_handle_at.
 */
#include "lib/kernel_types.h"

#include "lib/file_event.h"
/* After file_event.h, which says what scratch holds. */
#include "lib/behavior_names.h"
#include "lib/calls.h"
#include "lib/file_calls.h"
#include "lib/file_close.h"
#include "lib/file_names.h"
#include "lib/file_open.h"
#include "lib/file_tiers.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define AT_REMOVEDIR 0x200
#define MAX_ERRNO 4095ull
#define PROT_WRITE 2
#define MAP_SHARED 1 /* and of MAP_SHARED_VALIDATE */
#define MAP_ANONYMOUS 0x20
#define NR_OPENAT2 437
#ifdef __NR_creat
#define NR_CREAT __NR_creat
#else
#define NR_CREAT (-1) /* arm64 has neither open nor creat */
#endif
#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

/* ---- open ---- */

/* The one that libc uses gets a program of its own, the shortest way. */
SEC("tp/syscalls/sys_exit_openat")
int file_openat(struct syscall_exit *ctx)
{
	struct task_struct *task;
	struct pt_regs *regs;

	if (ctx->ret < 0)
		return 0;
	CURRENT_WITH_REGISTERS(task, regs);
	return opened(ctx, task, ARG2(regs), ARG0(regs), ARG1(regs));
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
		report_opened(task, WEIR_CLOSE_WRITE, ctx->id, file, ctx->args[0], 0);
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
		report_opened(task, WEIR_CLOSE_WRITE, ctx->id, file, ctx->args[1], 0);
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
	s = begin(call->type, ctx->id, -1, 1, 0, &slot);
	if (!s)
		return 0;
	regs = entry_registers(CURRENT());
	note_arguments(s, regs, call->requested, call->size, call->owner);
	if (call->type == WEIR_UNLINK && s->action.requested & AT_REMOVEDIR)
		s->action.type = WEIR_RMDIR;
	length = put_named(slot, 0, argument(regs, call->dirfd, AT_FDCWD),
			   argument(regs, call->name, 0));
	if (s->action.type == WEIR_UNLINK)
		note_removed(slot, length, FILE_DELETED);
	else if (s->action.type == WEIR_RMDIR)
		note_removed(slot, length, FOLDER_DELETED);
	send_file(slot, length, 0);
	give_back(s);
	return 0;
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
	s = begin(call->type, ctx->id, -1, exchange ? 2 : 1, 0, &slot);
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
	s = begin(WEIR_SYMLINK, ctx->id, -1, 1, 0, &slot);
	if (!s)
		return 0;
	regs = entry_registers(CURRENT());
	s->action.flags = WEIR_F_USER(1);
	s->user_path = argument(regs, call->name, 0);
	put_user_text(slot);
	if (s->fault)
		s->action.flags |= WEIR_F_FAULT | WEIR_F_TRUNCATED(1);
	destination = DATA_END - s->offset;
	length = put_named(slot, 0, argument(regs, call->to_dirfd, AT_FDCWD),
			   argument(regs, call->to, 0));
	send_file(slot, length, destination);
	give_back(s);
	return 0;
}

/* ---- extended attributes, by name or descriptor: capabilities of a program are one ---- */

/* The attribute's name is the caller's text, too. */
AT_CALLS(file_attribute,
	 "{setxattr,lsetxattr,fsetxattr,setxattrat,removexattr,lremovexattr,fremovexattr,"
	 "removexattrat}")
{
	const volatile struct file_call *asked = &file_calls[call & (CALLS_MAX - 1)];
	bool named = asked->name != NO_ARGUMENT;
	u32 slot, length, attribute;
	struct pt_regs *regs;
	struct scratch *s;

	if (ret < 0)
		return 0;
	regs = entry_registers(CURRENT());
	s = begin(asked->type, call, named ? -1 : (int)ARG0(regs), 1, 0, &slot);
	if (!s)
		return 0;
	s->action.flags = WEIR_F_USER(1);
	s->user_path = argument(regs, asked->to, 0);
	put_user_text(slot);
	if (s->fault)
		s->action.flags |= WEIR_F_FAULT | WEIR_F_TRUNCATED(1);
	attribute = DATA_END - s->offset;
	if (!named)
		s->action.file = (u64)file_of(CURRENT(), ARG0(regs));
	length = s->action.file ? put_opened(slot)
				: put_named(slot, 0, argument(regs, asked->dirfd, AT_FDCWD),
					    argument(regs, asked->name, 0));
	send_file(slot, length, attribute);
	give_back(s);
	return 0;
}

/* ---- open files, changed by descriptor ---- */

static __always_inline int changed(u32 called, long ret)
{
	const volatile struct file_call *call = &file_calls[called & (CALLS_MAX - 1)];
	struct task_struct *task = CURRENT();
	struct pt_regs *regs;
	struct file *file;

	if (ret < 0)
		return 0;
	regs = entry_registers(task);
	file = file_of(task, ARG0(regs));
	if (file)
		report_opened(task, call->type, called, file, ARG0(regs),
			      argument(regs, call->requested, 0));
	return 0;
}

SEC("tp/syscalls/sys_exit_{fchmod,fchown}")
int file_changed(struct syscall_exit *ctx)
{
	u32 call = call_of(ctx);

	return changed(call, result_of(ctx));
}

AT_CALLS(file_ftruncate, "ftruncate")
{
	return changed(call, ret);
}
AT_CALL_TRAMPOLINE(file_ftruncate, ftruncate)

/* ---- mappings ---- */

/*
 * A shared mapping that can be written to: the stores themselves pass no hook, and the last close may
 * be the mapping's. Memory without a name (memfd, removed files) is no file to anybody else.
 */
AT_CALLS(file_mmap, "mmap")
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs;
	struct inode *inode;
	struct file *file;
	u64 flags;

	if ((u64)ret >= -MAX_ERRNO)
		return 0;
	regs = entry_registers(task);
	flags = ARG3(regs);
	if (!(flags & MAP_SHARED) || flags & MAP_ANONYMOUS || !(ARG2(regs) & PROT_WRITE))
		return 0;
	file = file_of(task, ARG4(regs));
	if (!file)
		return 0;
	inode = READ(file, f_inode);
	if (is_reported_kind(inode) && READ(inode, i_nlink))
		report_opened(task, WEIR_MMAP_WRITE, call, file, ARG4(regs), ARG2(regs));
	return 0;
}
AT_CALL_TRAMPOLINE(file_mmap, mmap)
