import { CLASS_NAMES, type ClassName } from '../sensor/schema.ts';
import type { PathPattern } from './path-pattern.ts';

/** A rule of `exclude` that the stream has to apply; every condition given must hold. */
export interface StreamRule {
  /** Index in the configuration's `exclude`. */
  readonly index: number;
  readonly classes: ReadonlySet<ClassName>;
  readonly path?: PathPattern;
  /** More than one when the path goes through symbolic links. */
  readonly executables?: readonly PathPattern[];
  readonly uids?: readonly number[];
  readonly username?: string; // of a user that is not in passwd (yet)
  readonly cgroup?: CgroupCondition;
  readonly port?: number;
  /** Only where it says more than `classes`. */
  readonly actions?: ReadonlySet<string>;
}

/** Paths that `paths` hold for, but not those that `except` do. */
export interface WantedReads {
  readonly paths: readonly PathPattern[];
  readonly except: readonly PathPattern[];
}

export type CgroupCondition = { readonly id: bigint } | { readonly pattern: PathPattern };

/** What the stream does besides what the kernel does already. */
export interface StreamRules {
  readonly exclude: readonly StreamRule[];
  /** Opens for reading are kept only when one of these wants them; undefined: all that arrive. */
  readonly reads?: readonly WantedReads[];
}

/** Bit of a class in the bit sets of KernelFilters. */
export const classBit = (name: ClassName): number => 1 << CLASS_NAMES.indexOf(name);
