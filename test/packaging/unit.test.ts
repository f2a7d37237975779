import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJsonc } from '../../src/config/jsonc.ts';

const ROOT = join(import.meta.dirname, '../..');
const FILES = join(ROOT, 'packaging/files');
const EXPOSURE = 4.5;

describe('files of the packages', () => {
  it('the unit is exposed no more than is said', () => {
    const args = ['security', '--offline=true', '--no-pager', join(FILES, 'weir.service')];
    const env = { ...process.env, LC_ALL: 'C' };
    const said = execFileSync('systemd-analyze', args, { encoding: 'utf8', env });
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
    assert.ok(exposure <= EXPOSURE, said);
    const documented = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
    assert.ok(documented.includes(`gives ${exposure.toFixed(1)}.`), `it gives ${exposure}`);
  });

  it('the unit never gives up for good, but waits longer each time', () => {
    const unit = readFileSync(join(FILES, 'weir.service'), 'utf8');
    const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1];
    assert.equal(value('Restart'), 'on-failure');
    assert.equal(value('StartLimitIntervalSec'), '0');
    assert.ok(Number(value('RestartMaxDelaySec')) > Number(value('RestartSec')));
    assert.ok(Number(value('RestartSteps')) > 1);
    // What nothing but a change mends: usage, rights, configuration.
    assert.equal(value('RestartPreventExitStatus'), '64 77 78');
  });

  it('the default configuration loads every pack that comes with weir', () => {
    const { value } = parseJsonc(readFileSync(join(FILES, 'weir.json')));
    const { packs } = value as { packs: Record<string, string> };
    const pattern = packs['*']?.replace('/usr/share/weir/packs', join(ROOT, 'queries')) ?? '';
    assert.ok(existsSync(join(ROOT, 'queries')));
    const all = globSync(join(ROOT, 'queries', '**/*.{json,conf,yaml,yml}'));
    assert.ok(all.length > 0);
    assert.deepEqual(globSync(pattern).sort(), all.sort());
  });
});
