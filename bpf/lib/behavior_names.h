/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is done to names, where only the caller's strings are known: at tracepoints of system calls.
 * The strings lie in scratch, with the path of where they start from before them.
 */
#ifndef WEIR_BEHAVIOR_NAMES_H
#define WEIR_BEHAVIOR_NAMES_H

#include "file_event.h"

/* Last bytes of a path in which its name is looked for. */
#define NAME_SEARCHED 128

struct named {
	u64 identity, folder, extension;
};

/* In the slack of scratch: the stack is short. */
#define NAMED_TEXT SLACK
#define NAMED_RESULT (SLACK + NAME_SEARCHED)

/* Finds the end of the path of `length` bytes at `at`, and puts what it says at NAMED_RESULT. */
__noinline int identify(u32 slot, u64 at, u64 length)
{
	struct scratch *s = scratch_at(slot);
	u64 size = length, start, last = 0, before = 0;
	u64 folder_length;
	struct named *named;
	u8 *text;

	if (!s)
		return 0;
	text = &s->data[NAMED_TEXT];
	named = (struct named *)&s->data[NAMED_RESULT];
	/* Only once in memory it is a number to add to. */
	s->user_path = (u64)s->data;
	barrier();
	start = s->user_path + at;
	if (size > NAME_SEARCHED) {
		start += size - NAME_SEARCHED;
		size = NAME_SEARCHED;
	}
	KEEP(size);
	if (size > NAME_SEARCHED)
		return 0;
	bpf_probe_read_kernel(text, size, (void *)start);
	for (u64 i = 0; i < NAME_SEARCHED; i++) {
		/* Not the one that a path may end with, nor what lies behind the text. */
		u64 here = same_byte(text[i], '/') & -((i + 1 - size) >> 63);

		before = (before & ~here) | (last & here);
		last = (last & ~here) | ((i + 1) & here);
	}
	folder_length = last > before ? last - before - 1 : 0;
	named->folder = text_identity(start + before, folder_length);
	named->identity = name_identity(text_identity(start + last, size - last), named->folder);
	named->extension = extension_of(start + last, size - last);
	return 0;
}

/* The string at s->offset, of `length` bytes, has been deleted. */
__noinline int note_removed(u32 slot, u32 length, u32 what)
{
	struct scratch *s = scratch_at(slot);
	struct weir_config *config = settings();
	struct named *named;

	if (!s || !config || !judges(config))
		return 0;
	identify(slot, s->offset, length);
	named = (struct named *)&s->data[NAMED_RESULT];
	return file_behaved(what, named->identity, 0, named->folder, named->extension);
}

/* The string at s->offset has become the one behind it. */
__noinline int note_renamed(u32 slot, u32 length, u32 destination)
{
	struct scratch *s = scratch_at(slot);
	struct weir_config *config = settings();
	u32 what = FILE_RENAMED | BY_NAME;
	struct named *named, from;

	if (!s || !config || !judges(config))
		return 0;
	named = (struct named *)&s->data[NAMED_RESULT];
	identify(slot, s->offset, length);
	from = *named;
	identify(slot, s->offset + length, destination);
	if (named->extension && named->extension != from.extension)
		what |= NEW_EXTENSION;
	return file_behaved(what, from.identity, named->identity, from.folder, named->extension);
}

#endif
