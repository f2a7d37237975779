import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { Watch } from '../helpers/watch.ts';

/** As osquery's documentation writes packs, comments included. */
const PACK = `{
  // Programs that start.
  "platform": "linux",
  "queries": {
    "starts": {
      "query": "SELECT pid, path, cmdline, uid, parent FROM process_events WHERE path LIKE '%/marked-%';",
      "interval": 1,
      "description": "Marked programs that start",
      "removed": false
    }
  }
}`;

const TIMES = 23;

describe('live: an osquery pack', () => {
  let watch: Watch;
  let lines: Record<string, unknown>[];
  let program: string;
  let folder: string;

  before(async () => {
    folder = makeScratch();
    const pack = join(folder, 'observed.conf');
    writeFileSync(pack, PACK);
    const log = join(folder, 'log');
    mkdirSync(log);
    watch = await Watch.start({
      packs: { observed: pack },
      logger: { path: log },
      host_identifier: 'a-host',
    });
    program = join(watch.scratch, 'marked-program');
    copyFileSync('/bin/true', program);
    const { code } = await watch.run(
      '/bin/sh',
      '-c',
      `for i in $(seq ${TIMES}); do ${program} $i; done`,
    );
    assert.equal(code, 0);
    const read = () =>
      readdirSync(log)
        .filter((name) => name.endsWith('results.log'))
        .flatMap((name) => readFileSync(join(log, name), 'utf8').split('\n'))
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    lines = await eventually(read, (found) => found.length >= TIMES);
  });
  after(async () => {
    await watch?.stop();
    removeScratch(folder);
  });

  it('logs each event once', () => {
    assert.equal(lines.length, TIMES);
    const commands = lines.map((line) => (line.columns as Record<string, string>).cmdline);
    const expected = Array.from({ length: TIMES }, (_, i) => `${program} ${i + 1}`);
    assert.deepEqual(commands.sort(), expected.sort());
  });

  it('in the shape of osquery', () => {
    for (const line of lines) {
      assert.deepEqual(Object.keys(line).slice(0, 9), [
        'name',
        'hostIdentifier',
        'calendarTime',
        'unixTime',
        'epoch',
        'counter',
        'numerics',
        'columns',
        'action',
      ]);
      assert.equal(line.name, 'pack_observed_starts');
      assert.equal(line.hostIdentifier, 'a-host');
      assert.match(String(line.calendarTime), /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} UTC$/);
      assert.equal(typeof line.unixTime, 'number');
      assert.equal(line.action, 'added');
      const columns = line.columns as Record<string, unknown>;
      assert.deepEqual(Object.keys(columns).sort(), ['cmdline', 'parent', 'path', 'pid', 'uid']);
      assert.ok(Object.values(columns).every((value) => typeof value === 'string'));
    }
  });
});
