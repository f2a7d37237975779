import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../../src/cli/output/width.ts';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR, WeirDaemon } from '../helpers/weir-daemon.ts';

const ENTER = '\u001b[?1049h';
const LEAVE = '\u001b[?1049l';

/** weir top in a pseudo-terminal of script(1); its own stty says afterwards how it was left. */
class Top {
  readonly #child: ChildProcessWithoutNullStreams;
  screen = '';

  constructor(state: string, columns: number, rows: number) {
    const top = `'${WEIR}' top --interval 1 --state-dir '${state}'`;
    const command = `stty cols ${columns} rows ${rows}; tty; stty -g > '${state}/before'; ${top}; echo code=$?; stty -g > '${state}/after'`;
    const env = { ...process.env, TERM: 'xterm', SHELL: '/bin/sh' };
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], { env });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.screen += text;
    });
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** The last picture that it drew. */
  get lines(): string[] {
    const last = this.screen.slice(this.screen.lastIndexOf('\u001b[H'));
    return stripVTControlCharacters(last).replaceAll('\r', '').split('\n');
  }

  get device(): string {
    return /\/dev\/pts\/\d+/.exec(this.screen)?.[0] ?? '';
  }

  async sees(pattern: RegExp): Promise<void> {
    await eventually(
      () => this.lines.join('\n'),
      (text) => pattern.test(text),
    );
    assert.match(this.lines.join('\n'), pattern);
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

describe('live: weir top', function () {
  this.timeout(60_000);
  let state: string;
  let daemon: WeirDaemon;
  let busy: NodeJS.Timeout;
  const tops: Top[] = [];

  before(async () => {
    state = makeScratch();
    daemon = await WeirDaemon.start(state, { debounce: { window_ms: 0 } });
    busy = setInterval(() => {
      for (let i = 0; i < 20; i++) writeFileSync(join(state, 'busy'), 'x');
    }, 20);
  });
  after(async () => {
    clearInterval(busy);
    for (const top of tops) top.kill();
    await daemon?.stop();
    removeScratch(state);
  });

  function start(columns = 110, rows = 40): Top {
    const top = new Top(state, columns, rows);
    tops.push(top);
    return top;
  }

  it('draws rates, plots and sources, takes keys, and gives the terminal back', async () => {
    const top = start();
    await top.sees(/files of the last 10 s\n.*\/busy/);
    await top.sees(/^file .*[▁-█]{3}$/m);
    for (const [key, heading] of [
      ['2', 'initiators'],
      ['3', 'system calls'],
      ['4', 'remote addresses'],
      ['5', 'containers'],
      ['1', 'files'],
    ] as const) {
      top.type(key);
      await top.sees(new RegExp(`${heading} of the last`));
    }
    top.type('s');
    await top.sees(/s sort \(events\)/);
    top.type('p');
    await top.sees(/ paused$/m);
    top.type('q');
    await eventually(
      () => top.screen,
      (screen) => screen.includes('code='),
    );
    assert.match(top.screen, /code=0/);
    assert.ok(top.screen.includes(ENTER) && top.screen.includes(LEAVE));
    await top.ended();
    const { stdout } = spawnSync('diff', [join(state, 'before'), join(state, 'after')], {
      encoding: 'utf8',
    });
    assert.equal(stdout, '', 'the modes of the terminal');
  });

  it('fits whatever size it gets', async () => {
    const top = start(110, 40);
    await top.sees(/files of the last/);
    spawnSync('stty', ['-F', top.device, 'cols', '50', 'rows', '12']);
    await eventually(
      () => top.lines,
      (lines) => lines.length <= 12 && lines.every((line) => displayWidth(line) <= 50),
    );
    assert.ok(top.lines.length <= 12);
    for (const line of top.lines) assert.ok(displayWidth(line) <= 50, line);
    top.type('\u0003');
    await top.ended();
    assert.match(top.screen, /code=0/);
  });

  it('a pipe gets one look as text', () => {
    const args = [WEIR, 'top', '--interval', '1', '--state-dir', state];
    for (const more of [[], ['--once']]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...more], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
      assert.equal(stdout, stripVTControlCharacters(stdout));
      assert.match(stdout, /^class .*seen\/s/m);
      for (const heading of ['files', 'initiators', 'system calls', 'remote addresses']) {
        assert.match(stdout, new RegExp(`${heading} of the last 10 s`));
      }
      assert.match(stdout, /\/busy/);
    }
  });

  it('wrong use ends with 64', () => {
    for (const given of ['0', '61', 'x']) {
      const args = [WEIR, 'top', '--interval', given, '--state-dir', state];
      assert.equal(spawnSync(process.execPath, args).status, 64, given);
    }
  });
});
