/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* CONNECT and, of those that take a while, CONNECT_RESULT. */
#ifndef WEIR_SOCKET_CONNECT_H
#define WEIR_SOCKET_CONNECT_H

#include <asm/unistd.h>

#include "behavior_sockets.h"
#include "socket_close.h"
#include "syscall.h"

#define EINTR 4
#define ECONNABORTED 103
#define EISCONN 106
#define EALREADY 114
#define EINPROGRESS 115
#define ERESTARTSYS 512

/*
 * Connects under way, by sock: the record as it was while the caller was here, because the outcome
 * arrives in an interrupt, where the current task is any. Full: the oldest outcome is not reported;
 * its connect has been.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct weir_socket_event);
} connects_under_way SEC(".maps");

/* The outcome of a connect under way, once: who deletes the entry reports it. Global, for the sake of
 * the stack. */
__noinline int report_outcome(u64 key, int state)
{
	struct weir_socket_event *begun = bpf_map_lookup_elem(&connects_under_way, &key);
	struct sock *sock = CAST(struct sock, key);
	struct weir_socket_event e;

	if (!begun)
		return 0;
	__builtin_memcpy(&e, begun, sizeof(e));
	if (bpf_map_delete_elem(&connects_under_way, &key))
		return 0;
	e.h.type = WEIR_CONNECT_RESULT;
	e.h.time = bpf_ktime_get_boot_ns();
	e.h.cpu = bpf_get_smp_processor_id();
	/* The source port may not have been chosen before. */
	e.local_port = READ(sock, __sk_common.skc_num);
	e.result = 0;
	if (state == TCP_CLOSE) {
		int error = READ(sock, sk_err);

		/* No error: closed by its owner before there was an answer. */
		e.result = error ? -error : -ECONNABORTED;
	}
	count(WEIR_CLASS_SOCKET, WEIR_SEEN);
	SUBMIT(weir_noise, 1, WEIR_CLASS_SOCKET, &e, sizeof(e), e.h.time);
	return 0;
}

static __always_inline bool is_under_way(struct socket_at *at, long ret)
{
	/* A connect that a signal interrupts goes on by itself. */
	return at->type == SOCK_STREAM && at->family != AF_UNIX &&
	       (ret == -EINPROGRESS || ret == -EINTR);
}

/* Not those that ask after a connect under way, nor one that will be made again. */
static __always_inline bool is_connect_event(long ret)
{
	return ret != -EALREADY && ret != -EISCONN && ret != -ERESTARTSYS;
}

static __always_inline void note_connect(struct socket_record *r, struct socket_at *at)
{
	const u64 *address = (const u64 *)r->e.remote_address;
	struct weir_config *config = settings();

	if (config && judges(config) && at->family != AF_UNIX && at->type == SOCK_STREAM)
		socket_behaved(mixed(address[0], address[1]), r->e.remote_port);
}

/* `kernel_flags`: 0 when the address is the caller's, else FROM_KERNEL with flags of the record. */
#define FROM_KERNEL (1ull << 32)

static __always_inline void report_connect(struct socket_at *at, long ret, u16 call, int fd,
					   u64 address, u64 size, u64 kernel_flags)
{
	struct sock *sock = CAST(struct sock, at->sock);
	bool under_way = is_under_way(at, ret);
	struct socket_record *r;

	/* connect(AF_UNSPEC): a socket forgets its peer. One that a peer has broken by now knows it still. */
	if (ret == 0 && at->family != AF_UNIX && READ(sock, __sk_common.skc_state) == TCP_CLOSE &&
	    (at->type != SOCK_STREAM || READ(sock, __sk_common.skc_dport) == 0))
		return;
	r = begin(at, WEIR_CONNECT, call, fd);
	if (!r)
		return;
	r->kernel_address = kernel_flags != 0;
	r->e.h.flags |= (u32)kernel_flags;
	r->e.result = ret;
	if (ret && !under_way)
		use_asked_address(r, address, size, false);
	note_connect(r, at);
	if (under_way)
		r->e.h.op_id = new_op_id(r->e.h.time);
	if (send_connection(r, under_way || ret == 0) && under_way) {
		/* From memory, where it is a number: global functions take no typed pointers. */
		u64 key = r->at.sock;
		int state;

		bpf_map_update_elem(&connects_under_way, &key, &r->e, BPF_ANY);
		/* On loopback the answer came within the call, before the entry was there. */
		state = READ(sock, __sk_common.skc_state);
		if (state != TCP_SYN_SENT)
			report_outcome(key, state);
	}
	give_back(r);
}

/*
 * sendto() and its like begin a connection, too (MSG_FASTOPEN), and no hook of connects is asked then.
 * Called before the state is SYN_SENT, by whoever sends. `call`: the caller's, `fd`: its first argument.
 */
static __always_inline int report_fast_open(u64 key, u16 call, int fd)
{
	struct sock *sock = CAST(struct sock, key);
	struct weir_config *config = settings();
	struct socket_record *r;
	struct socket_at at;

	/* A second program at the same tracepoint has nothing to add. */
	if (bpf_map_lookup_elem(&connects_under_way, &key))
		return 0;
	if (!config || !(config->classes & WEIR_ON(WEIR_CLASS_SOCKET)) ||
	    !is_reported(config, sock, &at))
		return 0;
	at.inode = READ(sock, sk_socket, file, f_inode, i_ino);
	r = begin(&at, WEIR_CONNECT, call, fd);
	if (!r)
		return 0;
	r->e.result = -EINPROGRESS;
	note_connect(r, &at);
	r->e.h.op_id = new_op_id(r->e.h.time);
	if (send_record(r)) {
		key = r->at.sock;
		bpf_map_update_elem(&connects_under_way, &key, &r->e, BPF_ANY);
		if (bpf_map_update_elem(&openers, &key, &r->e, BPF_ANY)) {
			count(WEIR_CLASS_SOCKET, WEIR_SEEN);
			count(WEIR_CLASS_SOCKET, WEIR_LOST_MAP);
		}
	}
	give_back(r);
	return 0;
}

/* Global, for the sake of the stack. */
__noinline int connection_begins(u64 key)
{
	struct pt_regs *regs = entry_registers(CURRENT());
	u32 call = CALL_NUMBER(regs);

	if (call != __NR_sendto && call != __NR_sendmsg && call != __NR_sendmmsg)
		return 0;
	return report_fast_open(key, call, ARG0(regs));
}

#endif
