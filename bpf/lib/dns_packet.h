/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Addresses, ports and payload of an IP packet, as cgroup_skb programs see it: from its IP header. */
#ifndef WEIR_DNS_PACKET_H
#define WEIR_DNS_PACKET_H

#include "read.h"

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_HOPOPTS 0
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_ROUTING 43
#define IPPROTO_DSTOPTS 60

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define UDP_HEADER 8
#define TCP_HEADER 20
#define EXTENSIONS_MAX 4

/* The parts of struct bpf_sock and struct __sk_buff that are read, at the places that the BPF interface
 * fixes. */
struct packet_socket {
	u32 others[18];
	u32 state;
};
struct packet {
	u32 len;
	u32 others[32];
	u32 remote_port; /* of the socket, 0 when it is not connected: the wire's two bytes, then 0, 0 */
	u32 more[8];
	struct packet_socket *socket;
};
_Static_assert(__builtin_offsetof(struct packet_socket, state) == 72, "layout of bpf_sock");
_Static_assert(__builtin_offsetof(struct packet, remote_port) == 132, "layout of __sk_buff");
_Static_assert(__builtin_offsetof(struct packet, socket) == 168, "layout of __sk_buff");

#define TCP_LISTEN 10

/* What passes a listening socket is how connections begin, three packets of each. */
static __always_inline bool is_listening(struct packet *packet)
{
	struct packet_socket *socket = packet->socket;

	return socket && socket->state == TCP_LISTEN;
}

struct datagram {
	u8 source[16], destination[16];
	u16 source_port, destination_port; /* host order */
	u16 family, protocol;
	u32 sequence;
	u32 payload; /* where it begins */
	u32 size;
};

static __always_inline u16 two_bytes(const u8 *at)
{
	return at[0] << 8 | at[1];
}

/* The offset behind an IPv4 header; 0: not one, or a fragment other than the first. */
static __always_inline u32 read_ipv4(struct packet *packet, struct datagram *d)
{
	u8 header[IPV4_HEADER];
	u32 length;

	if (bpf_skb_load_bytes(packet, 0, header, sizeof(header)))
		return 0;
	length = (header[0] & 15) * 4;
	if (length < IPV4_HEADER || two_bytes(&header[6]) & 0x1fff)
		return 0;
	d->family = AF_INET;
	d->protocol = header[9];
	__builtin_memcpy(d->source, &header[12], 4);
	__builtin_memcpy(d->destination, &header[16], 4);
	return length;
}

static __always_inline u32 read_ipv6(struct packet *packet, struct datagram *d)
{
	u8 header[IPV6_HEADER], extension[2];
	u32 at = IPV6_HEADER;
	u8 next;

	if (bpf_skb_load_bytes(packet, 0, header, sizeof(header)))
		return 0;
	next = header[6];
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS)
			break;
		if (bpf_skb_load_bytes(packet, at, extension, sizeof(extension)))
			return 0;
		next = extension[0];
		at += (extension[1] + 1) * 8;
	}
	d->family = AF_INET6;
	d->protocol = next;
	__builtin_memcpy(d->source, &header[8], 16);
	__builtin_memcpy(d->destination, &header[24], 16);
	return at;
}

/* False for what is neither UDP nor TCP, or has no payload. */
static __always_inline bool read_packet(struct packet *packet, struct datagram *d)
{
	u8 header[TCP_HEADER];
	u32 at, total = packet->len;
	u8 version;

	if (bpf_skb_load_bytes(packet, 0, &version, 1))
		return false;
	at = version >> 4 == 4 ? read_ipv4(packet, d) : read_ipv6(packet, d);
	if (!at)
		return false;
	if (d->protocol == IPPROTO_UDP) {
		if (bpf_skb_load_bytes(packet, at, header, UDP_HEADER))
			return false;
		at += UDP_HEADER;
	} else if (d->protocol == IPPROTO_TCP) {
		if (bpf_skb_load_bytes(packet, at, header, TCP_HEADER))
			return false;
		d->sequence = (u32)two_bytes(&header[4]) << 16 | two_bytes(&header[6]);
		at += (header[12] >> 4) * 4;
	} else {
		return false;
	}
	d->source_port = two_bytes(&header[0]);
	d->destination_port = two_bytes(&header[2]);
	d->payload = at;
	d->size = total - at;
	return total > at;
}

#endif
