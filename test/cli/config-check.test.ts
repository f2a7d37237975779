import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

describe('cli: config check', () => {
  const scratch = makeScratch();
  const file = join(scratch, 'weir.json');
  after(() => removeScratch(scratch));

  function check(config: object): { code: number | null; lines: string[] } {
    writeFileSync(file, JSON.stringify(config));
    const args = [WEIR, 'config', 'check', file];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { code: status, lines: stdout.trimEnd().split('\n') };
  }

  it('looks into schedule, packs, and the files of packs', () => {
    const pack = { queries: { y: { query: 'SELECT z FROM socket_events', interval: 5 } } };
    writeFileSync(join(scratch, 'p.conf'), JSON.stringify(pack));
    const { code, lines } = check({
      schedule: {
        good: { query: 'SELECT 1', interval: 60 },
        bad: { query: 'SELECT nope FROM process_events', interval: 60 },
      },
      packs: { inline: { queries: { x: { query: 'SELEC 1', interval: 5 } } }, file: 'p.conf' },
    });
    assert.equal(code, 78);
    assert.equal(lines.length, 4, lines.join('\n'));
    assert.match(
      lines[0] ?? '',
      /\/weir\.json:1:\d+: error: schedule\.bad\.query: no such column: nope/,
    );
    const inline = /\/weir\.json:1:\d+: error: packs\.inline\.queries\.x\.query: .*syntax error/;
    assert.match(lines[1] ?? '', inline);
    assert.match(lines[2] ?? '', /p\.conf.*no such column: z/);
    assert.match(lines[3] ?? '', /3 errors/);
  });

  it('says which file has a query that is wrong', () => {
    mkdirSync(join(scratch, 'weir.d'));
    const layer =
      '{"schedule": {\n  "my query": {\n    "query": "SELEC"}}, "views": {"v": "SELECT x"}}';
    writeFileSync(join(scratch, 'weir.d', '10.json'), layer);
    const { lines } = check({ schedule: { q: { query: 'SELECT 1', interval: 60 } } });
    rmSync(join(scratch, 'weir.d'), { recursive: true });
    const text = lines.join('\n');
    assert.match(
      text,
      /\/weir\.d\/10\.json:3:\d+: error: schedule\["my query"\]\.query: .*syntax error/,
    );
    assert.match(text, /\/weir\.d\/10\.json:3:\d+: error: views\.v: no such column: x/);
  });

  it('says of a broken document only what is wrong with it', () => {
    const { code, lines } = check({ nonsense: 1, schedule: { q: { query: 'SELEC' } } });
    assert.equal(code, 78);
    assert.match(lines[0] ?? '', /nonsense/);
    assert.ok(!lines.join().includes('syntax error'));
  });

  it('knows the tables that the configuration adds, and warns of those that are left out', () => {
    const made = { path: '/x.db', query: 'SELECT a', columns: ['a'] };
    const { code, lines } = check({
      auto_table_construction: { visits: made, users: made },
      tables: { directory: join(scratch, 'none') },
      schedule: { q: { query: 'SELECT a, path FROM visits', interval: 60 } },
    });
    assert.deepEqual([code, lines.length], [0, 3], lines.join('\n'));
    assert.match(lines[0] ?? '', /tables\.directory: .*no such file/);
    assert.match(lines[1] ?? '', /there is a table users already/);
    assert.match(lines[2] ?? '', /0 errors, 2 warnings/);
  });

  it('is content with a good one', () => {
    const { code, lines } = check({ schedule: { q: { query: 'SELECT 1', interval: 60 } } });
    assert.deepEqual({ code, lines }, { code: 0, lines: [`${file}: fine`] });
  });
});
