/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Who opened each TCP connection, from its beginning to its end. */
#ifndef WEIR_SOCKET_OPENER_H
#define WEIR_SOCKET_OPENER_H

#include "socket_event.h"
#include "text.h"

/* Who opened a connection: the end comes in an interrupt, where the current task is any. The first
 * part of struct weir_socket_event. */
struct opener {
	struct weir_header h;
	u64 sock;
	u64 inode;
};

/* By address of the socket. Memory is taken as connections come. Full: a connection more ends without a row,
 * which is counted as seen and WEIR_LOST_MAP when it begins. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct opener);
} openers SEC(".maps");

#ifdef WEIR_DIRECT
/*
 * Where most of them are: a place for each socket, found by its address alone, as an entry of the map costs
 * a third of all that is done at the end of a connection. The map has those whose place another socket has.
 * `sock` says whose the place is, and only who has made it BUSY reads or writes the rest. By atomics that
 * have a result (5.12).
 */
#define PLACES 4096
#define PLACE_FREE 0
#define PLACE_BUSY 1
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PLACES);
	__type(key, u32);
	__type(value, struct opener);
} opener_places SEC(".maps");

static __always_inline struct opener *place_of_opener(u64 key)
{
	u32 place = mixed(key, 0) % PLACES;

	return bpf_map_lookup_elem(&opener_places, &place);
}

/* False: another socket has the place. A socket that connects again takes its own. */
static __always_inline bool put_in_place(u64 key, struct weir_socket_event *e)
{
	struct opener *place = place_of_opener(key);
	u64 owner;

	if (!place)
		return false;
	owner = *(volatile u64 *)&place->sock;
	if ((owner != PLACE_FREE && owner != key) ||
	    __sync_val_compare_and_swap(&place->sock, owner, PLACE_BUSY) != owner)
		return false;
	place->h = e->h;
	place->inode = e->inode;
	/* A barrier, too: whoever finds it finds all of it, and what the caller asks next is asked after. */
	__sync_lock_test_and_set(&place->sock, key);
	return true;
}

/* Whether the opener was there, and is the caller's now. */
static __always_inline bool take_from_place(u64 key, struct weir_header *h, u64 *inode)
{
	struct opener *place = place_of_opener(key);

	if (!place || *(volatile u64 *)&place->sock != key ||
	    __sync_val_compare_and_swap(&place->sock, key, PLACE_BUSY) != key)
		return false;
	*h = place->h;
	*inode = place->inode;
	__sync_lock_test_and_set(&place->sock, PLACE_FREE);
	return true;
}
#endif

static __always_inline bool put_opener(u64 key, struct weir_socket_event *e)
{
#ifdef WEIR_DIRECT
	if (put_in_place(key, e))
		return true;
#endif
	return bpf_map_update_elem(&openers, &key, e, BPF_ANY) == 0;
}

/* Who takes it reports it: so an end comes once. */
static __always_inline bool take_opener(u64 key, struct weir_header *h, u64 *inode)
{
	struct opener *found;

#ifdef WEIR_DIRECT
	if (take_from_place(key, h, inode))
		return true;
#endif
	found = bpf_map_lookup_elem(&openers, &key);
	if (!found)
		return false;
	*h = found->h;
	*inode = found->inode;
	return bpf_map_delete_elem(&openers, &key) == 0;
}

#endif
