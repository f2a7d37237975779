// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Sockets: connect and its outcome, accept, bind, listen, datagrams. Addresses come from the
 * kernel's sock behind the descriptor; only where it has none (a connect that failed, a datagram
 * with its own destination) the caller's is taken and marked (WEIR_F_ADDRESS_USER).
 *
 * Blind here: 32-bit calls, io_uring, datagrams of Unix sockets, and write() on a connected
 * datagram socket, which would tax every write of the host (its connect is seen).
 */
#include "lib/kernel_types.h"
#include "lib/socket_event.h"
#include "lib/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define EINTR 4
#define ECONNABORTED 103
#define EISCONN 106
#define EALREADY 114
#define EINPROGRESS 115
#define ERESTARTSYS 512
#define TCP_SYN_SENT 2
#define TCP_CLOSE 7

/* A filled record of something seen and not excluded; NULL: nothing to do, all is counted. */
static __always_inline struct socket_record *begin(struct socket_at *at, u16 type, u16 syscall,
						   int fd)
{
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	struct socket_record *r;
	u32 slot;

	if (!config || !wanted(config, task, WEIR_CLASS_SOCKET, 1))
		return NULL;
	r = take_record(&slot);
	if (!r) {
		count(WEIR_CLASS_SOCKET, WEIR_LOST_MAP);
		return NULL;
	}
	r->at = *at;
	fill_record(r, type, syscall, fd);
	return r;
}

/* The socket behind a descriptor of the current task, while the class is on. */
static __always_inline bool find_socket(u32 fd, struct socket_at *at)
{
	struct weir_config *config = settings();

	if (!config || !(config->classes & WEIR_ON(WEIR_CLASS_SOCKET)))
		return false;
	return socket_of(config, CURRENT(), fd, at);
}

/* ---- connect ---- */

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

/* The outcome of a connect under way, once: who deletes the entry reports it. */
static __always_inline void report_outcome(u64 key, int state)
{
	struct weir_socket_event *begun = bpf_map_lookup_elem(&connects_under_way, &key);
	struct sock *sock = CAST(struct sock, key);
	struct weir_socket_event e;

	if (!begun)
		return;
	__builtin_memcpy(&e, begun, sizeof(e));
	if (bpf_map_delete_elem(&connects_under_way, &key))
		return;
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
}

static __always_inline bool is_under_way(struct socket_at *at, long ret)
{
	/* A connect that a signal interrupts goes on by itself. */
	return at->type == SOCK_STREAM && at->family != AF_UNIX &&
	       (ret == -EINPROGRESS || ret == -EINTR);
}

SEC("tp/syscalls/sys_exit_connect")
int socket_connect(struct syscall_exit *ctx)
{
	struct pt_regs *regs = entry_registers(CURRENT());
	struct socket_record *r;
	struct socket_at at;
	long ret = ctx->ret;
	struct sock *sock;
	bool under_way;
	u64 key;
	int fd;

	/* Questions after a connect under way, and a call that will be made again. */
	if (ret == -EALREADY || ret == -EISCONN || ret == -ERESTARTSYS)
		return 0;
	fd = ARG0(regs);
	if (!find_socket(fd, &at))
		return 0;
	sock = CAST(struct sock, at.sock);
	/* connect(AF_UNSPEC): a datagram socket forgets its peer. */
	if (ret == 0 && at.family != AF_UNIX && at.type != SOCK_STREAM &&
	    READ(sock, __sk_common.skc_state) == TCP_CLOSE)
		return 0;
	under_way = is_under_way(&at, ret);
	r = begin(&at, WEIR_CONNECT, ctx->id, fd);
	if (!r)
		return 0;
	r->e.result = ret;
	if (ret && !under_way)
		use_callers_address(r, ARG1(regs), ARG2(regs), false);
	if (under_way)
		r->e.h.op_id = new_op_id(r->e.h.time);
	if (send_record(r) && under_way) {
		int state;

		key = at.sock;
		bpf_map_update_elem(&connects_under_way, &key, &r->e, BPF_ANY);
		/* On loopback the answer came within the call, before the entry was there. */
		state = READ(sock, __sk_common.skc_state);
		if (state != TCP_SYN_SENT)
			report_outcome(key, state);
	}
	give_back(r);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int socket_state(u64 *ctx)
{
	if ((int)ctx[1] == TCP_SYN_SENT)
		report_outcome(ctx[0], (int)ctx[2]);
	return 0;
}

/* ---- accept, bind, listen ---- */

SEC("tp/syscalls/sys_exit_{accept,accept4}")
int socket_accept(struct syscall_exit *ctx)
{
	struct socket_record *r;
	struct socket_at at;

	if (ctx->ret < 0 || !find_socket(ctx->ret, &at))
		return 0;
	r = begin(&at, WEIR_ACCEPT, ctx->id, ctx->ret);
	if (!r)
		return 0;
	send_record(r);
	give_back(r);
	return 0;
}

SEC("tp/syscalls/sys_exit_bind")
int socket_bind(struct syscall_exit *ctx)
{
	struct pt_regs *regs = entry_registers(CURRENT());
	int fd = ARG0(regs);
	struct socket_record *r;
	struct socket_at at;

	if (!find_socket(fd, &at))
		return 0;
	r = begin(&at, WEIR_BIND, ctx->id, fd);
	if (!r)
		return 0;
	r->e.result = ctx->ret;
	if (ctx->ret)
		use_callers_address(r, ARG1(regs), ARG2(regs), true);
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

	if (ctx->ret || !find_socket(fd, &at))
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

/*
 * Sends of one process by one socket to one remote end. Within the window after a record further
 * sends are WEIR_COALESCED; the next record after it says in `count` how many it stands for. So of
 * what is seen, each send is submitted or coalesced at once; the sends after the last record of a
 * flow are in the counters only. Full: the entry that was used longest ago goes, with what it
 * had folded; the counters know.
 */
struct send_key {
	u64 sock;
	u64 start_time;
	u32 pid;
	u16 port, family;
	u8 address[16];
};
struct send_state {
	u64 recorded;
	u64 folded;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct send_key);
	__type(value, struct send_state);
} sends SEC(".maps");

/* Folds the send into an earlier one when it can; else how many sends the record stands for. */
static __always_inline u32 fold(struct weir_socket_event *e, u64 window, u64 rows)
{
	struct send_state fresh = { .recorded = e->h.time };
	struct send_key key = {
		.sock = e->sock,
		.start_time = e->h.start_time,
		.pid = e->h.pid,
		.port = e->remote_port,
		.family = e->family,
	};
	struct send_state *state;
	u64 folded;

	__builtin_memcpy(key.address, e->remote_address, 16);
	state = bpf_map_lookup_elem(&sends, &key);
	if (!state) {
		bpf_map_update_elem(&sends, &key, &fresh, BPF_ANY);
		return rows;
	}
	if (e->h.time - state->recorded < window) {
		__sync_fetch_and_add(&state->folded, rows);
		return 0;
	}
	folded = state->folded;
	/* Subtracted, not set to 0: another CPU may fold meanwhile. */
	__sync_fetch_and_add(&state->folded, -folded);
	state->recorded = e->h.time;
	return folded + rows;
}

/*
 * One destination of the current task's send: r->at and r->rows are set, `name` is the caller's
 * sockaddr or 0. Global, for the loop of sendmmsg. fd_and_call is fd << 32 | system call.
 */
__noinline int report_send(u32 slot, u64 name, u32 size, u32 bytes, u64 fd_and_call)
{
	struct socket_record *r = record_at(slot);
	struct weir_config *config = settings();
	u32 stands_for;

	if (!r || !config || !wanted(config, CURRENT(), WEIR_CLASS_SOCKET, r->rows))
		return 0;
	fill_record(r, WEIR_SEND, fd_and_call & 0xffff, fd_and_call >> 32);
	r->e.bytes = bytes;
	if (name)
		use_callers_address(r, name, size, false);
	stands_for = fold(&r->e, config->send_window, r->rows);
	if (stands_for == 0) {
		count_rows(WEIR_CLASS_SOCKET, WEIR_COALESCED, r->rows);
		return 0;
	}
	r->e.h.count = stands_for;
	if (r->rows > 1)
		count_rows(WEIR_CLASS_SOCKET, WEIR_COALESCED, r->rows - 1);
	send_record(r);
	return 0;
}

/* The caller's struct msghdr and mmsghdr, as far as they matter. */
struct message {
	u64 name;
	u32 name_size;
};
#define MMSGHDR_SIZE 64
#define MMSGHDR_LENGTH 56
/* Of one sendmmsg, destinations beyond these are taken for the last one's. */
#define MESSAGES_MAX 64

static __always_inline void report_messages(u32 slot, struct socket_record *r, u64 vector, u32 sent,
					    u64 fd_and_call)
{
	for (u32 i = 0; i < MESSAGES_MAX && i < sent; i++) {
		struct message m = {};
		u32 bytes = 0;

		bpf_probe_read_user(&m, sizeof(m), (void *)(vector + i * MMSGHDR_SIZE));
		bpf_probe_read_user(&bytes, sizeof(bytes),
				    (void *)(vector + i * MMSGHDR_SIZE + MMSGHDR_LENGTH));
		r->rows = i == MESSAGES_MAX - 1 ? sent - i : 1;
		report_send(slot, m.name, m.name_size, bytes, fd_and_call);
	}
}

static __always_inline bool find_datagram_socket(u32 fd, struct socket_at *at)
{
	return find_socket(fd, at) && at->type != SOCK_STREAM && at->family != AF_UNIX;
}

static __always_inline struct socket_record *begin_sends(struct socket_at *at, u64 rows, u32 *slot)
{
	struct socket_record *r = take_record(slot);
	struct weir_config *config = settings();

	if (r) {
		r->at = *at;
		r->rows = rows;
	} else if (config && wanted(config, CURRENT(), WEIR_CLASS_SOCKET, rows)) {
		count_rows(WEIR_CLASS_SOCKET, WEIR_LOST_MAP, rows);
	}
	return r;
}

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
	bpf_probe_read_user(&m, sizeof(m), (void *)ARG1(regs));
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
