import assert from 'node:assert/strict';
import { makeLogger } from '../../src/config/log.ts';
import { Decorations } from '../../src/detect/decorations.ts';
import type { QueryResult, QueryRunner } from '../../src/sql/types.ts';

type Answer = () => Readonly<Record<string, string | bigint | number | null>>;

/** Answers each query with a row from a function. */
class Answers implements QueryRunner {
  readonly asked: string[] = [];
  readonly #answers: Readonly<Record<string, Answer>>;

  constructor(answers: Readonly<Record<string, Answer>>) {
    this.#answers = answers;
  }

  async query(sql: string): Promise<QueryResult> {
    this.asked.push(sql);
    const row = this.#answers[sql]?.() ?? {};
    return {
      columns: Object.keys(row).map((name) => ({ name, type: '' })),
      rows: Object.keys(row).length === 0 ? [] : [Object.values(row)],
      stats: {
        rows: 1,
        wallMs: 0,
        cpu: { userMs: 0, systemMs: 0 },
        scan: { blocks: 0, skipped: 0, rows: 0 },
      },
      truncated: false,
      warnings: [],
    };
  }
}

describe('Decorations', () => {
  let log: string[];

  beforeEach(() => {
    log = [];
  });

  function make(
    decorators: Partial<ConstructorParameters<typeof Decorations>[0]>,
    runner: QueryRunner,
  ): Decorations {
    const all = { load: [], always: [], interval: {}, ...decorators };
    const logger = makeLogger({ level: 'info', terminal: false, write: (l) => log.push(l) });
    return new Decorations(all, runner, logger);
  }

  it('are the columns of first rows, sorted, as text', async () => {
    const runner = new Answers({
      l: () => ({ uuid: 'U', n: 7n, real: 1 }),
      a: () => ({ b: null, A: 'x' }),
    });
    const made = make({ load: ['l'], always: ['a'] }, runner);
    await made.load();
    assert.deepEqual(Object.entries(await made.current(0)), [
      ['A', 'x'],
      ['b', ''],
      ['n', '7'],
      ['real', '1.0'],
      ['uuid', 'U'],
    ]);
  });

  it('run always, once, or when their time comes', async () => {
    const runner = new Answers({});
    const made = make({ load: ['l'], always: ['a'], interval: { 60: ['i'] } }, runner);
    await made.load();
    await made.current(0);
    await made.current(60_000);
    assert.deepEqual(runner.asked, ['l', 'i', 'a', 'a']);
  });

  it('keep what they had when a query fails or has no row, and say it once', async () => {
    let works = true;
    const runner = new Answers({
      a: () => {
        if (!works) throw new Error('gone');
        return { name: 'kept' };
      },
    });
    const made = make({ always: ['a'] }, runner);
    await made.load();
    works = false;
    await made.current(0);
    assert.deepEqual(await made.current(0), { name: 'kept' });
    assert.equal(log.filter((line) => line.includes('a decorator fails')).length, 1);
  });
});
