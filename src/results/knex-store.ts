import type { Knex } from 'knex';
import { WeirError } from '../config/errors.ts';
import type { DetectionGroup, DetectionStatus, MatchingRow } from './detection-group.ts';
import { findGroup, listGroups, rowsOfGroup, setGroupStatus } from './detection-groups.ts';
import { forgetQueries } from './forget-queries.ts';
import { pendingRows } from './pending-rows.ts';
import { pruneRuns } from './prune-runs.ts';
import { readStates } from './query-state.ts';
import { recordResponses } from './record-responses.ts';
import { recordRuns } from './record-run.ts';
import type { Session, Sessions } from './session.ts';
import type { Pruned, PruneOptions, ResultStore, SinkPosition } from './store.ts';
import { lineId } from './store.ts';
import type { NewSuppression, Suppression } from './suppression.ts';
import { addSuppression, listSuppressions, removeSuppressions } from './suppressions.ts';
import type {
  Denial,
  Detection,
  LoggedRows,
  LoggedRun,
  QueryState,
  ResponseRecord,
  RunRecord,
  Severity,
} from './types.ts';

interface DetectionRow {
  readonly run_id: string | number;
  readonly idx: number;
  readonly rule: string;
  readonly severity: Severity;
  readonly attack: string;
  readonly description: string;
  readonly unix_time: string | number;
  readonly row: string;
}

/** The results database, SQLite or PostgreSQL: what runs often over sessions, the rest over knex. */
export class KnexStore implements ResultStore {
  readonly id: string;
  readonly #db: Knex;
  readonly #sessions: Sessions;
  readonly #host: string;

  constructor(db: Knex, sessions: Sessions, host: string, id: string) {
    this.#db = db;
    this.#sessions = sessions;
    this.#host = host;
    this.id = id;
  }

  async state(name: string): Promise<QueryState | null> {
    const read = (session: Session) => readStates(session, this.#host, [name]);
    const states = await guarded(() => this.#sessions.use(read));
    return states.get(name) ?? null;
  }

  previousRows(name: string): Promise<Map<string, number>> {
    return guarded(async () => {
      const rows = await this.#db('previous_rows')
        .where({ host: this.#host, name })
        .select<{ columns: string; copies: number }[]>('columns', 'copies');
      return new Map(rows.map((row) => [row.columns, row.copies]));
    });
  }

  commit(...runs: readonly RunRecord[]): Promise<readonly Detection[]> {
    return guarded(() =>
      this.#sessions.transaction((session) => recordRuns(session, this.#host, this.id, runs)),
    );
  }

  splay(name: string, interval: number, proposed: number): Promise<number> {
    const key = { host: this.#host, name };
    return guarded(() =>
      this.#db.transaction(async (trx) => {
        const kept = await trx('intervals')
          .where(key)
          .first<{ interval: number; splayed: number } | undefined>('interval', 'splayed');
        if (kept?.interval === interval) return kept.splayed;
        await trx('intervals')
          .insert({ ...key, interval, splayed: proposed })
          .onConflict(['host', 'name'])
          .merge();
        return proposed;
      }),
    );
  }

  denials(now: number): Promise<readonly Denial[]> {
    return guarded(async () => {
      const rows = await this.#db('denied_queries')
        .where({ host: this.#host })
        .where('until', '>', now)
        .select<{ name: string; sql_hash: string; until: string | number; reason: string }[]>();
      return rows.map(({ name, sql_hash, until, reason }) => ({
        name,
        sqlHash: sql_hash,
        until: Number(until),
        reason,
      }));
    });
  }

  deny({ name, sqlHash, until, reason }: Denial): Promise<void> {
    return guarded(async () => {
      await this.#db('denied_queries')
        .insert({ host: this.#host, name, sql_hash: sqlHash, until, reason })
        .onConflict(['host', 'name'])
        .merge();
    });
  }

  forgetQueries(keep: readonly string[], before: number): Promise<number> {
    return guarded(() =>
      this.#db.transaction((trx) => forgetQueries(trx, this.#host, keep, before)),
    );
  }

  recordResponses(responses: readonly ResponseRecord[]): Promise<void> {
    if (responses.length === 0) return Promise.resolve();
    return guarded(() =>
      this.#db.transaction((trx) => recordResponses(trx, this.#host, responses)),
    );
  }

  openSink(sink: string): Promise<void> {
    return guarded(async () => {
      const end = await this.#db('runs')
        .where({ host: this.#host })
        .max<{ id: string | number | null }[]>('id as id');
      await this.#db('sink_positions')
        .insert({ host: this.#host, sink, run_id: Number(end[0]?.id ?? 0) + 1, idx: 0 })
        .onConflict(['host', 'sink'])
        .ignore();
    });
  }

  pending(
    sink: string,
    limit: number,
    whole: (run: LoggedRun) => boolean,
  ): Promise<LoggedRows | null> {
    return guarded(() =>
      this.#sessions.use((session) => pendingRows(session, this.#host, sink, limit, whole)),
    );
  }

  delivered(sink: string, position: SinkPosition): Promise<void> {
    const sql = 'UPDATE sink_positions SET run_id = ?, idx = ? WHERE host = ? AND sink = ?';
    const { run, index } = position;
    // What is lost of it is delivered again, under the same ids.
    return guarded(() =>
      this.#sessions.lazily(async (session) => {
        await session.rows(sql, run, index, this.#host, sink);
      }),
    );
  }

  detections(limit: number): Promise<readonly Detection[]> {
    return guarded(async () => {
      const rows = await this.#db('detections')
        .where({ host: this.#host })
        .orderBy('id', 'desc')
        .limit(limit)
        .select<DetectionRow[]>();
      return rows.map((row) => ({
        id: lineId(this.id, Number(row.run_id), row.idx),
        rule: row.rule,
        severity: row.severity,
        attack: JSON.parse(row.attack) as string[],
        description: row.description,
        unixTime: Number(row.unix_time),
        row: row.row,
      }));
    });
  }

  groups(limit: number, status?: DetectionStatus): Promise<readonly DetectionGroup[]> {
    return guarded(() => listGroups(this.#db, this.#host, limit, status));
  }

  group(id: number): Promise<DetectionGroup | null> {
    return guarded(() => findGroup(this.#db, this.#host, id));
  }

  groupRows(id: number, limit: number): Promise<readonly MatchingRow[]> {
    return guarded(() => rowsOfGroup(this.#db, this.#host, this.id, id, limit));
  }

  setStatus(ids: readonly number[], status: DetectionStatus, now: number): Promise<void> {
    return guarded(() =>
      this.#db.transaction((trx) => setGroupStatus(trx, this.#host, ids, status, now)),
    );
  }

  suppress(wanted: NewSuppression, created: number, until: number): Promise<Suppression> {
    return guarded(() => addSuppression(this.#db, this.#host, wanted, created, until));
  }

  suppressions(): Promise<readonly Suppression[]> {
    return guarded(() => listSuppressions(this.#db, this.#host));
  }

  unsuppress(ids: readonly number[]): Promise<void> {
    return guarded(() => this.#db.transaction((trx) => removeSuppressions(trx, this.#host, ids)));
  }

  prune(options: PruneOptions): Promise<Pruned> {
    return guarded(() => this.#db.transaction((trx) => pruneRuns(trx, this.#host, options)));
  }

  close(): Promise<void> {
    return this.#db.destroy();
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof WeirError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeirError('RESULTS_UNAVAILABLE', `results database: ${firstLine(reason)}`, { cause });
  }
}

function firstLine(text: string): string {
  // knex puts the statement before the reason.
  return (text.split(' - ').at(-1) ?? text).split('\n', 1)[0] ?? '';
}
