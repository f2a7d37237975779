import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { Host } from '../../../../src/tables/host/host.ts';
import { digests } from '../../../../src/tables/state/files/digest.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

describe('tables: hash', () => {
  const scratch = makeScratch();
  const large = join(scratch, 'large');
  let set: TableSet;

  before(() => {
    writeFileSync(large, randomBytes((5 << 20) + 17));
    writeFileSync(join(scratch, 'huge'), randomBytes((9 << 20) + 5));
    writeFileSync(join(scratch, 'empty'), '');
    set = openTables(findStateTables('files'));
  });
  after(() => {
    set.close();
    removeScratch(scratch);
  });

  it('as md5sum, sha1sum and sha256sum', () => {
    for (const name of ['huge', 'large', 'empty']) {
      const path = join(scratch, name);
      const [row] = set.all('SELECT * FROM hash WHERE path = ?', path);
      assert.equal(row?.directory, scratch);
      for (const algorithm of ['md5', 'sha1', 'sha256'] as const) {
        const { stdout } = spawnSync(`${algorithm}sum`, [path], { encoding: 'utf8' });
        assert.equal(row?.[algorithm], stdout.split(' ')[0]);
      }
    }
  });

  it('a thread for each algorithm of a large file, and an end when the query is to stop', () => {
    const path = join(scratch, 'endless');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 36); // 64 GiB of nothing: minutes of work
    const host = new Host('', assert.fail);
    let asked = 0;
    const ask = (): unknown =>
      host.withOpen(path, (file) =>
        digests(file, ['md5', 'sha1', 'sha256'], () => {
          if (++asked === 3) throw new Error('interrupted');
        }),
      );
    assert.throws(ask, /interrupted/);
    assert.equal(asked, 3);
  });

  it('only regular files have one; a stream of the kernel is not read', () => {
    const sql = 'SELECT path, sha256 FROM hash WHERE path IN (?, ?, ?)';
    assert.deepEqual(set.all(sql, scratch, '/dev/null', join(scratch, 'missing')), []);
    assert.deepEqual(set.all('SELECT * FROM hash WHERE path = ?', '/proc/kmsg'), [
      { path: '/proc/kmsg', directory: '/proc', md5: null, sha1: null, sha256: null },
    ]);
    assert.deepEqual(set.warnings(), [
      'hash: /proc/kmsg is a stream of the kernel and is not read',
    ]);
    assert.match(
      String(set.all("SELECT md5 FROM hash WHERE path = '/proc/version'")[0]?.md5),
      /^\w{32}$/,
    );
  });

  it('is kept while the file stays as it is, and made anew when it changed', async () => {
    const host = new Host('', assert.fail);
    const path = join(scratch, 'kept');
    let reads = 0;
    const sum = (): string | undefined =>
      host.withOpen(path, (file) => {
        const counted = {
          fd: file.fd,
          stat: () => file.stat(),
          read: () => {
            reads++;
            return file.read();
          },
        };
        return digests(counted, ['md5'], () => {}).md5;
      });
    writeFileSync(path, 'one');
    const first = sum();
    const atOnce = reads;
    assert.equal(sum(), first);
    assert.equal(reads, 2 * atOnce, 'a file that just changed is read again');
    await sleep(2100);
    sum();
    reads = 0;
    assert.equal(sum(), first);
    assert.equal(reads, 0, 'a settled one is not');
    const time = new Date(1_000_000_000_000);
    utimesSync(path, time, time);
    writeFileSync(path, 'two');
    utimesSync(path, time, time);
    assert.notEqual(sum(), first, 'same size, same mtime, other contents');
  });
});
