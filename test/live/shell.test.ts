import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../../src/cli/output/width.ts';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR, WeirDaemon } from '../helpers/weir-daemon.ts';

/**
 * The shell in a real pseudo-terminal, made by script(1) of Debian's essential bsdutils: nothing
 * has to be installed for it.
 */
class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #screen = '';
  #from = 0;

  /** @param pager PAGER: by default what shows all at once, as on machines without less */
  constructor(stateDir: string, history: string, pager = 'cat', columns = 100) {
    const command = `stty cols ${columns} rows 30; exec '${WEIR}' shell --state-dir '${stateDir}'`;
    const env = {
      ...process.env,
      TERM: 'xterm',
      NO_COLOR: '1',
      WEIR_HISTORY: history,
      PAGER: pager,
    };
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], { env });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#screen += text;
    });
  }

  /** What the terminal got since the last `type`. */
  get text(): string {
    return stripVTControlCharacters(this.#screen.slice(this.#from)).replaceAll('\r', '');
  }

  type(keys: string): void {
    this.#from = this.#screen.length;
    this.#child.stdin.write(keys);
  }

  async sees(pattern: RegExp): Promise<string> {
    const text = await eventually(
      () => this.text,
      (shown) => pattern.test(shown),
    );
    assert.match(text, pattern);
    return text;
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

const PROMPT = /weir> $/;
const FOREVER =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n;';

const numbers = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT ${count}) SELECT 'row ' || i FROM n;`;

describe('live: shell on a narrow terminal', () => {
  const stateDir = makeScratch();
  let terminal: Terminal;
  before(async () => {
    terminal = new Terminal(stateDir, join(stateDir, 'history'), 'cat', 44);
    await terminal.sees(PROMPT);
  });
  after(() => {
    terminal.kill();
    removeScratch(stateDir);
  });

  it('wide characters take two cells, and no line is wider than it', async () => {
    const wide = '水'.repeat(40);
    terminal.type(`SELECT '${wide}' AS a, 'é🐧' AS b, '${'x'.repeat(60)}' AS c;\r`);
    const text = await terminal.sees(/\n\+-[\s\S]*\n\| 水[^\n]*\n\+-[-+]*\nweir> $/);
    const lines = text.split('\n').filter((line) => /^[+|]/.test(line));
    for (const line of lines) assert.equal(displayWidth(line), displayWidth(lines[0] as string));
    assert.ok(displayWidth(lines[0] as string) <= 44, text);
    assert.match(text, /é🐧/);
  });

  it('says which table and column was probably meant', async () => {
    terminal.type('SELECT 1 FROM processs;\r');
    await terminal.sees(/no such table: processs; did\s+you mean processes\?[\s\S]*weir> $/);
    terminal.type('SELECT pidd FROM processes;\r');
    await terminal.sees(/no such column: pidd; did\s+you mean pid\?[\s\S]*weir> $/);
  });
});

describe('live: shell with a pager', () => {
  const stateDir = makeScratch();
  const history = join(stateDir, 'history');
  let terminal: Terminal | undefined;
  const start = async (pager: string): Promise<Terminal> => {
    terminal = new Terminal(stateDir, history, pager);
    await terminal.sees(PROMPT);
    terminal.type('.mode list\r');
    await terminal.sees(PROMPT);
    return terminal;
  };
  afterEach(() => terminal?.kill());
  after(() => removeScratch(stateDir));

  it('what is longer than the screen goes through it, and it has the keyboard', async () => {
    const shell = await start(
      'tail -n 2; printf "end of it: "; read -r key </dev/tty; echo "got $key"',
    );
    shell.type(`${numbers(1000)}\r`);
    const text = await shell.sees(/row 1000\nend of it: $/);
    assert.doesNotMatch(text, /row 998/);
    shell.type('a key\r');
    await shell.sees(/got a key\n[\s\S]*weir> $/);
    // The keyboard is the shell's again, and what fits is shown without it.
    shell.type(`${numbers(3)}\r`);
    assert.doesNotMatch(await shell.sees(/row 3\nweir> $/), /end of it/);
    shell.type('.watch 0.1 SELECT 7;\r');
    await shell.sees(/(?:every 0\.1 s\n[\s\S]*){20}/);
    shell.type('\u0003');
    await shell.sees(/cancelled[\s\S]*weir> $/);
    shell.type('.pager off\r');
    await shell.sees(PROMPT);
    shell.type(`${numbers(1000)}\r`);
    assert.match(await shell.sees(/row 1000\nweir> $/), /row 500\n/);
  });

  it('leaving it ends the query; a slow result is shown as it comes', async () => {
    const shell = await start('head -n 2');
    shell.type(`${numbers(1_000_000_000)}\r`);
    const text = await shell.sees(/row 1\nweir> $/);
    assert.doesNotMatch(text, /row 2|Error|cancelled|first 100000/);
    // Fewer than the screen has lines while it is not yet slow, on any machine, and no end.
    shell.type(`${FOREVER.replace('max(i) FROM n', 'i FROM n WHERE i % 5000000 = 1')}\r`);
    await shell.sees(/\ni\n1\n5000001\n/);
    shell.type('\u0003');
    await shell.sees(/cancelled[\s\S]*weir> $/);
  });

  it('one that is not there is said', async () => {
    const shell = await start('/nonexistent/pager');
    shell.type(`${numbers(100)}\r`);
    await shell.sees(/Error: there is no pager "\/nonexistent\/pager": set PAGER[\s\S]*weir> $/);
  });
});

for (const kind of ['daemon', 'store alone'] as const) {
  describe(`live: shell on a ${kind} in a pseudo-terminal`, () => {
    const stateDir = makeScratch();
    const history = join(stateDir, 'history');
    let daemon: WeirDaemon;
    let terminal: Terminal;

    before(async () => {
      daemon = await WeirDaemon.start(stateDir, { provider: 'off' });
      if (kind === 'store alone') await daemon.stop();
      terminal = new Terminal(stateDir, history);
      await terminal.sees(PROMPT);
    });
    after(async () => {
      terminal.kill();
      await daemon.stop();
      removeScratch(stateDir);
    });

    it('runs a statement of many lines', async () => {
      terminal.type("SELECT 'a;b' AS x,\r");
      await terminal.sees(/ {2}\.\.> $/);
      terminal.type('2 AS y;\r');
      await terminal.sees(/\| a;b \| 2 \|[\s\S]*weir> $/);
    });

    it('Tab completes tables, and columns of the tables named', async () => {
      terminal.type('SELECT * FROM proc\t');
      await terminal.sees(/SELECT \* FROM process$/);
      terminal.type('_ev\t');
      await terminal.sees(/^_events$/);
      terminal.type(' WHERE par\t\t');
      await terminal.sees(/parent_cmdline[\s\S]*parent_path/);
      terminal.type('\u0003');
      await terminal.sees(PROMPT);
    });

    it('Ctrl-C cancels the query and not the shell', async () => {
      terminal.type(`${FOREVER}\r`);
      await terminal.sees(/FROM n;\n/);
      terminal.type('\u0003');
      await terminal.sees(/cancelled[\s\S]*weir> $/);
      terminal.type('SELECT 41 + 1;\r');
      await terminal.sees(/\| 42 {5}\|[\s\S]*weir> $/);
    });

    it('Ctrl-C forgets a half statement', async () => {
      terminal.type('SELECT 1,\r');
      await terminal.sees(/\.\.> $/);
      terminal.type('\u0003');
      await terminal.sees(PROMPT);
      terminal.type('SELECT 7;\r');
      await terminal.sees(/\| 7 \|[\s\S]*weir> $/);
    });

    it('dot-commands', async () => {
      terminal.type('.tables socket\r');
      await terminal.sees(/=> socket_events\n[\s\S]*weir> $/);
      terminal.type('.schema socket_events\r');
      await terminal.sees(
        /CREATE TABLE socket_events\([\s\S]*remote_port INTEGER[\s\S]*HIDDEN[\s\S]*weir> $/,
      );
      terminal.type('.mode line\r');
      await terminal.sees(PROMPT);
      terminal.type('SELECT 5 AS five;\r');
      await terminal.sees(/\nfive = 5\n[\s\S]*weir> $/);
      terminal.type('.timer on\r');
      await terminal.sees(PROMPT);
      terminal.type('SELECT 6;\r');
      await terminal.sees(/1 row in [\d.]+ ms\n[\s\S]*weir> $/);
      terminal.type('.tabels\r');
      await terminal.sees(/did you mean \.tables\?[\s\S]*weir> $/);
      terminal.type('.help\r');
      await terminal.sees(/\.quit[\s\S]*weir> $/);
    });

    it('.watch runs a query until Ctrl-C, and fits in the shell', async () => {
      terminal.type('.mode list\r');
      await terminal.sees(PROMPT);
      terminal.type(".watch 0.1 SELECT 'again' AS w;\r");
      await terminal.sees(/(?:every 0\.1 s\nw\nagain\n[\s\S]*){3}/);
      terminal.type('\u0003');
      await terminal.sees(/cancelled[\s\S]*weir> $/);
      terminal.type(`.watch 1 ${FOREVER}\r`);
      await terminal.sees(/every 1 s\n/);
      terminal.type('\u0003');
      await terminal.sees(/cancelled[\s\S]*weir> $/);
      terminal.type('.summary\r');
      await terminal.sees(/weir \d[\s\S]*\d+ tables\n[\s\S]*mode: list\n[\s\S]*weir> $/);
    });

    it('an error is one line, and the shell goes on', async () => {
      terminal.type('SELECT * FROM proces_events;\r');
      await terminal.sees(
        /Error: no such table: proces_events; did you mean process_events\?\n[\s\S]*weir> $/,
      );
    });

    it('Ctrl-D leaves with 0; a statement of many lines is one entry of the history', async () => {
      terminal.type('\u0004');
      assert.equal(await terminal.ended(), 0);
      const entries = readFileSync(history, 'utf8').split('\n');
      assert.ok(entries.includes("SELECT 'a;b' AS x, 2 AS y;"), entries.join('|'));
    });

    it('the history is there the next time', async () => {
      terminal = new Terminal(stateDir, history);
      await terminal.sees(PROMPT);
      terminal.type('\u001b[A');
      await terminal.sees(/SELECT \* FROM proces_events;$/);
      terminal.type('\u0003');
      await terminal.sees(PROMPT);
      terminal.type('.quit\r');
      assert.equal(await terminal.ended(), 0);
    });
  });
}
