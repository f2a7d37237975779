/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* CLOSE: the end of a TCP connection, with what it carried. */
#ifndef WEIR_SOCKET_CLOSE_H
#define WEIR_SOCKET_CLOSE_H

#include "socket_opener.h"

#define IPPROTO_TCP 6
#define TCP_SYN_SENT 2
#define TCP_CLOSE 7

#define SOCK_DONE (1 << 1) /* the other end has said that it sends no more */

/* The end of a connection. Global, for the sake of the stack. */
__noinline int report_close(u64 key, int before)
{
	struct weir_config *config = settings();
	struct tcp_sock *tcp = CAST(struct tcp_sock, key);
	struct sock *sock = CAST(struct sock, key);
	struct weir_socket_event e = {};

	if (!take_opener(key, &e.h, &e.inode))
		return 0;
	/* It never was one: its connect says how it failed. */
	if (before == TCP_SYN_SENT || !config || !(config->classes & WEIR_ON(WEIR_CLASS_SOCKET)))
		return 0;
	count(WEIR_CLASS_SOCKET, WEIR_SEEN);
	e.duration = bpf_ktime_get_boot_ns() - e.h.time;
	e.h.time += e.duration;
	e.h.type = WEIR_CLOSE;
	e.h.flags = 0;
	e.h.syscall = NO_SYSCALL;
	e.h.count = 1;
	for (int i = 0; i < WEIR_STRINGS; i++)
		e.h.string_length[i] = 0;
	e.h.cpu = bpf_get_smp_processor_id();
	e.sock = key;
	e.fd = -1;
	e.protocol = IPPROTO_TCP;
	e.socket_type = SOCK_STREAM;
	e.net_ns = READ(sock, __sk_common.skc_net.net, ns.inum);
	fill_addresses(&e, sock);
	/* The port has been given back by now, but for this. */
	e.local_port = __builtin_bswap16(READ(CAST(struct inet_sock, key), inet_sport));
	e.result = -READ(sock, sk_err);
	e.bytes_sent = READ(tcp, bytes_sent) - READ(tcp, bytes_retrans);
	e.bytes_received = READ(tcp, bytes_received);
	/* The end of the other side's stream takes a number of its own. */
	if (READ(sock, __sk_common.skc_flags) & SOCK_DONE && e.bytes_received)
		e.bytes_received--;
	SUBMIT(weir_noise, 1, WEIR_CLASS_SOCKET, &e, sizeof(e), e.h.time);
	return 0;
}

static __always_inline bool is_tcp(struct socket_at *at)
{
	return at->family != AF_UNIX && at->protocol == IPPROTO_TCP;
}

/* Remembers who opened the connection of the record r, or is about to. */
static __always_inline void remember_opener(struct socket_record *r)
{
	u64 key = r->at.sock;

	if (!put_opener(key, &r->e)) {
		count(WEIR_CLASS_SOCKET, WEIR_SEEN);
		count(WEIR_CLASS_SOCKET, WEIR_LOST_MAP);
		return;
	}
	/* It may have ended before the entry was there. */
	if (READ(CAST(struct sock, key), __sk_common.skc_state) == TCP_CLOSE)
		report_close(key, r->e.result == 0 ? 0 : TCP_SYN_SENT);
}

/* Sends the record of a connect or accept; `opens`: there is, or may be, a connection that will end. */
static __always_inline bool send_connection(struct socket_record *r, bool opens)
{
	if (is_tcp(&r->at))
		r->e.h.op_id = new_op_id(r->e.h.time);
	if (!send_record(r))
		return false;
	if (opens && is_tcp(&r->at))
		remember_opener(r);
	return true;
}

#endif
