import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SUITES } from '../kernels/suites.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const plain = (text: string): string => text.replaceAll(/\s+/g, ' ');

interface Listed {
  readonly tests: readonly { readonly title: string; readonly file: string }[];
}

/** Titles by file, as "NAME: TITLE", of tests that would run: mocha lists them without running any. */
function titles(): Set<string> {
  const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
  const files = ['test/live/*.test.ts', 'test/kernels/matrix.test.ts'];
  const output = execFileSync(
    process.execPath,
    [mocha, '--dry-run', '--reporter', 'json', ...files],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20 },
  );
  const { tests }: Listed = JSON.parse(output.slice(output.indexOf('{')));
  return new Set(tests.map(({ title, file }) => `${basename(file, '.test.ts')}: ${title}`));
}

/** Rows of the document's tables: behaviour, host, machine. */
function rows(): readonly (readonly [string, string, string])[] {
  return read('docs/behaviours.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (Behaviour|---) /.test(line))
    .map((line) => {
      const cells = line.slice(2, -2).split(' | ');
      assert.equal(cells.length, 3, line);
      return cells as [string, string, string];
    });
}

describe('docs/behaviours.md', function () {
  this.timeout(120_000);
  let known: ReadonlySet<string>;
  before(() => {
    known = titles();
  });

  it('names tests that there are, and blind spots that are told', () => {
    const blind = plain(read('docs/blind-spots.md'));
    const all = rows();
    assert.ok(all.length > 50, `${all.length} rows`);
    for (const [behaviour, host, machine] of all) {
      const [, hostFile, hostTitle] = /^`([\w-]+)`: (.+)$/.exec(host) ?? [];
      let proofs = 0;
      for (const cell of [host, machine]) {
        const [, file, title] = /^`([\w-]+)`: (.+)$/.exec(cell) ?? [];
        const [, words] = /^blind spot: (.+)$/.exec(cell) ?? [];
        if (title !== undefined) {
          assert.ok(known.has(`${file}: ${title}`), `${behaviour}: no test ${file}: ${title}`);
          if (cell === machine && file !== 'matrix') {
            assert.ok(SUITES.includes(String(file)), `${behaviour}: ${file} is not run there`);
          }
          proofs++;
        } else if (words !== undefined) {
          assert.ok(blind.includes(words), `${behaviour}: blind-spots.md does not say: ${words}`);
          proofs++;
        } else if (cell === 'suite') {
          assert.ok(hostTitle !== undefined, behaviour);
          assert.ok(
            SUITES.includes(String(hostFile)),
            `${behaviour}: ${hostFile} is not run there`,
          );
        } else {
          assert.match(cell, /^(not here|as on the host): ./, behaviour);
        }
      }
      assert.ok(proofs > 0, `${behaviour}: no test, and no blind spot`);
    }
  });

  it('has every test of the suites that run in the machines', () => {
    const told = new Set(rows().map(([, host]) => host.replaceAll('`', '')));
    const untold = [...known].filter(
      (title) => SUITES.some((suite) => title.startsWith(`${suite}: `)) && !told.has(title),
    );
    assert.deepEqual(
      untold.filter((title) => !OTHERS.test(title)),
      [],
    );
  });
});

/** Tests about the whole of a suite, about providers, or one of several of a kind. */
const OTHERS =
  /: (loses nothing|leaves out nothing|\/dev\/null is|\w+: what each end sent|listen says where)/;
