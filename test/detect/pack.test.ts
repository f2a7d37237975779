import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forPlatform } from '../../src/config/platform.ts';
import { isApplicable, shardOf } from '../../src/detect/applicable.ts';
import { checkPack } from '../../src/detect/check-pack.ts';
import { loadInlinePack, loadPackFile } from '../../src/detect/pack.ts';
import { loadSchedule } from '../../src/detect/schedule.ts';

const OPTIONS = { hostname: 'h', delimiter: '_', defaultInterval: 3600 };
const SCHEDULER = { splay_percent: 10, default_interval: 60, epoch: 0, pack_delimiter: '_' };

describe('packs', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-pack-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, text: string): string {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  }

  it('are osquery’s: comments, numbers as text, broken lines', () => {
    const file = write(
      'p.conf',
      `{
      // a comment
      "queries": {
        # another
        "q": { "query": "SELECT 1 \\
          FROM process_events;", "interval": "3600", "removed": "false", "version": "1.4.5",
          "platform": "darwin, linux", "value": "v", "snapshot": true, "denylist": false }
      } }`,
    );
    const { queries, problems } = loadPackFile(file, OPTIONS);
    assert.deepEqual(problems, []);
    const [query] = queries;
    assert.equal(query?.name, 'pack_p_q');
    assert.match(query?.sql ?? '', /^SELECT 1\s+FROM process_events$/);
    assert.deepEqual([query?.interval, query?.removed, query?.snapshot], [3600, false, true]);
  });

  it('run without their wrong queries', () => {
    const pack = {
      queries: { good: { query: 'SELECT 1' }, bad: { query: 'SELECT 2', interval: 0 } },
    };
    const { queries, problems } = loadInlinePack('p', pack, OPTIONS);
    assert.deepEqual(
      queries.map((query) => query.name),
      ['pack_p_good'],
    );
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['queries.bad.interval'],
    );
  });

  it('are checked to the place, with what is allowed and what was meant', () => {
    const file = write(
      'wrong.json',
      `{
  "platfrom": "linux",
  "queries": {
    "a": { "query": "SELECT pid FROM process_event" },
    "c": { "query": "SELECT pid FROM process_events", "interval": 700000 },
    "d": { "query": "SELECT pid FROM process_events", "severity": "hihg" },
    "f": { "query": "SELECT pid FROM process_events", "attack": "T1" }
  }
}`,
    );
    const found = checkPack(file).map(({ severity, line, path, message }) => [
      line,
      severity,
      path,
      message,
    ]);
    const expected: readonly (readonly [number, string, string, RegExp])[] = [
      [2, 'error', 'platfrom', /did you mean platform\?/],
      [4, 'error', 'queries.a.query', /did you mean process_events/],
      [5, 'error', 'queries.c.interval', /a whole number from 1 to 604800, not 700000/],
      [6, 'error', 'queries.d.severity', /did you mean high\?/],
      [7, 'error', 'queries.f.attack', /T1059\.004/],
    ];
    for (const [line, severity, path, message] of expected) {
      const problem = found.find((one) => one[2] === path);
      assert.deepEqual(problem?.slice(0, 3), [line, severity, path]);
      assert.match(String(problem?.[3]), message);
    }
    assert.equal(found.length, expected.length, JSON.stringify(found));
  });

  it('have their SQL prepared against weir’s tables', () => {
    const file = write(
      'sql.json',
      `{ "queries": {
    "a": { "query": "SELECT pid FROM process_event" },
    "b": { "query": "SELECT piid FROM process_events" },
    "e": { "query": "SELECT pid FROM process_events", "driver": "socket_events" },
    "g": { "query": "DELETE FROM process_events" },
    "h": { "query": "SELECT p.pid FROM process_events p LEFT JOIN socket_events s USING (exec_id)" },
    "i": { "query": "SELECT * FROM plist", "platform": "darwin" }
  } }`,
    );
    const found = checkPack(file);
    const expected: readonly (readonly [string, string, RegExp])[] = [
      ['error', 'queries.a.query', /no such table: process_event; did you mean process_events\?/],
      ['error', 'queries.b.query', /no such column: piid; did you mean pid\?/],
      ['error', 'queries.e.driver', /the query reads process_events/],
      ['error', 'queries.g.query', /./],
      ['warning', 'queries.h.query', /an event of s that comes later/],
    ];
    assert.deepEqual(
      found.map(({ severity, path }) => [severity, path]),
      expected.map(([severity, path]) => [severity, path]),
    );
    for (const [i, [, , message]] of expected.entries()) {
      assert.match(found[i]?.message ?? '', message);
    }
  });

  it('say why a query cannot be a streaming rule, and where', () => {
    const file = write(
      'streaming.json',
      `{ "queries": {
        "good": { "mode": "streaming", "query": "SELECT path FROM process_events" },
        "bad": { "query": "SELECT path, count(*) FROM process_events GROUP BY path",
          "mode": "streaming" } } }`,
    );
    const found = checkPack(file);
    assert.deepEqual(
      found.map(({ severity, path, line }) => [severity, path, line]),
      [['error', 'queries.bad.mode', 4]],
    );
    assert.match(found[0]?.message ?? '', /cannot be streaming: GROUP BY .* one batch/);
  });

  it('that are no JSON, or no file, are a problem and no exception', () => {
    const broken = checkPack(write('broken.json', '{\n "queries": {,} }'));
    assert.deepEqual([broken.length, broken[0]?.line], [1, 2]);
    assert.match(checkPack(join(folder, 'none.json'))[0]?.message ?? '', /cannot be read/);
  });

  it('come from the configuration inline, by file and by glob', () => {
    write('one.conf', '{ "queries": { "q": { "query": "SELECT 1", "interval": 5 } } }');
    write('two.conf', '{ "queries": { "q": { "query": "SELECT 2" } }, "discovery": ["SELECT 1"] }');
    const { queries, problems } = loadSchedule({
      config: {
        schedule: {
          plain: { query: 'SELECT 0' },
          mac: { query: 'SELECT 0', platform: 'darwin' },
          wrong: { query: 'SELECT 0', intervall: 5 },
        },
        packs: {
          inline: { queries: { q: { query: 'SELECT 3' } } },
          file: 'one.conf',
          '*': '*.conf',
          missing: 'missing.conf',
        },
        views: {},
        sigma: { rules: [] },
        scheduler: SCHEDULER,
      },
      folder,
      hostname: 'h',
    });
    assert.deepEqual(
      queries.map((query) => [query.name, query.interval, query.discovery?.pack]).sort(),
      [
        ['pack_file_q', 5, undefined],
        ['pack_inline_q', 60, undefined],
        ['pack_one_q', 5, undefined],
        ['pack_two_q', 60, 'two'],
        ['plain', 60, undefined],
      ],
    );
    assert.equal(problems.length, 2);
    assert.match(problems[0]?.text ?? '', /wrong\.intervall: unknown key: did you mean interval\?/);
    assert.match(problems[1]?.text ?? '', /missing\.conf: .*cannot be read/);
  });
});

describe('applicability', () => {
  it('knows the platforms that mean Linux', () => {
    for (const platform of [
      undefined,
      '',
      'linux',
      'posix',
      'all',
      'any',
      'darwin,linux',
      'ubuntu',
    ]) {
      assert.equal(forPlatform(platform), true, String(platform));
    }
    for (const platform of ['darwin', 'windows', 'freebsd', 'darwin,windows']) {
      assert.equal(forPlatform(platform), false, platform);
    }
  });

  it('compares versions by their numbers', () => {
    assert.equal(isApplicable({ version: '1.4.5' }, 'h'), true);
    assert.equal(isApplicable({ version: '5.3' }, 'h'), true);
    assert.equal(isApplicable({ version: '5.100.0' }, 'h'), false);
    assert.equal(isApplicable({ version: '10' }, 'h'), false);
  });

  it('puts hosts into shards by the SHA-1 of their names', () => {
    const shard = shardOf('host');
    assert.equal(isApplicable({ shard }, 'host'), true);
    assert.equal(isApplicable({ shard: shard - 1 }, 'host'), false);
    assert.equal(isApplicable({ shard: 100 }, 'host'), true);
  });
});
