// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * DNS as the asking process has it: packets to port 53 at the socket that sends them, and those from
 * port 53 at the socket that asked. They are the kernel's own bytes, whichever call carried them
 * (io_uring and 32-bit calls, too), in every network namespace.
 *
 * These programs run for each packet of each socket, so that a packet of a socket that is connected
 * to another port, or listens, must leave at once: it costs one look at the socket's port, or two.
 *
 * Blind here: other ports (mDNS, DoT, DoH, DoQ), raw and packet sockets.
 */
#include "lib/kernel_types.h"

#define SLOTS 3

#include "lib/dns_packet.h"
#include "lib/filter.h"
#include "lib/header.h"
#include "lib/slots.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define DNS_PORT 53
/* DNS_PORT as packet->remote_port has it, on the little-endian processors that there are. */
#define DNS_REMOTE 0x35000000u
#define SECOND 1000000000ull
#define PASS 1 /* what a program of cgroup_skb returns, or the packet is dropped */

/* Who asked last by a socket. Full: the one that asked longest ago goes; its answer is not seen. */
struct asker {
	struct weir_header h;
	u64 second; /* when `bytes` began to count */
	u64 bytes;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct asker);
} askers SEC(".maps");

/* A record being made: the struct, and right behind it the payload. */
struct dns_record {
	u64 in_use;
	struct asker asker;
	struct weir_dns_event e;
	u8 payload[WEIR_DNS_MAX];
};

/* One entry for each CPU and slot, as in slots.h; the loader sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, u32);
	__type(value, struct dns_record);
} scratch_slots SEC(".maps");

static __always_inline struct dns_record *take_record(void)
{
	for (u32 i = 0; i < SLOTS && i < slots_a_cpu; i++) {
		u32 slot = slot_of_cpu(i);
		struct dns_record *r = bpf_map_lookup_elem(&scratch_slots, &slot);

		if (r && take_slot(&r->in_use))
			return r;
	}
	return NULL;
}

/* Whether the socket may still use the ring. Two CPUs may both begin a second: then it gets two. */
static __always_inline bool is_within_rate(struct asker *asker, u64 now, u32 size)
{
	u64 before;

	if (now - asker->second > SECOND) {
		asker->second = now;
		asker->bytes = 0;
	}
	/* Not by the atomic's result: kernels before 5.12 have none. */
	before = asker->bytes;
	__sync_fetch_and_add(&asker->bytes, size);
	return before < WEIR_DNS_BYTES_PER_SECOND;
}

static __always_inline void fill_ends(struct weir_dns_event *e, struct datagram *d, bool sent)
{
	__builtin_memcpy(e->local_address, sent ? d->source : d->destination, 16);
	__builtin_memcpy(e->remote_address, sent ? d->destination : d->source, 16);
	e->local_port = sent ? d->source_port : d->destination_port;
	e->remote_port = sent ? d->destination_port : d->source_port;
	e->family = d->family;
	e->protocol = d->protocol;
	e->sequence = d->sequence;
	e->size = d->size;
	e->pad = 0;
}

/* The rest of the record, with the payload, to the ring. */
static __always_inline void send_packet(struct packet *packet, struct datagram *d,
					struct dns_record *r, bool sent)
{
	struct sock *sock = READ(CAST(struct sk_buff, packet), sk);
	u64 size = d->size;

	fill_ends(&r->e, d, sent);
	r->e.net_ns = READ(sock, __sk_common.skc_net.net, ns.inum);
	if (size > WEIR_DNS_MAX) {
		size = WEIR_DNS_MAX;
		r->e.h.flags |= WEIR_F_TRUNCATED(0);
	}
	/* By one less: verifiers before 6.8 learn nothing from a comparison with 0, and refuse what
	 * may be no bytes. */
	size -= 1;
	KEEP(size);
	if (size >= WEIR_DNS_MAX)
		goto broken;
	KEEP(size);
	size += 1;
	if (bpf_skb_load_bytes(packet, d->payload, r->payload, size))
		goto broken;
	r->e.h.string_length[0] = size;
	size += sizeof(r->e);
	KEEP(size);
	/* Once more: before 5.12 a number that was spilled has no bounds. */
	if (size > sizeof(r->e) + WEIR_DNS_MAX)
		goto broken;
	SUBMIT(weir_noise, 1, WEIR_CLASS_DNS, &r->e, size, r->e.h.time);
	return;
broken:
	count(WEIR_CLASS_DNS, WEIR_LOST_MAP);
}

/*
 * Whether the current task is the one that sends. Datagrams leave within the call; a stream may go
 * on in an interrupt, when no process holds the socket.
 */
static __always_inline bool is_sender_here(struct packet *packet, struct datagram *d)
{
	struct sock *sock = READ(CAST(struct sk_buff, packet), sk);

	return d->protocol == IPPROTO_UDP || READ(sock, sk_lock.owned);
}

/* Fills r->asker and r->e.h; false when there is nothing to send, all is counted then. */
static __always_inline bool begin_question(struct weir_config *config, struct packet *packet,
					   struct datagram *d, struct dns_record *r, u64 cookie,
					   u64 now)
{
	struct asker *asker = bpf_map_lookup_elem(&askers, &cookie);

	if (!is_sender_here(packet, d)) {
		/* Nobody known: not in scope, or forgotten; what is not owned cannot be told. */
		if (!asker)
			return false;
		count(WEIR_CLASS_DNS, WEIR_SEEN);
		r->e.h = asker->h;
	} else {
		if (!wanted(config, CURRENT(), WEIR_CLASS_DNS, 1))
			return false;
		fill_header(&r->e.h, CURRENT(), WEIR_DNS_SENT, NO_SYSCALL, 0, now);
		if (asker) {
			asker->h = r->e.h;
		} else {
			r->asker.h = r->e.h;
			r->asker.second = now;
			r->asker.bytes = 0;
			bpf_map_update_elem(&askers, &cookie, &r->asker, BPF_ANY);
			asker = bpf_map_lookup_elem(&askers, &cookie);
		}
	}
	if (!asker || is_within_rate(asker, now, d->size + sizeof(r->e)))
		return true;
	count(WEIR_CLASS_DNS, WEIR_RATE_LIMITED);
	return false;
}

static __always_inline bool begin_answer(struct weir_config *config, struct datagram *d,
					 struct dns_record *r, u64 cookie, u64 now)
{
	struct asker *asker = bpf_map_lookup_elem(&askers, &cookie);

	if (!asker || !(config->classes & WEIR_ON(WEIR_CLASS_DNS)))
		return false;
	count(WEIR_CLASS_DNS, WEIR_SEEN);
	if (!is_within_rate(asker, now, d->size + sizeof(r->e))) {
		count(WEIR_CLASS_DNS, WEIR_RATE_LIMITED);
		return false;
	}
	r->e.h = asker->h;
	return true;
}

static __always_inline void take_packet(struct packet *packet, bool sent)
{
	struct weir_config *config = settings();
	struct datagram d = {};
	struct dns_record *r;
	u64 cookie, now;
	bool begun;

	if (!config || !read_packet(packet, &d))
		return;
	if ((sent ? d.destination_port : d.source_port) != DNS_PORT)
		return;
	r = take_record();
	if (!r) {
		count(WEIR_CLASS_DNS, WEIR_SEEN);
		count(WEIR_CLASS_DNS, WEIR_LOST_MAP);
		return;
	}
	cookie = bpf_get_socket_cookie(packet);
	now = bpf_ktime_get_boot_ns();
	begun = sent ? begin_question(config, packet, &d, r, cookie, now)
		     : begin_answer(config, &d, r, cookie, now);
	if (begun) {
		r->e.h.type = sent ? WEIR_DNS_SENT : WEIR_DNS_RECEIVED;
		r->e.h.cpu = bpf_get_smp_processor_id();
		r->e.h.time = now;
		r->e.h.flags = 0;
		r->e.sock = cookie;
		send_packet(packet, &d, r, sent);
	}
	give_slot(&r->in_use);
}

SEC("cgroup_skb/egress")
int dns_sent(struct packet *packet)
{
	u32 port = packet->remote_port;

	if (port == DNS_REMOTE || (port == 0 && !is_listening(packet)))
		take_packet(packet, true);
	return PASS;
}

SEC("cgroup_skb/ingress")
int dns_received(struct packet *packet)
{
	u32 port = packet->remote_port;

	if (port == DNS_REMOTE || (port == 0 && !is_listening(packet)))
		take_packet(packet, false);
	return PASS;
}
