import type { ResultStore } from '../../../src/results/store.ts';
import type { LoggedRows, QueryState, RunRecord } from '../../../src/results/types.ts';

/** Opens the database for a host; each test is a host of its own. */
export type Open = (host: string) => Promise<ResultStore>;

const NEVER_WHOLE = () => false;

/** Where a query stands after its first run. */
export function state(overrides: Partial<QueryState> = {}): QueryState {
  return { sqlHash: 'h', epoch: 0, counter: 1, cursor: 10n, ranAt: 1000, ...overrides };
}

export const RULE = { severity: 'low', attack: [], description: '' } as const;

/** The first run of `q`, of two rows. */
export function run(overrides: Partial<RunRecord> = {}): RunRecord {
  return {
    name: 'q',
    kind: 'events',
    numerics: false,
    decorations: {},
    before: null,
    after: state(),
    rows: [
      { action: 'added', columns: '{"a":"1"}' },
      { action: 'added', columns: '{"a":"2"}' },
    ],
    ...overrides,
  };
}

/** Everything that the sink has not got yet. */
export async function deliverAll(
  store: ResultStore,
  sink: string,
  limit = 100,
): Promise<LoggedRows[]> {
  const pieces: LoggedRows[] = [];
  for (;;) {
    const piece = await store.pending(sink, limit, NEVER_WHOLE);
    if (piece === null) return pieces;
    pieces.push(piece);
    const { run: logged, firstIndex, rows, last } = piece;
    const next = { run: logged.id, index: firstIndex + rows.length };
    await store.delivered(sink, last ? { run: logged.id + 1, index: 0 } : next);
  }
}

export const rowsOf = (pieces: readonly LoggedRows[]): string[] =>
  pieces.flatMap((piece) => piece.rows.map((row) => row.columns));
