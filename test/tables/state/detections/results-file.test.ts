import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  resultRows,
  useResultsFile,
} from '../../../../src/tables/state/detections/results-file.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';

describe('tables: the results database', () => {
  let scratch: string;
  let path: string;
  let db: Database.Database;
  before(() => {
    scratch = makeScratch();
    path = join(scratch, 'results.db');
    db = new Database(path);
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)');
    useResultsFile(path);
  });
  after(() => {
    useResultsFile(join(scratch, 'none.db'));
    db.close();
    removeScratch(scratch);
  });

  // A second SQLite in the process would take them away, and truncate the shared memory of the log
  // under the first one's eyes: SIGBUS.
  const read = () => [...resultRows('SELECT a FROM t', 'elsewhere')].map(({ a }) => a);

  it('is read without taking the locks of who writes it', () => {
    assert.deepEqual(read(), [1]);
    assert.equal(execFileSync('sqlite3', [path, 'SELECT a FROM t'], { encoding: 'utf8' }), '1\n');
    assert.ok(existsSync(`${path}-wal`));
    db.exec('INSERT INTO t VALUES (2)');
    assert.deepEqual(read(), [1, 2]);
  });

  it('cannot be written by its readers', () => {
    assert.throws(() => [...resultRows('DELETE FROM t RETURNING a', 'elsewhere')], /readonly/);
  });
});
