// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Sockets: connect and its outcome, accept, bind, listen, datagrams, the end of TCP connections. Addresses come from the
 * kernel's sock behind the descriptor; only where it has none (a connect that failed, a datagram
 * with its own destination) the caller's is taken and marked (WEIR_F_ADDRESS_USER).
 *
 * Blind here: 32-bit calls, io_uring, datagrams of Unix sockets, and write() on a connected
 * datagram socket, which would tax every write of the host (its connect is seen).
 */
#include "lib/kernel_types.h"
#include "lib/socket_connect.h"
#include "lib/socket_send.h"
#include "lib/socket_tiers.h"
#include "lib/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* ---- connect ---- */

static __always_inline int connect_exits(struct syscall_exit *ctx)
{
	struct task_struct *task;
	struct pt_regs *regs;
	struct socket_at at;
	int fd;

	CURRENT_WITH_REGISTERS(task, regs);
	fd = ARG0(regs);
	if (is_connect_event(ctx->ret) && find_socket(task, fd, &at))
		report_connect(&at, ctx->ret, ctx->id, fd, ARG1(regs), ARG2(regs), 0);
	return 0;
}

SEC("tp/syscalls/sys_exit_connect")
int socket_connect(struct syscall_exit *ctx)
{
	return connect_exits(ctx);
}

/*
 * Beside kprobes: a kretprobe has room for 10 calls under way, or twice the number of CPUs, and these
 * calls wait. What was kept at the entry and not taken at the return is taken here.
 */
SEC("tp/syscalls/sys_exit_connect")
int connect_left(struct syscall_exit *ctx)
{
	struct kept_call call;

	return take_call(socket_connected_place, &call) ? connect_exits(ctx) : 0;
}

static __always_inline int state_changes(u64 *ctx)
{
	/* A number: global functions take no typed pointers. */
	u64 key = LOAD_NUMBER((u64)ctx);

	if ((int)ctx[2] == TCP_SYN_SENT)
		connection_begins(key);
	if ((int)ctx[1] == TCP_SYN_SENT)
		report_outcome(key, (int)ctx[2]);
	if ((int)ctx[2] == TCP_CLOSE)
		report_close(key, (int)ctx[1]);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int socket_state(u64 *ctx)
{
	return state_changes(ctx);
}

/*
 * From 6.19 on a program may be preempted here, and is then skipped for everybody else on the CPU. The same
 * program once more and again is not: what the one before has reported is no longer there for it to report.
 */
SEC("tp_btf/inet_sock_set_state")
int socket_state_second(u64 *ctx)
{
	return state_changes(ctx);
}

SEC("tp_btf/inet_sock_set_state")
int socket_state_third(u64 *ctx)
{
	return state_changes(ctx);
}

/* ---- accept, bind, listen ---- */

static __always_inline int accept_exits(struct syscall_exit *ctx)
{
	struct socket_record *r;
	struct socket_at at;

	if (ctx->ret < 0 || !find_socket(CURRENT(), ctx->ret, &at))
		return 0;
	r = begin(&at, WEIR_ACCEPT, ctx->id, ctx->ret);
	if (!r)
		return 0;
	send_connection(r, true);
	give_back(r);
	return 0;
}

SEC("tp/syscalls/sys_exit_{accept,accept4}")
int socket_accept(struct syscall_exit *ctx)
{
	return accept_exits(ctx);
}

/* As connect_left(). */
SEC("tp/syscalls/sys_exit_{accept,accept4}")
int accept_left(struct syscall_exit *ctx)
{
	struct kept_call call;

	return take_call(socket_accept_place, &call) ? accept_exits(ctx) : 0;
}

SEC("tp/syscalls/sys_exit_bind")
int socket_bind(struct syscall_exit *ctx)
{
	struct pt_regs *regs = entry_registers(CURRENT());
	int fd = ARG0(regs);
	struct socket_record *r;
	struct socket_at at;

	if (!find_socket(CURRENT(), fd, &at))
		return 0;
	r = begin(&at, WEIR_BIND, ctx->id, fd);
	if (!r)
		return 0;
	r->e.result = ctx->ret;
	if (ctx->ret)
		use_asked_address(r, ARG1(regs), ARG2(regs), true);
	send_record(r);
	give_back(r);
	return 0;
}

SEC("tp/syscalls/sys_exit_listen")
int socket_listen(struct syscall_exit *ctx)
{
	struct pt_regs *regs = entry_registers(CURRENT());
	int fd = ARG0(regs);
	struct socket_record *r;
	struct socket_at at;

	if (ctx->ret || !find_socket(CURRENT(), fd, &at))
		return 0;
	r = begin(&at, WEIR_LISTEN, ctx->id, fd);
	if (!r)
		return 0;
	r->e.backlog = ARG1(regs);
	send_record(r);
	give_back(r);
	return 0;
}

/* ---- datagrams ---- */

/* TCP's send() comes by here, too: it leaves as soon as the socket's type is known. */
SEC("tp/syscalls/sys_exit_sendto")
int socket_sendto(struct syscall_exit *ctx)
{
	struct pt_regs *regs = entry_registers(CURRENT());
	u64 fd = (u32)ARG0(regs);
	struct socket_record *r;
	struct socket_at at;
	u32 slot;

	if (ctx->ret < 0 || !find_datagram_socket(fd, &at))
		return 0;
	r = begin_sends(&at, 1, &slot);
	if (!r)
		return 0;
	report_send(slot, ARG4(regs), ARG5(regs), ctx->ret, fd << 32 | (u32)ctx->id);
	give_back(r);
	return 0;
}

SEC("tp/syscalls/sys_exit_sendmsg")
int socket_sendmsg(struct syscall_exit *ctx)
{
	struct pt_regs *regs = entry_registers(CURRENT());
	u64 fd = (u32)ARG0(regs);
	struct socket_record *r;
	struct message m = {};
	struct socket_at at;
	u32 slot;

	if (ctx->ret < 0 || !find_datagram_socket(fd, &at))
		return 0;
	r = begin_sends(&at, 1, &slot);
	if (!r)
		return 0;
	r->fault = bpf_probe_read_user(&m, sizeof(m), (void *)ARG1(regs)) != 0;
	report_send(slot, m.name, m.name_size, ctx->ret, fd << 32 | (u32)ctx->id);
	give_back(r);
	return 0;
}

SEC("tp/syscalls/sys_exit_sendmmsg")
int socket_sendmmsg(struct syscall_exit *ctx)
{
	struct pt_regs *regs = entry_registers(CURRENT());
	u64 fd = (u32)ARG0(regs);
	struct socket_record *r;
	struct socket_at at;
	u32 slot;

	if (ctx->ret <= 0 || !find_datagram_socket(fd, &at))
		return 0;
	r = begin_sends(&at, ctx->ret, &slot);
	if (!r)
		return 0;
	report_messages(slot, r, ARG1(regs), ctx->ret, fd << 32 | (u32)ctx->id);
	give_back(r);
	return 0;
}
