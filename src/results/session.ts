import type { Knex } from 'knex';

export type Bound = string | number | boolean | null;

/**
 * Runs statements one after another, in a transaction or without. What every detection runs is said
 * in SQL that SQLite and PostgreSQL both take: knex would spend more time on making it than they on
 * running it.
 */
export interface Session {
  /** An INSERT takes so many rows at best. */
  readonly rowsAtOnce: number;
  /** What the statement returns; `?` stands for a value. */
  rows<Row>(sql: string, ...values: readonly Bound[]): Promise<readonly Row[]>;
}

export interface Sessions {
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Commits when `work` resolves, takes all back when it rejects. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** For what may be lost by a power cut, though by nothing else. */
  lazily<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** `VALUES (?, ?), (?, ?)` */
export function marks(rows: number, columns: number): string {
  const row = `(${Array(columns).fill('?').join(', ')})`;
  return `VALUES ${Array(rows).fill(row).join(', ')}`;
}

/**
 * @param into table and columns
 * @param rest what follows the rows, such as ON CONFLICT
 */
export async function insert(
  session: Session,
  into: string,
  rows: readonly (readonly Bound[])[],
  rest = '',
): Promise<void> {
  const { rowsAtOnce } = session;
  for (let i = 0; i < rows.length; i += rowsAtOnce) {
    const piece = rows.slice(i, i + rowsAtOnce);
    const columns = piece[0]?.length ?? 0;
    const sql = `INSERT INTO ${into} ${marks(piece.length, columns)} ${rest}`;
    await session.rows(sql, ...piece.flat());
  }
}

/** PostgreSQL, where statements of a session may go to any connection unless in a transaction. */
export class KnexSessions implements Sessions {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return work(knexSession(this.#db));
  }

  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#db.transaction((trx) => work(knexSession(trx)));
  }

  lazily<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.use(work);
  }
}

function knexSession(db: Knex): Session {
  return {
    rowsAtOnce: 500, // below the limit on parameters
    async rows<Row>(sql: string, ...values: readonly Bound[]) {
      const { rows } = await db.raw<{ rows?: Row[] }>(sql, values);
      return rows ?? [];
    },
  };
}
