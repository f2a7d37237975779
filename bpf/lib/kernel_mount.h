/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Mounts, by the calls of old and by those that came with 5.2. */
#ifndef WEIR_KERNEL_MOUNT_H
#define WEIR_KERNEL_MOUNT_H

#include "kernel_event.h"

#define MS_BIND 4096
#define MS_MOVE 8192
#define OPEN_TREE_CLONE 1
#define MOVE_MOUNT_F_EMPTY_PATH 4
#define NR_OPEN_TREE 428
#define NR_MOVE_MOUNT 429
#define NR_FSMOUNT 432
#define NR_MOUNT_SETATTR 442
#define NR_OPEN_TREE_ATTR 467

/* File system of the mount that a descriptor is of. */
static __always_inline void put_file_system(u32 slot, struct file *file)
{
	if (file)
		PUT_KERNEL_TEXT(slot, KIND, READ(file, f_path.mnt, mnt_sb, s_type, name));
}

AT_CALLS(kernel_mount, "{mount,umount,pivot_root}")
{
	struct pt_regs *regs = entry_registers(CURRENT());
	struct weir_kernel_event *e;
	int slot;

	if (!is_on())
		return 0;
	slot = begin(WEIR_MOUNT, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->result = ret;
	if (call == __NR_mount) {
		e->number = WEIR_MOUNT_MOUNT;
		e->flags = ARG3(regs);
		put_text(slot, KIND, ARG2(regs));
		if (ARG3(regs) & (MS_BIND | MS_MOVE))
			put_named(slot, OTHER, AT_FDCWD, ARG0(regs));
		else
			put_text(slot, OTHER, ARG0(regs));
		put_named(slot, PATH, AT_FDCWD, ARG1(regs));
	} else if (call == __NR_pivot_root) {
		/* The names are of before: they were given from the old root. */
		e->number = WEIR_MOUNT_PIVOT_ROOT;
		put_text(slot, OTHER, ARG1(regs));
		put_text(slot, PATH, ARG0(regs));
	} else {
		e->number = WEIR_MOUNT_UMOUNT;
		e->flags = (u32)ARG1(regs);
		put_named(slot, PATH, AT_FDCWD, ARG0(regs));
	}
	send(slot);
	return 0;
}

/* The calls that came with 5.2 and later. */
AT_CALLS(kernel_mount_new, "{move_mount,fsmount,open_tree,open_tree_attr,mount_setattr}")
{
	struct task_struct *task = CURRENT();
	struct pt_regs *regs = entry_registers(task);
	struct weir_kernel_event *e;
	struct file *file;
	int slot;

	/* Without it the tree is only looked at. */
	if ((call == NR_OPEN_TREE || call == NR_OPEN_TREE_ATTR) && !(ARG2(regs) & OPEN_TREE_CLONE))
		return 0;
	if (!is_on())
		return 0;
	slot = begin(WEIR_MOUNT, call);
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->result = ret < 0 ? ret : 0;
	if (call == NR_MOVE_MOUNT) {
		e->number = WEIR_MOUNT_MOVE;
		e->flags = (u32)ARG4(regs);
		file = ARG4(regs) & MOVE_MOUNT_F_EMPTY_PATH ? file_of(task, ARG0(regs)) : NULL;
		put_file_system(slot, file);
		/* A mount without a name before has none to tell. */
		if (!file)
			put_named(slot, OTHER, ARG0(regs), ARG1(regs));
		/* The descriptor's mount is there by now: the kernel's path of it is its new place. */
		if (file && ret == 0)
			PUT_FILE(slot, PATH, file);
		else
			put_named(slot, PATH, ARG2(regs), ARG3(regs));
	} else if (call == NR_FSMOUNT) {
		e->number = WEIR_MOUNT_FSMOUNT;
		e->flags = (u32)ARG2(regs);
		if (ret >= 0) {
			e->fd = ret;
			put_file_system(slot, file_of(task, ret));
		}
	} else {
		bool setattr = call == NR_MOUNT_SETATTR;

		e->number = setattr ? WEIR_MOUNT_SETATTR : WEIR_MOUNT_OPEN_TREE;
		e->flags = (u32)ARG2(regs);
		if (!setattr && ret >= 0)
			e->fd = ret;
		put_named(slot, PATH, ARG0(regs), ARG1(regs));
	}
	send(slot);
	return 0;
}

#endif
