/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Requests by io_uring, which pass no system call of their own: seen when the ring takes them, before
 * they are done. Names come from the copy that the ring has made of them by then.
 *
 * Before 6.0 the tracepoint tells the kind of the request only, so the record has no more.
 */
#ifndef WEIR_KERNEL_RING_H
#define WEIR_KERNEL_RING_H

#include "kernel_event.h"

#define IORING_OP_ACCEPT 13
#define IORING_OP_CONNECT 16
#define IORING_OP_OPENAT 18
#define IORING_OP_OPENAT2 28
#define IORING_OP_RENAMEAT 35
#define IORING_OP_UNLINKAT 36
#define IORING_OP_MKDIRAT 37
#define IORING_OP_SYMLINKAT 38
#define IORING_OP_LINKAT 39
#define IORING_OP_FTRUNCATE 55
#define IORING_OP_BIND 56
#define IORING_OP_LISTEN 57
#define BIT(n) (1ull << (n))
/* What opens, connects or changes names; not what moves data, which would tax every request. */
#define REPORTED_REQUESTS                                                                          \
	(BIT(IORING_OP_ACCEPT) | BIT(IORING_OP_CONNECT) | BIT(IORING_OP_OPENAT) |                  \
	 BIT(IORING_OP_OPENAT2) | BIT(IORING_OP_RENAMEAT) | BIT(IORING_OP_UNLINKAT) |              \
	 BIT(IORING_OP_MKDIRAT) | BIT(IORING_OP_SYMLINKAT) | BIT(IORING_OP_LINKAT) |               \
	 BIT(IORING_OP_FTRUNCATE) | BIT(IORING_OP_BIND) | BIT(IORING_OP_LISTEN))

#define AF_INET 2
#define AF_INET6 10

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct io_cmd_data {
	struct file *file;
};
struct io_kiocb {
	struct file *file;
	u8 opcode;
};
struct filename {
	const char *name;
};
/* 7.0 hides the name behind a struct of one pointer. */
struct delayed_filename {
	struct filename *__incomplete_filename;
};
struct open_how {
	u64 flags;
};
struct io_open {
	int dfd;
	struct filename *filename;
	struct open_how how;
};
struct io_unlink {
	int dfd;
	int flags;
	struct filename *filename;
};
struct io_mkdir {
	int dfd;
	struct filename *filename;
};
struct io_rename {
	int old_dfd, new_dfd;
	struct filename *oldpath, *newpath;
	int flags;
};
struct io_link {
	int old_dfd, new_dfd;
	struct filename *oldpath, *newpath;
	int flags;
};
struct io_connect {
	void *addr;
	int addr_len;
};

#pragma clang attribute pop

/* The text that a member of the request at `request` leads to; the pointer lies at its offset in
 * either form of the member. */
#define TEXT_OF(request, type, member) text_at((request) + OFFSET_OF_NAME(type, member))

/* CO-RE compares kinds: a pointer here does not match a struct there, so both forms are tried. */
#define OFFSET_OF_NAME(type, member)                                                               \
	(bpf_core_field_exists(struct type, member)                                                \
		 ? bpf_core_field_offset(struct type, member)                                      \
		 : bpf_core_field_offset(struct type##___delayed, member))

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct io_open___delayed {
	struct delayed_filename filename;
};
struct io_unlink___delayed {
	struct delayed_filename filename;
};
struct io_mkdir___delayed {
	struct delayed_filename filename;
};
struct io_rename___delayed {
	struct delayed_filename oldpath, newpath;
};
struct io_link___delayed {
	struct delayed_filename oldpath, newpath;
};

#pragma clang attribute pop

static __always_inline u64 text_at(u64 address)
{
	u64 name = LOAD_NUMBER(address);

	return name ? LOAD_NUMBER(name + bpf_core_field_offset(struct filename, name)) : 0;
}

/* The path that a string of the kernel means, from a descriptor. */
static __always_inline void put_request_path(u32 slot, u32 i, int dirfd, u64 text)
{
	struct scratch *s = scratch_at(slot);

	if (!s || !text)
		return;
	s->in_kernel = 1;
	put_named(slot, i, dirfd, text);
	s->in_kernel = 0;
}

struct ring_address {
	u16 family;
	u16 port;
	u8 rest[24];
};

static __always_inline void fill_address(struct weir_kernel_event *e, u64 from, u64 size)
{
	struct ring_address address = {};

	KEEP(size);
	if (size < 8)
		return;
	if (size > sizeof(address))
		size = sizeof(address);
	e->h.flags |= WEIR_F_ADDRESS_USER;
	if (bpf_probe_read_user(&address, size, (void *)from)) {
		e->h.flags |= WEIR_F_FAULT;
		return;
	}
	e->family = address.family;
	if (address.family != AF_INET && address.family != AF_INET6)
		return;
	e->port = __builtin_bswap16(address.port);
	if (address.family == AF_INET)
		__builtin_memcpy(e->remote_address, address.rest, 4);
	else
		__builtin_memcpy(e->remote_address, address.rest + 4, 16);
}

/* What the request at s->action.address says of itself. */
__noinline int fill_request(u32 slot, u32 opcode)
{
	struct scratch *s = scratch_at(slot);
	u64 request;
	struct io_connect *connect;
	struct io_rename *rename;
	struct io_unlink *unlink;
	struct io_link *link;
	struct io_open *open;
	struct io_mkdir *mkdir;

	/* Known before, but the verifier looks at this function alone, and some kernels have not the types. */
	if (!s || !bpf_core_type_exists(struct io_cmd_data))
		return 0;
	request = s->action.address;
	s->action.address = 0;
	switch (opcode) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		open = CAST(struct io_open, request);
		s->action.flags = READ(open, how.flags);
		put_request_path(slot, PATH, READ(open, dfd), TEXT_OF(request, io_open, filename));
		break;
	case IORING_OP_UNLINKAT:
		unlink = CAST(struct io_unlink, request);
		s->action.flags = (u32)READ(unlink, flags);
		put_request_path(slot, PATH, READ(unlink, dfd),
				 TEXT_OF(request, io_unlink, filename));
		break;
	case IORING_OP_MKDIRAT:
		mkdir = CAST(struct io_mkdir, request);
		put_request_path(slot, PATH, READ(mkdir, dfd),
				 TEXT_OF(request, io_mkdir, filename));
		break;
	case IORING_OP_RENAMEAT:
		rename = CAST(struct io_rename, request);
		s->action.flags = (u32)READ(rename, flags);
		put_request_path(slot, OTHER, READ(rename, new_dfd),
				 TEXT_OF(request, io_rename, newpath));
		put_request_path(slot, PATH, READ(rename, old_dfd),
				 TEXT_OF(request, io_rename, oldpath));
		break;
	case IORING_OP_LINKAT:
		link = CAST(struct io_link, request);
		s->action.flags = (u32)READ(link, flags);
		put_request_path(slot, OTHER, READ(link, new_dfd),
				 TEXT_OF(request, io_link, newpath));
		put_request_path(slot, PATH, READ(link, old_dfd),
				 TEXT_OF(request, io_link, oldpath));
		break;
	case IORING_OP_SYMLINKAT:
		link = CAST(struct io_link, request);
		/* The link's text need not name anything. */
		PUT_KERNEL_TEXT(slot, OTHER, TEXT_OF(request, io_link, oldpath));
		put_request_path(slot, PATH, READ(link, new_dfd),
				 TEXT_OF(request, io_link, newpath));
		break;
	case IORING_OP_CONNECT:
		connect = CAST(struct io_connect, request);
		fill_address(&s->action, (u64)READ(connect, addr), (u32)READ(connect, addr_len));
		break;
	}
	return 0;
}

/* `request`: struct io_kiocb, or 0 when the kernel does not tell it. */
static __always_inline int report_request(u64 request, u32 opcode)
{
	struct scratch *s;
	int slot;

	if (opcode > 63 || !(REPORTED_REQUESTS >> opcode & 1) || !is_on())
		return 0;
	slot = begin(WEIR_RING_REQUEST, NO_SYSCALL);
	if (slot < 0)
		return 0;
	s = scratch_at(slot);
	if (!s)
		return 0;
	s->action.number = opcode;
	/* Only since 6.0 are the requests of all kinds laid over the same place. */
	if (request && bpf_core_type_exists(struct io_cmd_data)) {
		s->action.address = request;
		fill_request(slot, opcode);
	}
	send(slot);
	return 0;
}

SEC("?tp_btf/io_uring_create")
int kernel_ring_create(u64 *ctx)
{
	struct weir_kernel_event *e;
	int slot;

	if (!is_on())
		return 0;
	slot = begin(WEIR_RING_CREATE, CALL_NUMBER(entry_registers(CURRENT())));
	if (slot < 0)
		return 0;
	e = ACTION(slot);
	e->fd = ctx[0];
	e->length = (u32)ctx[2];
	e->flags = (u32)ctx[4];
	send(slot);
	return 0;
}

/* Since 6.4 (8b43fda5a0d1). */
SEC("?tp_btf/io_uring_submit_req")
int kernel_ring_request(u64 *ctx)
{
	return report_request(ctx[0], READ(CAST(struct io_kiocb, ctx[0]), opcode));
}

/* Until 6.3: the request since 6.0, before it ring, [request,] kind, ... */
SEC("?tp_btf/io_uring_submit_sqe")
int kernel_ring_request_old(u64 *ctx)
{
	if (bpf_core_type_exists(struct io_cmd_data))
		return report_request(ctx[0], READ(CAST(struct io_kiocb, ctx[0]), opcode));
	return report_request(0, ctx[1] > 255 ? (u8)ctx[2] : (u8)ctx[1]);
}

#endif
