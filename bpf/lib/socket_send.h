/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* SEND: datagrams, folded by destination. */
#ifndef WEIR_SOCKET_SEND_H
#define WEIR_SOCKET_SEND_H

#include "socket_event.h"

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
	struct task_struct *task = CURRENT();
	u32 stands_for;

	if (!r || !config || !wanted(config, task, WEIR_CLASS_SOCKET, r->rows) ||
	    !within_rate(config, task, WEIR_CLASS_SOCKET, r->rows))
		return 0;
	fill_record(r, task, WEIR_SEND, fd_and_call & 0xffff, fd_and_call >> 32);
	if (r->fault) {
		r->e.h.flags |= WEIR_F_FAULT;
		count(WEIR_CLASS_SOCKET, WEIR_PAGE_FAULT);
		r->fault = 0;
	}
	r->e.bytes = bytes;
	if (name)
		use_asked_address(r, name, size, false);
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

		if (bpf_probe_read_user(&m, sizeof(m), (void *)(vector + i * MMSGHDR_SIZE)) ||
		    bpf_probe_read_user(&bytes, sizeof(bytes),
					(void *)(vector + i * MMSGHDR_SIZE + MMSGHDR_LENGTH)))
			r->fault = 1;
		r->rows = i == MESSAGES_MAX - 1 ? sent - i : 1;
		report_send(slot, m.name, m.name_size, bytes, fd_and_call);
	}
}

static __always_inline bool find_datagram_socket(u32 fd, struct socket_at *at)
{
	return find_socket(CURRENT(), fd, at) && at->type != SOCK_STREAM && at->family != AF_UNIX;
}

static __always_inline struct socket_record *begin_sends(struct socket_at *at, u64 rows, u32 *slot)
{
	struct socket_record *r = take_record(slot);
	struct weir_config *config = settings();

	if (r) {
		r->at = *at;
		r->kernel_address = 0;
		r->fault = 0;
		r->rows = rows;
	} else if (config && wanted(config, CURRENT(), WEIR_CLASS_SOCKET, rows) &&
		   within_rate(config, CURRENT(), WEIR_CLASS_SOCKET, rows)) {
		count_rows(WEIR_CLASS_SOCKET, WEIR_LOST_MAP, rows);
	}
	return r;
}

#endif
