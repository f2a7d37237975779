/** What a rule asks to be done about its detections. */
export type Respond = 'alert' | 'stop' | 'kill' | { readonly exec: string };

/** Whom a response is about. */
export interface Subject {
  readonly pid: number;
  readonly processId: bigint;
  readonly path: string | null;
  /** Process group of a verdict on a tree. */
  readonly tree: number | null;
}
