/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the ends of names say: hashes that tell them apart, and extensions. */
#ifndef WEIR_TEXT_H
#define WEIR_TEXT_H

#include "read.h"

static __always_inline u64 mixed(u64 a, u64 b)
{
	u64 h = a * 0x9e3779b97f4a7c15ull ^ b * 0xc2b2ae3d27d4eb4full;

	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9ull;
	return h ^ h >> 32;
}

#define TAIL 32

#ifdef WEIR_DIRECT
/* The word at `text`, of which the first `size` bytes count. What lies behind a name can be read, or
 * is read as 0: then the page ends with the name. */
static __always_inline u64 word_of(u64 text, u64 size)
{
	u64 word = LOAD_NUMBER(text);

	return size < 8 ? word & ((1ull << (size * 8)) - 1) : word;
}
#endif

/* Of the last bytes. */
static __always_inline u64 text_identity(u64 text, u64 length)
{
	u64 words[TAIL / 8] = {};
	u64 size = length;

	if (size > TAIL) {
		text += size - TAIL;
		size = TAIL;
	}
	KEEP(size);
	if (size > TAIL)
		return 0;
#ifdef WEIR_DIRECT
	/* A helper's call costs several times these loads. */
	if (size > 0)
		words[0] = word_of(text, size);
	if (size > 8)
		words[1] = word_of(text + 8, size - 8);
	if (size > 16)
		words[2] = word_of(text + 16, size - 16);
	if (size > 24)
		words[3] = word_of(text + 24, size - 24);
#else
	bpf_probe_read_kernel(words, size, (void *)text);
#endif
	return mixed(mixed(words[0], words[1]), mixed(words[2], words[3]) ^ length);
}

/* Where hooks have only what the caller called it: the name, and that of the folder it is in. Files
 * of one name in folders of one name are the same, then. */
static __always_inline u64 name_identity(u64 name, u64 folder)
{
	return mixed(name, folder) | 1;
}

/* All bits when the bytes are the same, else none. Without a branch, or the verifier would follow all
 * ways through a text. */
static __always_inline u64 same_byte(u64 a, u64 b)
{
	u64 same = ((a ^ b) - 1) >> 63;

	KEEP(same);
	return -same;
}

#define EXTENSION_TAIL 16

/* What stands behind the last dot of a name, up to 8 bytes; 0: nothing. Only the last 16 bytes of a
 * name are looked at, and a dot in the first place makes no extension. */
static __always_inline u64 extension_of(u64 name, u64 length)
{
	u8 text[EXTENSION_TAIL] = {};
	u64 size = length, extension = 0, dot = 0;

	if (size > EXTENSION_TAIL) {
		name += size - EXTENSION_TAIL;
		size = EXTENSION_TAIL;
	}
	KEEP(size);
	if (size > EXTENSION_TAIL)
		return 0;
	bpf_probe_read_kernel(text, size, (void *)name);
	for (u64 i = 1; i < EXTENSION_TAIL; i++) {
		u64 here = same_byte(text[i], '.');

		dot = (dot & ~here) | (i & here);
	}
	if (!dot)
		return 0;
	/* Kernels before 5.11 do not see that it is small. */
	KEEP(dot);
	dot &= EXTENSION_TAIL - 1;
	size -= dot + 1;
	if (size > sizeof(extension))
		size = sizeof(extension);
	KEEP(size);
	if (size > sizeof(extension))
		return 0;
	bpf_probe_read_kernel(&extension, size, (void *)(name + dot + 1));
	return extension;
}

#endif
