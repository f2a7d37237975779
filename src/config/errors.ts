/**
 * What a process ends with: 1 it failed (a bad query too), 64 wrong usage, 77 not permitted,
 * 78 bad configuration (sysexits.h).
 */
export type ExitCode = 1 | 64 | 77 | 78;

export interface WeirErrorOptions {
  readonly exitCode?: ExitCode; // default 1
  readonly cause?: unknown;
}

/**
 * Every error that weir raises on purpose. Match on `code` (stable, listed in docs/errors.md);
 * `message` is for people: what is wrong and the way out.
 *
 * @example throw new WeirError('CONFIG_UNREADABLE', `cannot read ${file}`, { exitCode: 78, cause });
 */
export class WeirError extends Error {
  override readonly name = 'WeirError';
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, options: WeirErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode ?? 1;
  }
}
