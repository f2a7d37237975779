/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Sockets at the functions of the kernel that system calls of 64 and 32 bits and io_uring share.
 * Addresses are the kernel's own copies.
 */
#ifndef WEIR_SOCKET_TIERS_H
#define WEIR_SOCKET_TIERS_H

#include <asm/unistd.h>

#include "socket_connect.h"
#include "socket_send.h"
#include "tiers.h"

#define NR_IO_URING_ENTER 426

/* The descriptor of a call whose first argument it is; else -1. */
static __always_inline int fd_of_call(u16 call, u32 flags, u16 expected)
{
	if (call != expected || flags & WEIR_F_COMPAT)
		return -1;
	return ARG0(entry_registers(CURRENT()));
}

static __always_inline bool find_socket_of(struct file *file, struct socket_at *at)
{
	struct weir_config *config = settings();

	if (!config || !(config->classes & WEIR_ON(WEIR_CLASS_SOCKET)))
		return false;
	return socket_of_file(config, file, at);
}

static __always_inline void connect_returned(u64 file, u64 address, u64 size, u64 result)
{
	struct socket_at at;
	u32 flags = 0;
	u16 call;

	if (!is_connect_event((s32)result) || !find_socket_of(CAST(struct file, file), &at))
		return;
	call = current_call(&flags);
	report_connect(&at, (s32)result, call, fd_of_call(call, flags, __NR_connect), address,
		       (u32)size, FROM_KERNEL | flags);
}

AT_RETURN_3(socket_connected, "__sys_connect_file", connect_returned)

static __always_inline void kept_connect_returned(u64 result)
{
	struct kept_call call;

	if (take_call(socket_connected_place, &call))
		connect_returned(call.arguments[0], call.arguments[1], call.arguments[2], result);
}

AT_GRAPH_RETURN(socket_connected, "__sys_connect_file", kept_connect_returned(result))

static __always_inline void report_accept(struct file *file, u16 call, u32 flags, int fd)
{
	struct socket_record *r;
	struct socket_at at;

	if (!find_socket_of(file, &at))
		return;
	r = begin(&at, WEIR_ACCEPT, call, fd);
	if (!r)
		return;
	r->e.h.flags |= flags;
	send_connection(r, true);
	give_back(r);
}

/* The new file, before it has a descriptor: for io_uring, which may do without one. */
static __always_inline void accepted_by_ring(u64 result)
{
	u32 flags = 0;
	u16 call = current_call(&flags);

	if (has_failed(result) || (call != NR_IO_URING_ENTER && call != NO_SYSCALL))
		return;
	report_accept(CAST(struct file, result), call, flags, -1);
}

/* System calls of both kinds know the descriptor. */
static __always_inline void accept_returned(u64 result)
{
	u32 flags = 0;
	u16 call;

	if ((s32)result < 0)
		return;
	call = current_call(&flags);
	report_accept(file_of(CURRENT(), result), call, flags, result);
}

AT_POINTER(socket_accepted, "do_accept", accepted_by_ring)
/* What is kept is the mark that the return is still to come: accept_left(). */
#define ACCEPT_RETURNED(fd, result) accept_returned(result)

AT_RETURN_1(socket_accept, "__sys_accept4", ACCEPT_RETURNED)

AT_GRAPH_RETURN(socket_accepted, "do_accept", accepted_by_ring(result))
AT_GRAPH_RETURN(socket_accept, "__sys_accept4", accept_returned(result))

/* The address lies in the caller's memory still. */
static __always_inline void bind_returned(u64 fd, u64 address, u64 size, u64 result)
{
	struct file *file = file_of(CURRENT(), fd);
	struct socket_record *r;
	struct socket_at at;
	u32 flags = 0;
	u16 call;

	if (!find_socket_of(file, &at))
		return;
	call = current_call(&flags);
	r = begin(&at, WEIR_BIND, call, fd);
	if (!r)
		return;
	r->e.h.flags |= flags;
	r->e.result = (s32)result;
	if ((s32)result)
		use_asked_address(r, address, (u32)size, true);
	send_record(r);
	give_back(r);
}

AT_RETURN_3(socket_bound, "__sys_bind", bind_returned)

static __always_inline void listen_returned(u64 fd, u64 backlog, u64 result)
{
	struct file *file = file_of(CURRENT(), fd);
	struct socket_record *r;
	struct socket_at at;
	u32 flags = 0;
	u16 call;

	if ((s32)result || !find_socket_of(file, &at))
		return;
	call = current_call(&flags);
	r = begin(&at, WEIR_LISTEN, call, fd);
	if (!r)
		return;
	r->e.h.flags |= flags;
	r->e.backlog = backlog;
	send_record(r);
	give_back(r);
}

AT_RETURN_2(socket_listening, "__sys_listen", listen_returned)

/* One datagram, whatever call it came by; write() on a connected socket, too. */
static __always_inline void datagram_sent(u64 pointer, u64 message, u64 result, u16 family)
{
	struct weir_config *config = settings();
	struct sock *sock = CAST(struct sock, pointer);
	struct msghdr *m = CAST(struct msghdr, message);
	struct socket_record *r;
	struct socket_at at;
	u32 flags = 0, slot;
	u64 call;

	if ((s32)result < 0 || !config || !(config->classes & WEIR_ON(WEIR_CLASS_SOCKET)))
		return;
	/* An IPv6 socket that sends to an IPv4 address comes by both; its own is the event. */
	if (!is_reported(config, sock, &at) || at.family != family)
		return;
	at.inode = READ(sock, sk_socket, file, f_inode, i_ino);
	call = current_call(&flags);
	if (flags & WEIR_F_COMPAT)
		call = NO_SYSCALL; /* of another numbering */
	r = begin_sends(&at, 1, &slot);
	if (!r)
		return;
	r->kernel_address = 1;
	report_send(slot, READ_NUMBER(m, msg_name), READ(m, msg_namelen), (u32)result,
		    0xffffffffull << 32 | call);
	give_back(r);
}

#define SENT(pointer, message, result) datagram_sent(pointer, message, result, AF_INET)
#define SENT_6(pointer, message, result) datagram_sent(pointer, message, result, AF_INET6)

AT_RETURN_2(socket_udp, "udp_sendmsg", SENT)
AT_RETURN_2(socket_udp6, "udpv6_sendmsg", SENT_6)
AT_RETURN_2(socket_raw, "raw_sendmsg", SENT)
AT_RETURN_2(socket_raw6, "rawv6_sendmsg", SENT_6)
AT_RETURN_2(socket_ping, "ping_v4_sendmsg", SENT)
AT_RETURN_2(socket_ping6, "ping_v6_sendmsg", SENT_6)

#endif
