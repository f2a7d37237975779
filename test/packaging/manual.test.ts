import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completions } from '../../packaging/completions.ts';
import { manualPages, roff } from '../../packaging/manual.ts';
import { COMMANDS } from '../../src/cli/commands.ts';

describe('manual pages and completions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-manual-'));
  after(() => rmSync(folder, { recursive: true }));

  it('there is a page for weir and for each command, that man shows without a complaint', () => {
    const pages = manualPages(COMMANDS, '1.2.3', 0);
    const names = ['weir.8', ...COMMANDS.map((command) => `weir-${command.name}.8`)];
    assert.deepEqual(Object.keys(pages).sort(), names.sort());
    for (const command of COMMANDS) {
      const page = pages[`weir-${command.name}.8`] ?? '';
      for (const flag of command.flags) assert.ok(page.includes(roff(`--${flag.name}`)));
      assert.match(page, /^\.TH WEIR-\S+ 8 "1970-01-01" "weir 1\.2\.3"/);
      // A line that begins with a dot is a request: only those that we write.
      for (const line of page.split('\n').filter((each) => /^[.']/.test(each))) {
        assert.match(line, /^\.(TH|SH|TP|B|BR|PP|nf|fi)\b/);
      }
    }
  });

  it('a text that looks like a request is text', () => {
    assert.equal(roff('.so /etc/shadow\n-a \\n'), '\\&.so /etc/shadow\n\\-a \\en');
  });

  it('bash offers commands, their flags, and what they do', () => {
    const file = join(folder, 'weir.bash');
    writeFileSync(file, completions(COMMANDS).bash);
    const complete = (...words: string[]): string[] => {
      const script = `source ${file}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')});
        COMP_CWORD=${words.length - 1}; _weir; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
    };
    assert.deepEqual(complete('weir', 'qu'), ['query']);
    assert.deepEqual(complete('weir', 'query', '--js'), ['--json', '--json-pretty']);
    assert.ok(complete('weir', 'config', 'ch').includes('check'));
    assert.ok(complete('weir', '').includes('shell'));
  });
});
