/** Between the feed and its thread. */

export interface YaraWork {
  /** By category of file_paths: files of rules. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
}

export interface YaraRequest {
  readonly id: number;
  readonly path: Uint8Array;
  readonly category: string;
}

export type YaraReply =
  | { readonly problem: string }
  | {
      readonly id: number;
      readonly error: string; // '' when it was scanned, or is gone
      readonly found: {
        readonly matches: string;
        readonly count: number;
        readonly strings: string;
        readonly tags: string;
      } | null;
    };
