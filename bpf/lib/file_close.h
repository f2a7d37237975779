/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * CLOSE_WRITE: the last reference to a file that was open for writing goes away. Seen at the entry
 * of close, dup2, dup3 and close_range, and when a process ends.
 *
 * Not seen, because nothing in the reach of tracepoints tells: the last reference held by a memory
 * mapping, an in-flight descriptor, io_uring or the kernel; descriptors that execve closes
 * (O_CLOEXEC) while no other process holds the file; one close_range over several descriptors of a
 * file; two processes closing at the very same time.
 */
#ifndef WEIR_FILE_CLOSE_H
#define WEIR_FILE_CLOSE_H

#include "file_event.h"

/* `held`: how many references the caller is about to drop. */
static __always_inline bool is_last_write_close(struct file *file, s64 held)
{
	if (!file || !(READ(file, f_mode) & FMODE_WRITE))
		return false;
	return is_reported_kind(READ(file, f_inode)) && file_references(file) == held;
}

#define FDS_A_WORD 64

/*
 * How many of the first 64 descriptors hold the file of `fd`, if `fd` is the last of them; else 0.
 * For `command > file 2>&1`.
 */
__noinline int count_holders(u32 fd)
{
	struct task_struct *task = CURRENT();
	struct fdtable *table = READ(task, files, fdt);
	u64 bits = LOAD_NUMBER((u64)READ(table, open_fds));
	u64 file = (u64)file_of(task, fd), last = 0, held = 0;

	for (u64 i = 0; i < FDS_A_WORD && bits; i++, bits >>= 1) {
		if (bits & 1 && (u64)file_of(task, i) == file) {
			held++;
			last = i;
		}
	}
	return last == fd ? held : 0;
}

/* Reports the file behind one descriptor, if this is its end. Global: verified once, called often. */
__noinline int close_one(u32 fd, u32 syscall, u32 ending)
{
	struct task_struct *task = CURRENT();
	struct file *file = file_of(task, fd);
	s64 held = 1;

	if (!file || !(READ(file, f_mode) & FMODE_WRITE) || !is_reported_kind(READ(file, f_inode)))
		return 0;
	if (ending && file_references(file) > 1)
		held = count_holders(fd);
	if (file_references(file) == held)
		report_opened(task, WEIR_CLOSE_WRITE, syscall, file, fd, 0);
	return 0;
}

/* Closes the descriptors of one word of the table's bitmap; 0 when the table ends before it. */
__noinline int close_word(u32 word, u64 wanted_bits, u32 syscall, u32 ending)
{
	struct task_struct *task = CURRENT();
	struct fdtable *table = READ(task, files, fdt);
	u64 bits;

	if (word * FDS_A_WORD >= READ(table, max_fds))
		return 0;
	bits = LOAD_NUMBER((u64)READ(table, open_fds) + word * 8ull) & wanted_bits;
	for (u32 bit = 0; bit < FDS_A_WORD && bits; bit++, bits >>= 1) {
		u32 fd = word * FDS_A_WORD + bit;
		struct file *file = bits & 1 ? file_of(task, fd) : NULL;

		if (file && READ(file, f_mode) & FMODE_WRITE)
			close_one(fd, syscall, ending);
	}
	return 1;
}

/* At most this many words: 8,192 descriptors. */
#define WORDS_MAX 128

static __always_inline void close_descriptors(u32 first, u32 last, u16 syscall, bool ending)
{
	u32 word = first / FDS_A_WORD, last_word = last / FDS_A_WORD;
	u64 bits = ~0ull << first % FDS_A_WORD;

	for (u32 i = 0; i < WORDS_MAX && word <= last_word; i++, word++) {
		if (word == last_word)
			bits &= ~0ull >> (FDS_A_WORD - 1 - last % FDS_A_WORD);
		if (!close_word(word, bits, syscall, ending))
			return;
		bits = ~0ull;
	}
}

#endif
