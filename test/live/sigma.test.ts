import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { Watch } from '../helpers/watch.ts';

const RULES = {
  'linux/exec.yml': `
title: Echo of a marker
level: high
tags: [attack.t1059.004]
logsource: { product: linux, category: process_creation }
detection:
  selection: { Image|endswith: /echo, 'CommandLine|contains|all': [sigma-, marker] }
  filter: { CommandLine|endswith: harmless }
  condition: selection and not filter
`,
  'linux/file.yml': `
title: File under a name
logsource: { product: linux, category: file_event }
detection:
  selection: { TargetFilename|endswith: /sigma-dropped }
  condition: selection
`,
  'linux/repeated.yml': `
title: Marker
name: marker
logsource: { category: process_creation }
detection: { s: { CommandLine|contains: sigma-marker }, condition: s }
---
title: Several markers
level: low
correlation:
  type: event_count
  rules: [marker]
  group-by: [uid]
  timespan: 1h
  condition: { eq: 2 }
`,
  'windows.yml': `
title: Other system
logsource: { product: windows, category: process_creation }
detection: { s: { Image: x }, condition: s }
`,
};

describe('live: Sigma rules from a folder', () => {
  let watch: Watch;
  let folder: string;
  let results: Database.Database;

  before(async () => {
    folder = makeScratch();
    mkdirSync(join(folder, 'linux'));
    for (const [name, text] of Object.entries(RULES)) writeFileSync(join(folder, name), text);
    watch = await Watch.start({ sigma: { rules: [folder] } });
    results = new Database(join(watch.daemon.stateDir, 'results.db'), { readonly: true });
  });

  after(async () => {
    results?.close();
    await watch?.stop();
    removeScratch(folder);
  });

  const detected = (): Promise<{ rule: string; severity: string; row: string }[]> =>
    eventually(
      () =>
        results
          .prepare<[], { rule: string; severity: string; row: string }>(
            'SELECT rule, severity, row FROM detections ORDER BY rule',
          )
          .all(),
      (found) => found.length >= 4,
    );

  it('detects real programs and files, each once', async () => {
    await watch.run('/bin/echo', 'sigma-marker harmless');
    await watch.run('/bin/echo', 'sigma-marker');
    const old = join(watch.scratch, 'new');
    const moved = join(watch.scratch, 'sigma-dropped');
    await watch.run('/bin/sh', '-c', `: > ${old}; mv ${old} ${moved}; : >> ${moved}`);
    const found = await detected();
    assert.deepEqual(
      found.map(({ rule, severity }) => [rule, severity]),
      [
        ['pack_sigma_linux_exec', 'high'],
        ['pack_sigma_linux_file', 'medium'],
        ['pack_sigma_linux_file', 'medium'],
        ['pack_sigma_linux_repeated_2', 'low'],
      ],
    );
    assert.match(found[0]?.row ?? '', /"cmdline":"[^"]*echo sigma-marker"/);
    assert.ok(found[1]?.row.includes(moved), JSON.stringify(found[1]));
  });
});
