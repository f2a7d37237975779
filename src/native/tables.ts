/** What tables made by TypeScript are attached with and read by (addon/tables). */

/** One column of a table that TypeScript makes; src/tables/bridge/attach.ts fills it. */
export interface NativeTableColumn {
  readonly name: string;
  readonly shown: number; // 0 integer, 1 real, 2 text
  readonly operators: number; // bit set of operators that are pushed down
  readonly required: boolean;
  readonly index: boolean;
  readonly real: number; // index of the column that it shows: its own, or an alias's
}

export interface NativeTable {
  readonly name: string;
  readonly names: readonly string[]; // name and aliases
  readonly declaration: string; // CREATE TABLE x(...)
  readonly columns: readonly NativeTableColumn[];
  readonly required: string; // for the error; '' when none is
  readonly rows: number; // estimate without constraints
}

/** Rows made by TypeScript, packed (src/tables/bridge/pack.ts). */
export interface PackedRows {
  readonly cursor: number; // to ask for more; 0: these were the last
  readonly rows: number;
  readonly tags: Uint8Array;
  readonly numbers: Float64Array;
  readonly text: string;
  readonly bytes: readonly Uint8Array[];
}

/** Called inside a query, on the thread that attached them; what they throw fails the statement. */
export interface NativeTableCalls {
  /**
   * @param used bit set of the columns that the query reads; bit 63: that one and all that follow
   * @param constraints column, operator, value (of =: a value, or an array for IN), and so on
   * @param limit rows that the query wants at most; -1: unknown
   */
  open(table: number, used: bigint, constraints: readonly unknown[], limit: number): PackedRows;
  next(cursor: number): PackedRows;
  close(cursor: number): void;
  /** The statement is over: what was kept for it may go. */
  end(): void;
}

/** Files of processes, one behind the other: process by process, name by name. */
export interface ProcFiles {
  readonly bytes: Buffer;
  readonly lengths: Int32Array; // of each; minus the errno of one that could not be read
}

declare const TASK_FACTS: unique symbol;
/** Only for procFiles. */
export type TaskFacts = typeof TASK_FACTS;

declare const MARKED_TREE: unique symbol;
/** A walk below a folder. */
export type MarkedTree = typeof MARKED_TREE;

declare const FILE_DIGESTS: unique symbol;
/** Several digests of one file. */
export interface FileDigests {
  readonly [FILE_DIGESTS]: true;
}

/** Where the links in /proc/PID/fd lead. */
export interface OpenFiles {
  readonly bytes: Buffer; // the links' texts, one behind the other
  readonly lengths: Int32Array; // of each link
  readonly processes: Int32Array; // of each link: index into the pids asked for
  readonly fds: Int32Array;
  readonly errors: Int32Array; // of each process: errno; 0 when its folder was read
}

export interface NativeTables {
  /** Makes tables known to a connection of this thread, before `restrict`. */
  attach(connection: number, tables: readonly NativeTable[], calls: NativeTableCalls): void;
  /** Whether the statement that runs on the connection is to stop. */
  interrupted(connection: number): boolean;
  /** Opens a file below a root that it cannot be led out of, as openat2 does ('' is the host);
   * with the rights of a user when one is given. Throws with a code. */
  openIn(root: string, path: string | Buffer, flags: number, uid?: number, gid?: number): number;
  /** Files below /proc/PID of many processes, at most `limit` bytes of each, read by several
   * threads. "@exe" is where a link leads, "#ids" is "uid euid suid gid egid sgid".
   * `root` stands for /. */
  procFiles(
    root: string,
    pids: Uint32Array,
    names: readonly string[],
    limit: number,
    facts?: TaskFacts,
  ): ProcFiles;
  /** For all threads: from now on `taskFacts` may load the program of this folder, build/bpf; '':
   * no longer, and it is unloaded. */
  useTaskFacts(directory: string): void;
  /** What the kernel says of all processes now, in place of their files stat, io, cgroup and "#ids",
   * in milliseconds; undefined when it cannot be asked or nobody said useTaskFacts. */
  taskFacts(): TaskFacts | undefined;
  openFiles(root: string, pids: Uint32Array): OpenFiles;
  /** Answers of rtnetlink(7) to a dump request of a type (RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE),
   * one after another. Throws with a code. */
  routeDump(type: number): Buffer;
  /** Extended attributes: name, zero byte, length as 32-bit number of this machine, value; again
   * and again. Throws with a code. */
  xattrs(path: string | Buffer): Buffer;
  /** Begins to look, with several threads, below an open folder for regular files whose mode has
   * one of `bits`. `follow` 1: in place of links what they lead to. At most `depth` folders deep. */
  openMarkedTree(fd: number, bits: number, follow: 0 | 1, depth: number): MarkedTree;
  /** Records (addon/tables/marked_tree.h says how) after some milliseconds, none perhaps;
   * undefined: that was all. */
  readMarkedTree(tree: MarkedTree): Buffer | undefined;
  closeMarkedTree(tree: MarkedTree): void;
  /** Begins to compute md5, sha1 and sha256 of a file's first bytes, a thread for each; the
   * descriptor stays open until endDigests. */
  beginDigests(fd: number, size: number, names: readonly string[]): FileDigests;
  /** In hexadecimal, in the order of the names; undefined: not yet, after some milliseconds. Throws
   * with a code. */
  readDigests(digests: FileDigests): readonly string[] | undefined;
  endDigests(digests: FileDigests): void;
  /** eax, ebx, ecx, edx of the instruction; undefined on machines without it. */
  cpuid(leaf: number, subleaf: number): Int32Array | undefined;
}
