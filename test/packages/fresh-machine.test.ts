/** What the README promises: a bare Debian 12, a clone, `npm start`. */
import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../helpers/eventually.ts';
import { BareMachine } from './bare-machine.ts';
import { FOLDER } from './builds.ts';

const MINUTE = 60_000;
const CTRL_C = '\u0003';
const STACK = /^\s+at .+:\d+:\d+\)?\s*$/m;
const NOBODY = 'setpriv --reuid 65534 --regid 65534 --clear-groups';
/** Test files that need a good part of what set-up installs: SQLite, the addon, git, processes. */
const FEW = '^(set-up|cli: output|SQL functions|ServiceManager)';

describe('packages: a fresh machine', function () {
  this.timeout(40 * MINUTE);
  let machine: BareMachine;
  before(() => {
    machine = new BareMachine(join(FOLDER, 'fresh'));
  });
  after(() => {
    if (machine !== undefined) rmSync(machine.path, { recursive: true });
  });

  const refusals = [
    { command: 'bin/weir.js health', code: 1, says: /^weir: .*Run npm start/m },
    {
      command: `${NOBODY} npm start`,
      code: 77,
      says: /^setup: .* needs root\.\n {7}Run .* as root/m,
    },
    {
      command: `${NOBODY} npm run build`,
      code: 77,
      says: /^ {7}Run this as root: apt-get update && apt-get install .*clang/m,
    },
  ];
  for (const { command, code, says } of refusals) {
    it(`${command}: says what to do instead, and ends with ${code}`, () => {
      const { status, output } = machine.run(command);
      assert.equal(status, code, output);
      assert.match(output, says);
      assert.doesNotMatch(output, STACK);
    });
  }

  it('npm start sets everything up, shows what happens, and Ctrl-C ends it with 0', async () => {
    const terminal = machine.start('npm start');
    try {
      const ready = /Events as they happen/;
      await eventually(
        () => terminal.output,
        (text) => ready.test(text),
        30 * MINUTE,
      );
      assert.match(terminal.output, ready);
      for (const step of [
        'installing .*clang.*',
        'npm ci',
        'compiling the eBPF programs',
        'compiling the addon',
      ]) {
        assert.match(terminal.output, new RegExp(`setup: ${step} \\.\\.\\. [\\d.]+ s`));
      }
      // A program that nobody else runs. Of many in one second only some are shown.
      const marker = join(machine.path, 'usr/local/bin/seen-from-here');
      copyFileSync(join(machine.path, 'usr/bin/true'), marker);
      const shown = /exec \S*\/seen-from-here/;
      const look = (): string => {
        machine.run('seen-from-here');
        return terminal.output;
      };
      await eventually(look, (text) => shown.test(text), MINUTE);
      assert.match(terminal.output, shown);
      terminal.type(CTRL_C);
      assert.equal(await terminal.ended, 0, terminal.output);
      assert.match(terminal.output, /weir: writing what is pending/);
      assert.doesNotMatch(terminal.output, STACK);
    } finally {
      terminal.close();
    }
  });

  it('what was seen is there afterwards', () => {
    const sql =
      "SELECT count(*) > 0 AS seen FROM process_events WHERE path LIKE '%/seen-from-here'";
    const { status, output } = machine.run(`bin/weir.js query --json --state-dir .weir "${sql}"`);
    assert.equal(status, 0, output);
    assert.deepEqual(JSON.parse(output), [{ seen: 1 }]);
  });

  it('a second set-up has nothing to do', () => {
    const { status, output } = machine.run('npm run build');
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /^setup:/m);
  });

  it('npm test sets up what tests need, and they pass', () => {
    const { status, output } = machine.run(`npm test -- --grep '${FEW}'`);
    assert.equal(status, 0, output);
    assert.match(output, /^setup: installing .*postgresql.* \.\.\. [\d.]+ s/m);
    assert.match(output, /^\s+\d\d+ passing/m);
    assert.doesNotMatch(output, /failing/);
  });
});
