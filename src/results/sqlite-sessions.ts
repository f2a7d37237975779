import type Database from 'better-sqlite3';
import type { Knex } from 'knex';
import type { Bound, Session, Sessions } from './session.ts';

/** SQLite's one connection, which statements that knex makes use between. */
export class SqliteSessions implements Sessions {
  readonly #db: Knex;

  /** @param db whose connection keeps statements that it has prepared */
  constructor(db: Knex) {
    this.#db = db;
  }

  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#connected((raw) => work(sessionOf(raw)));
  }

  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#connected(async (raw) => {
      raw.prepare('BEGIN IMMEDIATE').run();
      try {
        const result = await work(sessionOf(raw));
        raw.prepare('COMMIT').run();
        return result;
      } finally {
        // An error may have ended it already.
        if (raw.inTransaction) raw.prepare('ROLLBACK').run();
      }
    });
  }

  lazily<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#connected(async (raw) => {
      // In WAL mode the file stays whole, and the next commit that waits for the disk brings this along.
      raw.pragma('synchronous = NORMAL');
      try {
        return await work(sessionOf(raw));
      } finally {
        raw.pragma('synchronous = FULL');
      }
    });
  }

  async #connected<T>(work: (raw: Database.Database) => Promise<T>): Promise<T> {
    const raw: Database.Database = await this.#db.client.acquireConnection();
    try {
      return await work(raw);
    } finally {
      await this.#db.client.releaseConnection(raw);
    }
  }
}

function sessionOf(raw: Database.Database): Session {
  return {
    rowsAtOnce: 1, // one prepared statement for any number
    async rows<Row>(sql: string, ...values: readonly Bound[]) {
      const statement = raw.prepare<unknown[], Row>(sql);
      const bound = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
      if (statement.reader) return statement.all(...bound);
      statement.run(...bound);
      return [];
    },
  };
}
