import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BEHAVIOR_NAMES } from '../../src/config/behaviors.ts';
import { parseJsonc } from '../../src/config/jsonc.ts';
import { loadPackFile } from '../../src/detect/pack.ts';
import { packSchema } from '../../src/detect/pack-schema.ts';
import { plantVictims } from '../helpers/victims.ts';
import { Watch } from '../helpers/watch.ts';

const PACK = fileURLToPath(new URL('../../queries/weir-behavior.json', import.meta.url));

describe('live: rules about behaviour', function () {
  this.timeout(60_000);
  let watch: Watch;
  let behave: string;
  let files: string;

  before(async () => {
    const at = (threshold: number) => ({ threshold });
    watch = await Watch.start({
      packs: { 'weir-behavior': PACK },
      behavior: {
        exec_window_ms: 20_000,
        cgroup_factor: 0,
        ransomware: at(20),
        mass_rename: at(30),
        mass_delete: at(225),
        mass_rewrite: at(50),
        port_sweep: at(20),
        address_sweep: at(20),
        exec_burst: at(40),
        setuid_burst: at(10),
      },
    });
    behave = watch.compile('behave');
    files = join(watch.scratch, 'files');
    // Others must get to what is in it.
    chmodSync(watch.scratch, 0o755);
  });
  after(() => watch.stop());
  afterEach(() => rmSync(files, { recursive: true, force: true }));

  const DEEDS: Readonly<Record<string, () => Promise<unknown>>> = {
    ransomware: () => watch.run(behave, 'copy', files, '0', '25'),
    mass_rename: () => watch.run(behave, 'rename', files, '0', '40'),
    mass_delete: () => watch.run(behave, 'delete', files, '0', '250'),
    mass_rewrite: () => watch.run(behave, 'rewrite', files, '0', '60'),
    port_sweep: () => watch.run(behave, 'ports', '40'),
    address_sweep: () => watch.run(behave, 'addresses', '40'),
    exec_burst: () => watch.run(behave, 'execs', '50'),
    setuid_burst: () => {
      const root = join(watch.scratch, 'root');
      copyFileSync(behave, root);
      chmodSync(root, 0o4755);
      const loop = `i=0; while [ $i -lt 15 ]; do ${root} nothing; i=$((i + 1)); done`;
      const args = [
        '--wait',
        'setpriv',
        '--reuid',
        '65534',
        '--clear-groups',
        '/bin/sh',
        '-c',
        loop,
      ];
      return watch.run('/usr/bin/setsid', ...args);
    },
  };

  for (const name of BEHAVIOR_NAMES) {
    it(name, async () => {
      plantVictims(files, 250);
      await DEEDS[name]?.();
      const found = await watch.rows(
        `SELECT rule, count FROM detections WHERE rule LIKE '%_${name}'`,
        1,
      );
      assert.deepEqual(found, [{ rule: `pack_weir-behavior_${name}`, count: 1 }]);
    });
  }

  it('each found what it is about, and nothing else', async () => {
    const [all] = await watch.daemon.query(
      'SELECT count(*) AS n, sum(count) AS rows FROM detections',
    );
    assert.deepEqual(all, { n: BEHAVIOR_NAMES.length, rows: BEHAVIOR_NAMES.length });
  });

  it('the pack is sound, and has a rule for each kind', () => {
    const options = { hostname: 'h', delimiter: '_', defaultInterval: 3600 };
    const { queries, problems } = loadPackFile(PACK, options, 'weir-behavior');
    assert.deepEqual(problems, []);
    assert.equal(queries.length, BEHAVIOR_NAMES.length);
    const said = packSchema.parse(parseJsonc(readFileSync(PACK)).value).queries;
    assert.deepEqual(Object.keys(said), [...BEHAVIOR_NAMES]);
    for (const query of Object.values(said)) {
      const { attack, description, false_positives, references } = query;
      for (const told of [attack, description, false_positives, references])
        assert.ok(told?.length);
    }
  });
});
