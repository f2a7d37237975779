import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { endingWith, plantVictims } from '../helpers/victims.ts';
import { Watch } from '../helpers/watch.ts';
import type { Row } from '../helpers/weir-daemon.ts';

const FILES = 10_000;
const EVIDENCE =
  'converted, renamed, extended, rewritten, deleted, erased, created, folders_removed';

describe('live: verdicts on behaviour', function () {
  this.timeout(120_000);
  let watch: Watch;
  let behave: string;
  let files: string;

  async function begin(config: object): Promise<void> {
    watch = await Watch.start(config as Record<string, unknown>);
    behave = watch.compile('behave');
    files = join(watch.scratch, 'files');
  }
  const end = (): Promise<void> => watch.stop();
  afterEach(() => rmSync(files, { recursive: true, force: true }));

  const verdicts = (pid: number, atLeast: number): Promise<Row[]> =>
    watch.rows(`SELECT * FROM behavior_events WHERE pid = ${pid} ORDER BY seq`, atLeast);

  describe('as configured by default', () => {
    before(() => begin({}));
    after(end);

    const KINDS = {
      in_place: { converted: 50, renamed: 50, extended: 50, rewritten: 50 },
      copy: { converted: 50, deleted: 50, erased: 50, created: 50 },
      rename_first: { converted: 50, renamed: 50, extended: 50, rewritten: 50 },
    };
    for (const [kind, counts] of Object.entries(KINDS)) {
      it(`ransomware is told at the 50th file: ${kind}`, async () => {
        plantVictims(files, 60);
        const { pid, code } = await watch.run(behave, kind, files, '0', '60');
        assert.equal(code, 0);
        await verdicts(pid, 1);
        const [row, ...more] = await watch.daemon.query(
          `SELECT action, scope, tree, threshold, window_ms, extension, asked, outcome, directories,
             connects, execs, ${EVIDENCE} FROM behavior_events WHERE pid = ${pid}`,
        );
        const nothing = Object.fromEntries(EVIDENCE.split(', ').map((name) => [name, 0]));
        assert.deepEqual(row, {
          ...{ action: 'ransomware', scope: 'tree', tree: pid, threshold: 50, window_ms: 10_000 },
          ...{ extension: 'locked', asked: null, outcome: null, directories: 2 },
          ...{ connects: null, execs: null },
          ...nothing,
          ...counts,
        });
        assert.deepEqual(more, []);
      });
    }

    it('a cgroup is judged, too, however many trees share the work', async () => {
      plantVictims(files, 200);
      // Nine trees of 24 files each cross nothing by themselves.
      for (let i = 0; i < 8; i++) {
        await watch.run(behave, 'in_place', files, String(i * 24), '24');
      }
      await watch.run(behave, 'in_place', files, '192', '8');
      // What the tests before have done may still be within the window.
      const rows = await watch.rows(
        `SELECT action, tree, threshold, converted FROM behavior_events WHERE scope = 'cgroup'`,
        1,
      );
      assert.deepEqual(rows, [
        { action: 'ransomware', tree: null, threshold: 200, converted: 200 },
      ]);
    });

    it('what replaces its own files or only reads crosses nothing', async () => {
      plantVictims(files, 200);
      const { pid } = await watch.run(behave, 'replace', files, '0', '200');
      const marker = await watch.run(behave, 'in_place', files, '0', '60');
      await verdicts(marker.pid, 1);
      assert.deepEqual(
        await watch.daemon.query(`SELECT * FROM behavior_events WHERE pid = ${pid}`),
        [],
      );
    });

    it('ports and addresses', async () => {
      const ports = await watch.run(behave, 'ports', '100');
      const [swept, ...others] = await verdicts(ports.pid, 1);
      assert.equal(swept?.action, 'port_sweep');
      assert.deepEqual(others, []);
      // An estimate: half a dozen more or less.
      assert.ok(Math.abs(Number(swept?.connects) - 64) <= 6, String(swept?.connects));
      assert.ok(Number(swept?.ports) >= 64);
      assert.equal(swept?.addresses, 1);
      assert.equal(swept?.renamed, null);
      const addresses = await watch.run(behave, 'addresses', '200');
      const [asked] = await verdicts(addresses.pid, 1);
      assert.equal(asked?.action, 'address_sweep');
      assert.equal(asked?.ports, 1);
      assert.ok(Math.abs(Number(asked?.connects) - 128) <= 16, String(asked?.connects));
    });

    it('adds up', async () => {
      const loss = await watch.lossAtRest('behavior');
      assert.equal(loss.seen, loss.stored);
      assert.ok(Number(loss.seen) >= 5);
    });
  });

  describe('with other thresholds', () => {
    before(() =>
      begin({
        behavior: {
          exec_window_ms: 10_000,
          cgroup_factor: 0,
          ransomware: { threshold: 0 },
          mass_rename: { threshold: 40 },
          mass_delete: { threshold: 250 },
          mass_rewrite: { threshold: 30 },
          exec_burst: { threshold: 20 },
        },
      }),
    );
    after(end);

    const only = async (pid: number, action: string, expected: object): Promise<void> => {
      const rows = await verdicts(pid, 1);
      assert.equal(rows.length, 1);
      const row = rows[0] as Row;
      const shown = Object.fromEntries(Object.keys(expected).map((key) => [key, row[key]]));
      assert.deepEqual({ action: row.action, ...shown }, { action, ...expected });
    };

    it('renames', async () => {
      plantVictims(files, 50);
      const { pid } = await watch.run(behave, 'rename', files, '0', '50');
      await only(pid, 'mass_rename', { extended: 40, renamed: 40, converted: 0 });
    });

    it('rewrites, in place and by a new file', async () => {
      for (const kind of ['rewrite', 'replace']) {
        plantVictims(files, 40);
        const { pid } = await watch.run(behave, kind, files, '0', '40');
        await only(pid, 'mass_rewrite', { rewritten: 30, renamed: 0, converted: 0 });
      }
    });

    it('deletes that leave the folders, not those that clear up', async () => {
      plantVictims(files, 300);
      const cleared = await watch.run('/bin/rm', '-r', files);
      plantVictims(files, 300);
      const { pid } = await watch.run(behave, 'delete', files, '0', '300');
      await only(pid, 'mass_delete', { deleted: 250, erased: 0, folders_removed: 0 });
      assert.deepEqual(
        await watch.daemon.query(`SELECT * FROM behavior_events WHERE pid = ${cleared.pid}`),
        [],
      );
    });

    it('programs', async () => {
      const { pid } = await watch.run(behave, 'execs', '30');
      const rows = await watch.rows(
        `SELECT action, execs, setuids FROM behavior_events WHERE tree = ${pid}`,
        1,
      );
      assert.deepEqual(rows, [{ action: 'exec_burst', execs: 20, setuids: 0 }]);
    });
  });

  describe('killed by the kernel program', () => {
    before(() =>
      begin({
        behavior: { ransomware: { respond: 'kill' } },
        response: { enabled: true, limit: 100 },
      }),
    );
    after(end);

    for (const kind of ['in_place', 'copy', 'rename_first']) {
      it(`dead before 120 of ${FILES} files: ${kind}`, async () => {
        plantVictims(files, FILES);
        const { pid, stdout } = await watch.run(behave, kind, files, '0', String(FILES));
        assert.equal(stdout, '');
        const [row] = await verdicts(pid, 1);
        assert.equal(row?.asked, 'kill');
        assert.equal(row?.outcome, 'done');
        assert.equal(row?.converted, 50);
        assert.equal(endingWith(files, '.locked'), 50);
      });
    }
  });
});
