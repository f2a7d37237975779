/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From something that was done to a socket to its record. */
#ifndef WEIR_SOCKET_EVENT_H
#define WEIR_SOCKET_EVENT_H

#define SLOTS 8

#include "descriptor.h"
#include "economy.h"
#include "filter.h"
#include "header.h"
#include "slots.h"

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCKADDR_MAX 128

/* What a descriptor turned out to be. */
struct socket_at {
	u64 sock;
	u64 inode;
	u16 family, type, protocol;
};

/* A record being made: the struct, and right behind it the two names of a Unix socket. */
struct socket_record {
	u64 in_use;
	u64 rows;
	struct socket_at at;
	u64 kernel_address; /* the address asked for lies in kernel memory, where nobody can change it */
	u64 fault; /* where a message says to send could not be read */
	u8 address[SOCKADDR_MAX]; /* a copy of it */
	struct weir_socket_event e;
	u8 names[4 * WEIR_UNIX_PATH_LEN];
};

/* One entry for each CPU and slot, as in slots.h; the loader sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, u32);
	__type(value, struct socket_record);
} scratch_slots SEC(".maps");

static __always_inline struct socket_record *record_at(u32 slot)
{
	return bpf_map_lookup_elem(&scratch_slots, &slot);
}

static __always_inline struct socket_record *take_record(u32 *slot)
{
	for (u32 i = 0; i < SLOTS && i < slots_a_cpu; i++) {
		struct socket_record *r;

		*slot = slot_of_cpu(i);
		r = record_at(*slot);
		if (r && take_slot(&r->in_use))
			return r;
	}
	return NULL;
}

static __always_inline void give_back(struct socket_record *r)
{
	give_slot(&r->in_use);
}

/* False for families that are not reported. */
static __always_inline bool is_reported(struct weir_config *config, struct sock *sock,
					struct socket_at *at)
{
	if (!sock)
		return false;
	at->family = READ(sock, __sk_common.skc_family);
	if (at->family != AF_INET && at->family != AF_INET6 &&
	    !(at->family == AF_UNIX && config->unix_sockets))
		return false;
	at->sock = (u64)sock;
	at->type = READ(sock, sk_type);
	at->protocol = READ(sock, sk_protocol);
	return true;
}

/* False for what is no socket, or of a family that is not reported. */
static __always_inline bool socket_of_file(struct weir_config *config, struct file *file,
					   struct socket_at *at)
{
	struct inode *inode;

	if (!file)
		return false;
	inode = READ(file, f_inode);
	if ((READ(inode, i_mode) & S_IFMT) != S_IFSOCK || READ(file, f_mode) & FMODE_PATH)
		return false;
	at->inode = READ(inode, i_ino);
	return is_reported(config, READ(CAST(struct socket, READ(file, private_data)), sk), at);
}

static __always_inline bool is_zero(const u8 *address)
{
	const u64 *words = (const u64 *)address;

	return (words[0] | words[1]) == 0;
}

/* ::ffff:a.b.c.d */
static __always_inline bool is_mapped(const u8 *address)
{
	const u32 *words = (const u32 *)address;

	return words[0] == 0 && words[1] == 0 && words[2] == __builtin_bswap32(0xffff);
}

static __always_inline void unmap(u8 *address)
{
	u32 *words = (u32 *)address;

	words[0] = words[3];
	words[1] = words[2] = words[3] = 0;
}

/* A mapped end makes the whole an IPv4 connection: then the other end is mapped or unset. */
static __always_inline void normalise(struct weir_socket_event *e)
{
	if (e->family != AF_INET6)
		return;
	if (!is_mapped(e->remote_address) &&
	    !(is_mapped(e->local_address) && is_zero(e->remote_address)))
		return;
	e->family = AF_INET;
	unmap(e->remote_address);
	unmap(e->local_address);
}

/* Both ends of an Internet socket, as it has them now. */
static __always_inline void fill_addresses(struct weir_socket_event *e, struct sock *sock)
{
	u32 *local = (u32 *)e->local_address, *remote = (u32 *)e->remote_address;

	e->family = READ(sock, __sk_common.skc_family);
	e->local_port = READ(sock, __sk_common.skc_num);
	e->remote_port = __builtin_bswap16(READ(sock, __sk_common.skc_dport));
	if (e->family == AF_INET6) {
		bpf_core_read(e->local_address, 16, &sock->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(e->remote_address, 16, &sock->__sk_common.skc_v6_daddr);
		normalise(e);
		return;
	}
	local[1] = local[2] = local[3] = remote[1] = remote[2] = remote[3] = 0;
	local[0] = READ(sock, __sk_common.skc_rcv_saddr);
	remote[0] = READ(sock, __sk_common.skc_daddr);
}

static __always_inline bool has_remote(const struct weir_socket_event *e)
{
	return e->remote_port || !is_zero(e->remote_address) || e->h.string_length[1];
}

/* Appends the name of a Unix socket as string i; abstract names keep their NUL in front. */
static __always_inline void put_unix_name(struct socket_record *r, u32 i, struct unix_sock *sock)
{
	struct unix_address *address = READ(sock, addr);
	u64 from = ADDRESS_OF(address, struct unix_address, name) + sizeof(u16);
	u64 at = r->e.h.string_length[0];
	u64 length;
	u8 *to;

	if (!address)
		return;
	length = (u64)READ(address, len) - sizeof(u16);
	KEEP(length);
	KEEP(at);
	if (length == 0 || length > WEIR_UNIX_PATH_LEN || at > WEIR_UNIX_PATH_LEN)
		return;
	to = &r->names[at];
	KEEP(to);
	bpf_probe_read_kernel(to, length, (void *)from);
	/* A path name's length counts the NUL behind it. */
	if (to[0] && length > 1)
		length--;
	r->e.h.string_length[i & 1] = length;
}

static __always_inline void fill_unix(struct socket_record *r, u64 sock)
{
	struct unix_sock *own = CAST(struct unix_sock, sock);
	struct sock *peer = READ(own, peer);

	put_unix_name(r, 0, own);
	if (!peer)
		return;
	put_unix_name(r, 1, CAST(struct unix_sock, peer));
	r->e.peer_pid =
		READ(CAST(struct upid, ADDRESS_OF(READ(CAST(struct sock, sock), sk_peer_pid),
						  struct pid, numbers)),
		     nr);
}

/* The sockaddr of the call as the remote end, or as the local one. Marked when it is the caller's. */
static __always_inline void use_asked_address(struct socket_record *r, u64 pointer, u64 size,
					      bool local)
{
	u8 *address = local ? r->e.local_address : r->e.remote_address;
	u16 family, port;

	if (size > SOCKADDR_MAX)
		size = SOCKADDR_MAX;
	KEEP(size);
	if (size < sizeof(u16) || size > SOCKADDR_MAX)
		return;
	if (!r->kernel_address)
		r->e.h.flags |= WEIR_F_ADDRESS_USER;
	__builtin_memset(r->address, 0, SOCKADDR_MAX);
	/* Kernels before 5.12 forget what is known of a spilled number. */
	KEEP(size);
	if (size > SOCKADDR_MAX)
		return;
	if (r->kernel_address) {
		bpf_probe_read_kernel(r->address, size, (void *)pointer);
	} else if (bpf_probe_read_user(r->address, size, (void *)pointer)) {
		r->e.h.flags |= WEIR_F_FAULT;
		count(WEIR_CLASS_SOCKET, WEIR_PAGE_FAULT);
		return;
	}
	family = *(u16 *)r->address;
	port = __builtin_bswap16(*(u16 *)&r->address[2]);
	if (family == AF_INET) {
		__builtin_memset(address, 0, 16);
		__builtin_memcpy(address, &r->address[4], 4);
		/* On an IPv6 socket the rest of this sockaddr means nothing to the kernel. */
		r->e.family = AF_INET;
	} else if (family == AF_INET6) {
		__builtin_memcpy(address, &r->address[8], 16);
		r->e.family = AF_INET6;
		normalise(&r->e);
	} else if (family == AF_UNIX) {
		u64 at = r->e.h.string_length[0];
		u64 length = size - sizeof(u16);

		KEEP(at);
		KEEP(length);
		if (length == 0 || length > WEIR_UNIX_PATH_LEN || at > WEIR_UNIX_PATH_LEN)
			return;
		/* Path names end at their NUL. */
		if (r->address[2])
			length = bpf_probe_read_kernel_str(&r->names[at], length, &r->address[2]) -
				 1;
		else
			bpf_probe_read_kernel(&r->names[at], length, &r->address[2]);
		if (length <= WEIR_UNIX_PATH_LEN)
			r->e.h.string_length[local ? 0 : 1] = length;
		return;
	} else {
		return;
	}
	if (local)
		r->e.local_port = port;
	else
		r->e.remote_port = port;
}

/* Everything that r->at and the current task tell. */
static __always_inline void fill_record(struct socket_record *r, struct task_struct *task, u16 type,
					u16 syscall, int fd)
{
	struct sock *sock = CAST(struct sock, r->at.sock);
	struct weir_socket_event *e = &r->e;

	fill_header(&e->h, task, type, syscall, 0, bpf_ktime_get_boot_ns());
	e->sock = r->at.sock;
	e->inode = r->at.inode;
	e->family = r->at.family;
	e->protocol = r->at.protocol;
	e->socket_type = r->at.type;
	e->backlog = 0;
	e->fd = fd;
	e->result = 0;
	e->net_ns = READ(sock, __sk_common.skc_net.net, ns.inum);
	e->peer_pid = 0;
	e->bytes = 0;
	e->pad = 0;
	e->bytes_sent = e->bytes_received = e->duration = 0;
	if (r->at.family != AF_UNIX) {
		fill_addresses(e, sock);
		return;
	}
	__builtin_memset(e->local_address, 0, 32);
	e->local_port = e->remote_port = 0;
	fill_unix(r, r->at.sock);
}

/* Whether an exclusion names a port or the remote address; it is counted then. */
static __always_inline bool ends_excluded(struct weir_config *config, struct weir_socket_event *e)
{
	struct weir_exclusion *entry;

	if (config->not_ports) {
		u16 local = e->local_port, remote = e->remote_port;

		entry = bpf_map_lookup_elem(&weir_not_ports, &local);
		if (!excludes(entry, WEIR_CLASS_SOCKET))
			entry = bpf_map_lookup_elem(&weir_not_ports, &remote);
		if (excludes(entry, WEIR_CLASS_SOCKET)) {
			count_excluded(entry, WEIR_CLASS_SOCKET, 1);
			return true;
		}
	}
	if (config->not_addresses && (e->family == AF_INET || e->family == AF_INET6)) {
		struct weir_address_key key = {
			.bits = e->family == AF_INET ? 64 : 160,
			.family = e->family,
		};

		__builtin_memcpy(key.address, e->remote_address, sizeof(key.address));
		entry = bpf_map_lookup_elem(&weir_not_addresses, &key);
		if (excludes(entry, WEIR_CLASS_SOCKET)) {
			count_excluded(entry, WEIR_CLASS_SOCKET, 1);
			return true;
		}
	}
	return false;
}

/* Sends the record; false when it was excluded or lost. `rows`-1 of its count are coalesced. */
static __always_inline bool send_record(struct socket_record *r)
{
	struct weir_config *config = settings();
	u64 size = sizeof(r->e);
	u64 now = r->e.h.time;

	if (config && ends_excluded(config, &r->e))
		return false;
	size += r->e.h.string_length[0] + r->e.h.string_length[1];
	KEEP(size);
	if (size > sizeof(r->e) + 2 * WEIR_UNIX_PATH_LEN)
		size = sizeof(r->e);
	if (bpf_ringbuf_output(&weir_noise, &r->e, size, wake_flags(1, now))) {
		count(WEIR_CLASS_SOCKET, WEIR_LOST_RING);
		return false;
	}
	count(WEIR_CLASS_SOCKET, WEIR_SUBMITTED);
	return true;
}

/* A filled record of something seen and not excluded; NULL: nothing to do, all is counted. */
static __always_inline struct socket_record *begin(struct socket_at *at, u16 type, u16 syscall,
						   int fd)
{
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	struct socket_record *r;
	u32 slot;

	if (!config || !wanted(config, task, WEIR_CLASS_SOCKET, 1) ||
	    !within_rate(config, task, WEIR_CLASS_SOCKET, 1))
		return NULL;
	r = take_record(&slot);
	if (!r) {
		count(WEIR_CLASS_SOCKET, WEIR_LOST_MAP);
		return NULL;
	}
	r->at = *at;
	r->kernel_address = 0;
	fill_record(r, task, type, syscall, fd);
	return r;
}

/* The socket behind a descriptor of the task, while the class is on. */
static __always_inline bool find_socket(struct task_struct *task, u32 fd, struct socket_at *at)
{
	struct weir_config *config = settings();

	if (!config || !(config->classes & WEIR_ON(WEIR_CLASS_SOCKET)))
		return false;
	return socket_of_file(config, file_of(task, fd), at);
}

#endif
