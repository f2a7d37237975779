import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openResultStore, type ResultDatabase } from '../../src/results/open.ts';
import { detectionsContract } from './contract/detections.ts';
import { runsContract } from './contract/runs.ts';
import { suppressionsContract } from './contract/suppressions.ts';
import { Postgres } from './postgres.ts';

function contract(name: string, database: () => ResultDatabase): void {
  const open = (host: string) => openResultStore(database(), host);
  runsContract(name, open);
  detectionsContract(name, open);
  suppressionsContract(name, open);
}

describe('result stores', () => {
  let folder: string;
  let postgres: Postgres;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), 'weir-results-'));
    postgres = await Postgres.start();
  });

  after(async () => {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  contract('SQLite', () => ({ client: 'sqlite', path: join(folder, 'results.db') }));
  contract('PostgreSQL', () => ({ client: 'pg', connection: postgres.connection }));

  it('says why a database cannot be opened', async () => {
    const missing = join(folder, 'no', 'such', 'results.db');
    await assert.rejects(openResultStore({ client: 'sqlite', path: missing }, 'h'), {
      code: 'RESULTS_UNAVAILABLE',
    });
    await assert.rejects(
      openResultStore({ client: 'pg', connection: { host: join(folder, 'none') } }, 'h'),
      { code: 'RESULTS_UNAVAILABLE' },
    );
  });

  it('lets hosts that start together share a new database', async () => {
    const other = { ...postgres.connection, database: 'postgres' };
    const stores = await Promise.all(
      ['a', 'b', 'c'].map((host) => openResultStore({ client: 'pg', connection: other }, host)),
    );
    assert.equal(new Set(stores.map((store) => store.id)).size, 1);
    await Promise.all(stores.map((store) => store.close()));
  });
});
