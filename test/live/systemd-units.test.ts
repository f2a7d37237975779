/** systemd_units beside what systemd itself says over D-Bus, in a container that it starts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

const CHECKOUT = join(import.meta.dirname, '../..');
const COLUMNS = [
  ...['id', 'description', 'load_state', 'active_state', 'sub_state', 'following', 'object_path'],
  ...['job_id', 'job_type', 'job_path'],
];
const LIST =
  'org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager ListUnits';

/** Nothing of the host's own services: this one, what it needs, and the bus. */
const UNIT = `[Unit]
Wants=dbus.socket
After=dbus.socket basic.target
[Service]
Type=simple
ExecStart=/out/check
`;

// A job of its own that waits, a unit that failed, one with a user.
const SCRIPT = `#!/bin/sh
exec 2>/out/said
systemd-run --quiet --unit=fails --property=Type=oneshot false || true
systemd-run --quiet --unit=waits --property=Type=oneshot --no-block sleep 60
systemd-run --quiet --unit=other --uid=nobody sleep 60
busctl --json=short call ${LIST} >/out/before
${WEIR} query --state-dir /out/none --json "SELECT ${COLUMNS.join(', ')}, user, fragment_path FROM systemd_units" >/out/rows
busctl --json=short call ${LIST} >/out/after
systemctl poweroff --force --force
`;

type Row = Readonly<Record<string, string | number>>;

describe('tables: systemd_units', function () {
  this.timeout(120_000);
  const out = makeScratch();
  let rows: ReadonlyMap<string, Row>;

  before(async () => {
    writeFileSync(join(out, 'check'), SCRIPT);
    chmodSync(join(out, 'check'), 0o755);
    writeFileSync(join(out, 'check.service'), UNIT);
    const unit = `--bind-ro=${join(out, 'check.service')}:/etc/systemd/system/check.service`;
    const share = [`--bind=${out}:/out`, `--bind-ro=${CHECKOUT}`, unit];
    const quiet = ['--quiet', '--register=no', '--keep-unit', '--private-network'];
    const words = ['--boot', 'systemd.firstboot=off', 'systemd.unit=check.service'];
    const args = [...quiet, '--volatile=yes', '--directory=/', ...share, ...words];
    const child = spawn('systemd-nspawn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (said += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), 100_000);
    await once(child, 'exit');
    clearTimeout(timer);
    try {
      const found = JSON.parse(readFileSync(join(out, 'rows'), 'utf8')) as Row[];
      rows = new Map(found.map((row) => [String(row.id), row]));
    } catch (cause) {
      const script = readFileSync(join(out, 'said'), 'utf8');
      throw new Error(`the container has no answer: ${script}\n${said}`, { cause });
    }
  });
  after(() => removeScratch(out));

  /** What systemd says, by name; a unit comes with ten values. */
  const told = (file: string): ReadonlyMap<string, readonly unknown[]> => {
    const answer = JSON.parse(readFileSync(join(out, file), 'utf8')) as { data: [unknown[][]] };
    return new Map(answer.data[0].map((unit) => [String(unit[0]), unit]));
  };

  it('every unit as systemd tells it over D-Bus', () => {
    const later = told('after');
    // Those that changed meanwhile prove nothing.
    const still = [...told('before')].filter(
      ([id, unit]) => JSON.stringify(later.get(id)) === JSON.stringify(unit),
    );
    assert.ok(still.length > 50, `${still.length} units`);
    for (const [id, unit] of still) {
      const row = rows.get(id);
      assert.deepEqual(
        COLUMNS.map((column) => row?.[column]),
        unit,
        id,
      );
    }
  });

  it('a unit that failed, one that waits, one of another user', () => {
    const [fails, waits, other] = ['fails', 'waits', 'other'].map((id) =>
      rows.get(`${id}.service`),
    );
    assert.equal(fails?.active_state, 'failed');
    assert.equal(waits?.active_state, 'activating');
    assert.equal(waits?.job_type, 'start');
    assert.match(String(waits?.job_path), /^\/org\/freedesktop\/systemd1\/job\/[1-9]\d*$/);
    assert.equal(other?.user, 'nobody');
    assert.match(String(other?.fragment_path), /\/other\.service$/);
  });
});
