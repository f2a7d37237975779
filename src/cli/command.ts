/** What a command is: data for usage, parsing and completion, and the module that runs it. */

export interface FlagSpec {
  readonly name: string;
  readonly type: 'boolean' | 'string';
  readonly value?: string; // placeholder in usage: FILE
  readonly short?: string;
  readonly summary: string;
}

export interface Invocation {
  /** By flag name; absent when not given. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly args: readonly string[];
}

/** Returns the exit code. Throws WeirError for what has a clear sentence. */
export type Run = (invocation: Invocation) => Promise<number>;

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly args: string; // as in usage: [TABLE]
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly flags: readonly FlagSpec[];
  readonly details: string;
  readonly examples: readonly string[];
  /** Imported when run, so that each command starts as fast as it can. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** Of a command that takes flags alone. */
export const NO_ARGUMENTS = { args: '', minArgs: 0, maxArgs: 0 } as const;

/** A flag's text, undefined when it was not given. */
export function text(invocation: Invocation, flag: string): string | undefined {
  const value = invocation.flags[flag];
  return typeof value === 'string' ? value : undefined;
}

export function isSet(invocation: Invocation, flag: string): boolean {
  return invocation.flags[flag] === true;
}
