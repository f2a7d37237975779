import type { BlockList } from 'node:net';
import { CLASS_NAMES, type ClassName } from '../sensor/schema.ts';
import type { PathPattern } from './path-pattern.ts';

/** A rule of `exclude` that the stream has to apply; every condition given must hold. */
export interface StreamRule {
  /** Index in the configuration's `exclude`. */
  readonly index: number;
  /** Where what it leaves out is counted. */
  readonly slot: number;
  readonly classes: ReadonlySet<ClassName>;
  readonly path?: PathPattern;
  /** What a file's name ends with, as a pattern. */
  readonly extension?: PathPattern;
  /** More than one when the path goes through symbolic links. */
  readonly executables?: readonly PathPattern[];
  readonly mountNamespace?: number;
  readonly tree?: TreeRoot;
  readonly uids?: readonly number[];
  readonly username?: string; // of a user that is not in passwd (yet)
  readonly cgroup?: CgroupCondition;
  readonly container?: string; // its id, or what that begins with
  readonly port?: number;
  readonly address?: RemoteNetwork;
  /** Only where it says more than `classes`. */
  readonly actions?: ReadonlySet<string>;
}

/** Paths that `paths` hold for, but not those that `except` do. */
export interface WantedReads {
  readonly paths: readonly PathPattern[];
  readonly except: readonly PathPattern[];
}

export type CgroupCondition = { readonly id: bigint } | { readonly pattern: PathPattern };

/** What a tree of processes begins with: one of them, or any that runs an executable. */
export type TreeRoot = { readonly processId: bigint } | { readonly executable: PathPattern };

export interface RemoteNetwork {
  readonly address: string;
  readonly bits: number;
  readonly list: BlockList;
}

/** What the stream does besides what the kernel does already. */
export interface StreamRules {
  readonly exclude: readonly StreamRule[];
  /** Opens for reading are kept only when one of these wants them; undefined: all that arrive. */
  readonly reads?: readonly WantedReads[];
}

/** What no exclusion left out, but `read_paths`, or one of too many, is counted here. */
export const OTHER_SLOT = 0;

/** Bit of a class in the bit sets of KernelFilters. */
export const classBit = (name: ClassName): number => 1 << CLASS_NAMES.indexOf(name);
