/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is done to files, as far as it tells the destruction of somebody's data from the work of
 * tools: which files a tree has read, which it has made itself, and what becomes of them then. Tools
 * that replace files (package managers, compilers, git, rsync, npm) make a new file and rename it, so
 * what a tree does to its own files is not counted.
 */
#ifndef WEIR_BEHAVIOR_FILES_H
#define WEIR_BEHAVIOR_FILES_H

#include "behavior.h"
#include "descriptor.h"
#include "text.h"

/* A count of this family and its place in the evidence are the same number. */
_Static_assert(WEIR_FOLDERS_REMOVED < COUNTS, "counts of files come first");

#define SKETCH_DIRECTORIES 0

/* What happened, in `what` of file_behaved(). */
enum file_behavior {
	FILE_CREATED = 1,
	FILE_WRITTEN, /* opened for writing, and not created */
	FILE_RENAMED,
	FILE_DELETED,
	FOLDER_DELETED,
};
#define BEHAVIOR_KIND 15
#define BOTH_WAYS 16 /* WRITTEN: opened for reading, too */
#define NEW_EXTENSION 32 /* RENAMED */
#define BY_NAME 64 /* `other` is what the file is or will be known by, too: see name_identity() */

/* ---- what is known of a file ---- */

enum known {
	KNOWN_NOTHING,
	KNOWN_READ,
	KNOWN_OWN, /* created by this tree, or counted as converted before */
	KNOWN_REWRITTEN,
	KNOWN_RENAMED, /* given another extension, and neither read nor written before that */
};
#define KNOWN_BITS 7ull

/* By a hash of tree and file. What meets in one place is forgotten, never confused. */
#define KNOWN_FILES 65536
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KNOWN_FILES);
	__type(key, u32);
	__type(value, u64);
} behavior_files SEC(".maps");

static __always_inline u64 *place_of(u64 tag)
{
	u32 place = tag >> 48;

	return bpf_map_lookup_elem(&behavior_files, &place);
}

static __always_inline u32 known_as(u64 tree, u64 file)
{
	u64 tag = mixed(tree, file);
	u64 *place = place_of(tag);

	if (!place || !file || (*place ^ tag) & ~KNOWN_BITS)
		return KNOWN_NOTHING;
	return *place & KNOWN_BITS;
}

static __always_inline void know(u64 tree, u64 file, u32 as)
{
	u64 tag = mixed(tree, file);
	u64 *place = place_of(tag);

	if (place && file)
		*place = (tag & ~KNOWN_BITS) | as;
}

/* A number, as a new file in the place of a removed one has another generation. */
static __always_inline u64 inode_identity(struct inode *inode)
{
	if (!inode)
		return 0;
	return mixed((u64)READ(inode, i_ino) ^ (u64)READ(inode, i_generation) << 32,
		     READ(inode, i_sb, s_dev));
}

/* ---- counting ---- */

#define FACT(counter) (1u << (counter))
#define FACT_NAMED FACT(31) /* an own file got its name: not counted */

static __always_inline void fill_evidence(u32 *evidence, struct behavior_state *state)
{
	for (u32 i = 0; i < COUNTS; i++)
		evidence[i] = state->totals[i];
	evidence[WEIR_DIRECTORIES] = distinct(state, SKETCH_DIRECTORIES);
}

static __always_inline u64 behavior_window(struct weir_behavior_config *behavior)
{
	return behavior->file_window_ns;
}

/*
 * Files that may stand for others which are deleted soon. So few, because who copies a tree and then
 * deletes the old one is not to be mistaken for somebody who replaces it file by file.
 */
#define MADE_MAX 32

/* Whether a deleted file gave way to one with another extension. */
static __always_inline u32 pair(struct behavior_state *state, u32 facts, u64 extension)
{
	if (facts & (FACT(WEIR_CREATED) | FACT_NAMED)) {
		state->made_extension = extension;
		if (facts & FACT(WEIR_CREATED) && state->made < MADE_MAX)
			state->made++;
	}
	if (!(facts & FACT(WEIR_ERASED)) || !state->made || !state->made_extension ||
	    state->made_extension == extension)
		return facts;
	state->made--;
	state->extension = state->made_extension;
	return facts | FACT(WEIR_CONVERTED);
}

/* Folders of a mass delete, at least; and of four folders, at most one may go, too: who removes a
 * whole tree clears up, who destroys data leaves the folders. */
#define DELETE_FOLDERS 8
#define FOLDERS_LEFT 4

static __always_inline bool leaves_folders(struct behavior_state *state)
{
	u32 folders = distinct(state, SKETCH_DIRECTORIES);

	return folders >= DELETE_FOLDERS &&
	       state->totals[WEIR_FOLDERS_REMOVED] * FOLDERS_LEFT <= folders;
}

#define JUDGE(kind, counter, condition)                                                            \
	do {                                                                                       \
		u32 threshold = threshold_of(behavior, kind, scope);                               \
		if (threshold && facts & FACT(counter) && (condition) &&                           \
		    crosses(state, kind, state->totals[counter], threshold))                       \
			crossed |= 1u << (kind);                                                   \
	} while (0)

/* Returns which thresholds were crossed. Global, as all that is called from many programs: verified
 * once. */
__noinline int count_files(u32 scope, u32 facts, u64 folder, u64 extension)
{
	struct weir_behavior_config *behavior = behavior_settings();
	struct behavior_state *state;
	struct behavior_part *part;
	struct behavior_key key;
	u32 crossed = 0;
	u64 length;

	if (!behavior || !key_of(&key, CURRENT(), scope))
		return 0;
	length = behavior->file_window_ns / PARTS;
	state = state_of(&key);
	if (!state || !length)
		return 0;
	part = part_at(state, coarse_now() / length);
	facts = pair(state, facts, extension);
	if (facts & FACT(WEIR_EXTENDED))
		state->extension = extension;
	sketch(part, SKETCH_DIRECTORIES, folder);
	for (u32 i = 0; i < COUNTS; i++) {
		if (facts & FACT(i))
			add_to(state, part, i);
	}
	JUDGE(WEIR_RANSOMWARE, WEIR_CONVERTED, true);
	JUDGE(WEIR_MASS_RENAME, WEIR_EXTENDED, true);
	JUDGE(WEIR_MASS_REWRITE, WEIR_REWRITTEN, true);
	JUDGE(WEIR_MASS_DELETE, WEIR_DELETED,
	      state->totals[WEIR_DELETED] < threshold || leaves_folders(state));
	return crossed;
}

/* ---- from what happened to facts ---- */

static __always_inline u32 written(u64 tree, u64 file, u64 other, u32 known, u32 what)
{
	u32 facts, as = KNOWN_REWRITTEN;

	if (known == KNOWN_READ || (known == KNOWN_NOTHING && what & BOTH_WAYS)) {
		facts = FACT(WEIR_REWRITTEN);
	} else if (known == KNOWN_RENAMED) {
		facts = FACT(WEIR_REWRITTEN) | FACT(WEIR_CONVERTED);
		as = KNOWN_OWN;
	} else {
		return 0;
	}
	know(tree, file, as);
	if (what & BY_NAME)
		know(tree, other, as);
	return facts;
}

static __always_inline u32 renamed(u64 tree, u64 file, u64 other, u32 known, u32 what)
{
	u32 facts = FACT(WEIR_RENAMED), as = known;

	if (known == KNOWN_OWN) {
		facts = FACT_NAMED;
		if (known_as(tree, other) == KNOWN_READ)
			facts |= FACT(WEIR_REWRITTEN);
	} else if (what & NEW_EXTENSION) {
		facts |= FACT(WEIR_EXTENDED);
		as = KNOWN_RENAMED;
		if (known == KNOWN_READ || known == KNOWN_REWRITTEN) {
			facts |= FACT(WEIR_CONVERTED);
			as = KNOWN_OWN;
		}
	}
	know(tree, what & BY_NAME ? other : file, as);
	return facts;
}

static __always_inline u32 deleted(u64 tree, u64 file, u32 known)
{
	if (known == KNOWN_OWN)
		return 0;
	know(tree, file, KNOWN_NOTHING);
	if (known == KNOWN_READ || known == KNOWN_REWRITTEN)
		return FACT(WEIR_DELETED) | FACT(WEIR_ERASED);
	return FACT(WEIR_DELETED);
}

/* What of `what` counts. */
__noinline int facts_of(u32 what, u64 file, u64 other)
{
	struct weir_config *config = settings();
	struct task_struct *task = CURRENT();
	u64 tree;
	u32 known;

	if (!config || is_kernel_thread(task) || !in_scope(config, task, WEIR_CLASS_FILE) ||
	    actor_excluded(config, task, WEIR_CLASS_FILE))
		return 0;
	tree = tree_of(task);
	known = known_as(tree, file);
	if (known == KNOWN_NOTHING && what & BY_NAME && (what & BEHAVIOR_KIND) != FILE_RENAMED)
		known = known_as(tree, other);
	switch (what & BEHAVIOR_KIND) {
	case FILE_CREATED:
		know(tree, file, KNOWN_OWN);
		if (what & BY_NAME)
			know(tree, other, KNOWN_OWN);
		return FACT(WEIR_CREATED);
	case FILE_WRITTEN:
		return written(tree, file, other, known, what);
	case FILE_RENAMED:
		return renamed(tree, file, other, known, what);
	case FILE_DELETED:
		return deleted(tree, file, known);
	}
	return FACT(WEIR_FOLDERS_REMOVED);
}

/*
 * The current task has done `what` to a file. `file`: what it is known by; `other`: of RENAMED, the
 * file that was replaced; see BY_NAME. `folder`: a hash. `extension`: after what was done, for
 * DELETED before it.
 */
__noinline int file_behaved(u32 what, u64 file, u64 other, u64 folder, u64 extension)
{
	u32 facts = facts_of(what, file, other);

	if (!facts)
		return 0;
	for (u32 scope = WEIR_SCOPE_TREE; scope <= WEIR_SCOPE_CGROUP; scope++)
		pass_verdicts(scope, count_files(scope, facts, folder, extension), WEIR_RANSOMWARE,
			      WEIR_MASS_REWRITE);
	return 0;
}

/* `file` was not known. */
static __always_inline void file_was_read(u64 tree, u64 file, u64 name)
{
	u32 named = known_as(tree, name);

	if (named > KNOWN_READ)
		return;
	know(tree, file, KNOWN_READ);
	if (named == KNOWN_NOTHING)
		know(tree, name, KNOWN_READ);
}

static __always_inline u64 dentry_name_identity(struct dentry *dentry)
{
	return text_identity((u64)READ(dentry, d_name.name), READ(dentry, d_name.len));
}

/* ---- opens ---- */

/* Whether an open tells nothing that is not known of the file by itself: mostly so, and then names need
 * not be looked at, which costs more than all else here. */
static __always_inline bool is_nothing_new(u32 known, u32 mode)
{
	if (mode & FMODE_WRITE)
		return known == KNOWN_OWN || known == KNOWN_REWRITTEN;
	return known != KNOWN_NOTHING;
}

/* Known by its name as well: on some kernels what is done to names comes by strings alone. */
static __always_inline void note_open(struct weir_config *config, struct task_struct *task,
				      struct file *file, u32 mode, bool created)
{
	struct inode *inode = READ(file, f_inode);
	u32 what = (created ? FILE_CREATED : FILE_WRITTEN) | BY_NAME;
	u64 tree, identity, name, folder, extension = 0;
	struct dentry *dentry;

	if (!judges(config) || (READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return;
	tree = tree_of(task);
	identity = inode_identity(inode);
	if (!created && is_nothing_new(known_as(tree, identity), mode))
		return;
	dentry = READ(file, f_path.dentry);
	folder = dentry_name_identity(READ(dentry, d_parent));
	name = name_identity(dentry_name_identity(dentry), folder);
	if (!created && !(mode & FMODE_WRITE)) {
		file_was_read(tree, identity, name);
		return;
	}
	if (mode & FMODE_READ)
		what |= BOTH_WAYS;
	if (created)
		extension = extension_of((u64)READ(dentry, d_name.name), READ(dentry, d_name.len));
	file_behaved(what, identity, name, folder, extension);
}

#endif
