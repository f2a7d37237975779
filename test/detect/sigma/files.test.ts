import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { checkSigma } from '../../../src/detect/sigma/load.ts';
import { type Connection, openConnection } from '../../../src/sql/connection.ts';
import { makeScratch, removeScratch } from '../../helpers/scratch.ts';
import { type Row, StoreFixture } from '../../store/fixture.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('Sigma files', () => {
  let folder: string;
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  beforeEach(() => {
    folder = makeScratch();
  });

  afterEach(() => removeScratch(folder));

  it('makes a streaming rule of every feature', () => {
    const { queries, problems, outcomes } = checkSigma(fixture('rules.yml'));
    assert.deepEqual(problems, []);
    assert.ok(queries.every(({ streaming }) => streaming));
    // The rules of correlations are silent unless one generates.
    assert.deepEqual(
      outcomes.filter(({ query }) => query === null).map(({ title }) => title),
      ['A failed step', 'Another step'],
    );
    assert.deepEqual(queries[0]?.rule, {
      severity: 'high',
      attack: ['T1059.004'],
      description: 'Maps, lists, every relation, filters',
    });
  });

  it('refuses the rest with its name and the reason', () => {
    const file = fixture('refused.yml');
    const expected = parseAllDocuments(readFileSync(file, 'utf8')).map(
      (document) => document.toJS() as { title: string; expect: string },
    );
    const { queries, outcomes, problems } = checkSigma(file);
    assert.equal(queries.length, 0);
    assert.equal(problems.length, expected.length);
    for (const [i, { title, expect }] of expected.entries()) {
      assert.equal(outcomes[i]?.title, title);
      assert.ok(outcomes[i]?.refusal?.includes(expect), `${title}: ${outcomes[i]?.refusal}`);
    }
  });

  it('tells about files that cannot be read, and goes on', () => {
    write('broken.yml', 'title: [');
    write('latin.yml', 'title: \u00e9');
    writeFileSync(join(folder, 'bytes.yml'), Buffer.from([0x74, 0x3a, 0x20, 0xff]));
    write('empty.yml', '# nothing\n');
    write(
      'bomb.yml',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`,
    );
    write(
      'good.yaml',
      'title: t\nlogsource: {category: dns_query}\ndetection: {s: {QueryName: x}, condition: s}\n',
    );
    const { queries, problems } = checkSigma(folder);
    assert.deepEqual(
      queries.map(({ name }) => name),
      ['pack_sigma_good'],
    );
    assert.equal(problems.length, 5);
    assert.match(checkSigma(join(folder, 'none')).problems[0]?.text ?? '', /cannot be read/);
  });

  it('refuses conditions that would grow without bound', () => {
    const values = Array.from({ length: 1000 }, (_, i) => `x${i}`).join(',');
    for (const [condition, reason] of [
      [Array(200).fill('s').join(' and '), 'comparisons'],
      [Array(90).fill('s').join(' and '), 'bytes'],
      [`${'('.repeat(5000)}s${')'.repeat(5000)}`, 'nested deeper'],
    ] as const) {
      const file = write(
        'large.yml',
        `title: t\nlogsource: {category: process_creation}\ndetection: {s: {Image: [${values}]}, condition: "${condition}"}\n`,
      );
      assert.match(checkSigma(file).outcomes[0]?.refusal ?? '', new RegExp(reason));
    }
  });

  describe('on a store', () => {
    let store: StoreFixture;
    let connection: Connection;
    const SECOND = 1_000_000_000n;
    const NOW = 1_800_000_000n * SECOND;

    beforeEach(() => {
      store = new StoreFixture();
      connection = openConnection(store.path);
    });

    afterEach(async () => {
      connection.db.close();
      await store.dispose();
    });

    const run = (seconds: number, row: Row): void => {
      const time_ns = NOW + BigInt(seconds) * SECOND;
      store.append('process', [
        { boot_id: 'b', time_ns, path: '/probe', uid: 1, count: 1, ...row },
      ]);
    };
    const found = (title: string): number[] => {
      const { outcomes } = checkSigma(fixture('rules.yml'));
      const sql = outcomes.find((outcome) => outcome.title === title)?.query?.query as string;
      return connection.db
        .prepare(`SELECT time - 1800000000 AS at FROM (${sql})`)
        .pluck()
        .all()
        .map(Number);
    };

    it('takes thousands of values', () => {
      const values = Array.from({ length: 3000 }, (_, i) => `'*/x${i}'`).join(',');
      const file = write(
        'many.yml',
        `title: t\nlogsource: {category: process_creation}\ndetection: {s: {Image: [${values}]}, condition: not s}\n`,
      );
      const { outcomes, problems } = checkSigma(file);
      assert.deepEqual(problems, []);
      run(0, { path: '/a/x2999' });
      run(0, { path: '/a/y' });
      const sql = outcomes[0]?.query?.query as string;
      assert.equal(connection.db.prepare(sql).all().length, 1);
    });

    it('finds lines of a service by who said them, and by facility', () => {
      const said = 'Failed password for root from 192.0.2.1';
      const line = (seconds: number, row: Row): void => {
        const time_ns = NOW + BigInt(seconds) * SECOND;
        const common = { boot_id: 'b', time_ns, topic: 'syslog', host: 'h', message: said };
        store.append('host', [{ ...common, ...row }]);
      };
      line(1, { tag: 'sshd' });
      line(2, { tag: 'sshd[12]' });
      line(3, { tag: 'sshd-session' });
      line(4, { tag: 'sshdx' });
      line(5, { tag: 'sshd', message: 'Accepted password for root' });
      line(6, { tag: 'sshd', host: 'bastion' });
      line(7, { tag: 'sudo', facility: 'authpriv', message: 'root : COMMAND=/bin/sh' });
      line(8, { tag: 'sudo', facility: 'user', message: 'root : COMMAND=/bin/sh' });
      line(9, { tag: 'sshd', topic: 'user' });
      assert.deepEqual(found('Lines of sshd').sort(), [1, 2, 3]);
      assert.deepEqual(found('Lines about rights'), [7]);
    });

    it('counts events and values of a group within a timespan', () => {
      for (const [at, cmdline] of [
        [0, 'a'],
        [30, 'b'],
        [50, 'a'],
        [200, 'c'],
      ] as const) {
        run(at, { cmdline });
      }
      run(51, { cmdline: 'z', uid: 2 });
      assert.deepEqual(found('Many probes'), [50]);
      assert.deepEqual(found('Many different probes'), []);
      run(202, { cmdline: 'd' });
      run(203, { cmdline: 'e' });
      assert.deepEqual(found('Many different probes'), [203]);
    });

    it('finds events of several rules together, and in their order', () => {
      const socket = (seconds: number, process_id: bigint): void => {
        const time_ns = NOW + BigInt(seconds) * SECOND;
        const row = { boot_id: 'b', time_ns, path: '/probe', process_id, family: 2 };
        store.append('socket', [{ ...row, action: 'connect', status: 'succeeded' }]);
      };
      run(0, { process_id: 1n });
      socket(5, 1n);
      socket(20, 2n);
      run(22, { process_id: 2n });
      socket(40, 1n);
      assert.deepEqual(found('Both').sort(), [22, 5]);
      assert.deepEqual(found('One after the other'), [5]);
    });
  });
});
