import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import { WeirError } from '../config/errors.ts';
import { KnexStore } from './knex-store.ts';
import { MIGRATIONS } from './migrations.ts';
import { KnexSessions } from './session.ts';
import { SqliteSessions } from './sqlite-sessions.ts';
import type { ResultStore } from './store.ts';

export type ResultDatabase =
  | { readonly client: 'sqlite'; readonly path: string }
  /** A connection string, or what the `pg` package takes. */
  | { readonly client: 'pg'; readonly connection: string | Readonly<Record<string, unknown>> };

const MIGRATION_TRIES = 20;
const MIGRATION_WAIT_MS = 500;

/**
 * Opens the results database, bringing its tables up to date.
 * `host` keeps hosts apart that share one database. Rejects with RESULTS_UNAVAILABLE.
 */
export async function openResultStore(
  database: ResultDatabase,
  host: string,
): Promise<ResultStore> {
  let db: Knex | undefined;
  try {
    db =
      database.client === 'sqlite' ? openSqlite(database.path) : openPostgres(database.connection);
    await migrate(db);
    const sessions = database.client === 'sqlite' ? new SqliteSessions(db) : new KnexSessions(db);
    return new KnexStore(db, sessions, host, await storeId(db));
  } catch (cause) {
    await db?.destroy().catch(() => {});
    const where = database.client === 'sqlite' ? database.path : 'PostgreSQL';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeirError('RESULTS_UNAVAILABLE', `cannot open results in ${where}: ${reason}`, {
      cause,
    });
  }
}

/** knex prints to the console what it rejects with as well. */
const QUIET = { warn() {}, error() {}, deprecate() {}, debug() {} };

interface RawSqlite {
  pragma(source: string): unknown;
  prepare(sql: string): object;
}

/** More than a commit and a delivery have. */
const KEPT_STATEMENTS = 64;

/** knex prepares anew what it runs; for the few short statements of a commit that is most of the work. */
function keepStatements(raw: RawSqlite): void {
  const kept = new Map<string, object>(); // the one used last is last
  const prepare = raw.prepare.bind(raw);
  raw.prepare = (sql) => {
    const statement = kept.get(sql) ?? prepare(sql);
    kept.delete(sql);
    kept.set(sql, statement);
    if (kept.size > KEPT_STATEMENTS) kept.delete(kept.keys().next().value as string);
    return statement;
  };
}

function openSqlite(path: string): Knex {
  return knex({
    client: 'better-sqlite3',
    log: QUIET,
    connection: { filename: path },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate(raw: RawSqlite, done: (error: Error | null, raw: RawSqlite) => void) {
        try {
          raw.pragma('busy_timeout = 5000');
          raw.pragma('journal_mode = WAL');
          // FULL, since a cursor that is ahead of its rows after a power cut would lose them.
          raw.pragma('synchronous = FULL');
          raw.pragma('trusted_schema = OFF');
          raw.pragma('journal_size_limit = 16777216');
          keepStatements(raw);
          done(null, raw);
        } catch (error) {
          done(error as Error, raw);
        }
      },
    },
  });
}

/** knex loads `pg` now, when it is needed, and says so when it is not installed. */
function openPostgres(connection: string | Readonly<Record<string, unknown>>): Knex {
  return knex({
    client: 'pg',
    log: QUIET,
    connection: connection as string | Knex.PgConnectionConfig,
    pool: { min: 0, max: 2 },
    acquireConnectionTimeout: 10_000,
  });
}

/** Hosts that start together wait for each other; a lock that stays was left by a crash. */
async function migrate(db: Knex): Promise<void> {
  const config = { migrationSource: MIGRATIONS, tableName: 'weir_migrations' };
  for (let attempt = 1; ; attempt++) {
    try {
      await db.migrate.latest(config);
      return;
    } catch (error) {
      if (!isRace(error) || attempt > MIGRATION_TRIES) throw error;
      const sqlite = db.client.config.client === 'better-sqlite3';
      if (sqlite || attempt === MIGRATION_TRIES) await db.migrate.forceFreeMigrationsLock(config);
      else await sleep(MIGRATION_WAIT_MS);
    }
  }
}

/** Locked by another, or its tables came into being between our look and our CREATE. */
function isRace(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  return name === 'MigrationLocked' || code === '42P07' || code === '42710' || code === '23505';
}

async function storeId(db: Knex): Promise<string> {
  await db('store_meta')
    .insert({ key: 'id', value: randomBytes(6).toString('hex') })
    .onConflict('key')
    .ignore();
  const row = await db('store_meta').where({ key: 'id' }).first<{ value: string }>('value');
  return row.value;
}
