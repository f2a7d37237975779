import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { parseJsonc } from '../../src/config/jsonc.ts';
import { loadPackFile } from '../../src/detect/pack.ts';
import { packSchema } from '../../src/detect/pack-schema.ts';
import { eventually } from '../helpers/eventually.ts';
import { Watch } from '../helpers/watch.ts';
import { COLLECTION } from './deeds/collection.ts';
import { COMMAND_AND_CONTROL } from './deeds/command-and-control.ts';
import { CREDENTIAL_ACCESS, READ_PATHS } from './deeds/credential-access.ts';
import { type Deed, PRELUDE } from './deeds/deed.ts';
import { DISCOVERY } from './deeds/discovery.ts';
import { EXECUTION } from './deeds/execution.ts';
import { EXFILTRATION } from './deeds/exfiltration.ts';
import { IMPACT } from './deeds/impact.ts';
import { LATERAL_MOVEMENT } from './deeds/lateral-movement.ts';
import { PERSISTENCE } from './deeds/persistence.ts';
import { PRIVILEGE } from './deeds/privilege.ts';
import { STEALTH } from './deeds/stealth.ts';

const QUERIES = fileURLToPath(new URL('../../queries/', import.meta.url));
const PATIENCE_MS = 30_000;

/** By pack file. */
const PACKS: Readonly<Record<string, readonly Deed[]>> = {
  'weir-collection': COLLECTION,
  'weir-command-and-control': COMMAND_AND_CONTROL,
  'weir-credential-access': CREDENTIAL_ACCESS,
  'weir-discovery': DISCOVERY,
  'weir-execution': EXECUTION,
  'weir-exfiltration': EXFILTRATION,
  'weir-impact': IMPACT,
  'weir-lateral-movement': LATERAL_MOVEMENT,
  'weir-persistence': PERSISTENCE,
  'weir-privilege': PRIVILEGE,
  'weir-stealth': STEALTH,
};
const ONLY = process.env.WEIR_RULES?.split(',');
const DEEDS = Object.values(PACKS)
  .flat()
  .filter(({ rule, needs }) => (ONLY?.includes(rule) ?? true) && existsSync(needs ?? '/'));

/** One of each class of events, done once more at the end: what came before has then been looked at. */
const LAST = [
  ...['exec_from_shared_memory', 'ld_so_preload_written', 'process_hidden_by_mount'],
  ...['shell_connects', 'dns_onion_name'],
];

interface Found {
  readonly rule: string;
  readonly row: string;
  readonly seq: bigint;
}

describe('live: rules of the shipped packs', () => {
  let watch: Watch;
  let results: Database.Database;
  /** Detections by the script that was running when the event happened. */
  let seen = new Map<string, Found[]>();
  const failed = new Map<string, number | null>();

  before(async function () {
    this.timeout(300_000);
    const packs = Object.fromEntries(
      Object.keys(PACKS).map((name) => [name, join(QUERIES, `${name}.json`)]),
    );
    const collect = { read_paths: [...READ_PATHS] };
    watch = await Watch.start({ packs }, collect);
    results = new Database(join(watch.daemon.stateDir, 'results.db'), { readonly: true });
    watch.compile('deeds');
    for (const { near, ...deed } of DEEDS) {
      await act(deed.rule, deed.script, deed.shell);
      if (near !== undefined) await act(`near-${deed.rule}`, near);
    }
    for (const rule of LAST) {
      const deed = Object.values(PACKS)
        .flat()
        .find((one) => one.rule === rule) as Deed;
      await act(`last-${rule}`, deed.script, deed.shell);
    }
    seen = await eventually(
      detections,
      (all) =>
        LAST.every((rule) => all.has(`last-${rule}`)) &&
        DEEDS.every(({ rule }) => all.get(rule)?.some((found) => found.rule === rule)),
      PATIENCE_MS,
    );
  });

  after(async () => {
    results?.close();
    await watch?.stop();
  });

  async function act(name: string, commands: string, shell = '/bin/sh'): Promise<void> {
    const script = join(watch.scratch, `${name}.script`);
    writeFileSync(script, `S=${watch.scratch}\n${PRELUDE}\n${commands}\n`);
    const { code } = await watch.run('/usr/bin/unshare', '--mount', shell, script);
    if (code !== 0) failed.set(name, code);
  }

  /** When each script began, and what of it was detected. Scripts run one after the other. */
  async function detections(): Promise<Map<string, Found[]>> {
    const begins = await watch.daemon.query(`SELECT CAST(ntime AS TEXT) AS at, cmdline
      FROM process_events WHERE cmdline GLOB '*/*sh ${watch.scratch}/*.script' ORDER BY seq`);
    const starts = begins.map(({ at, cmdline }) => ({
      at: BigInt(at ?? 0),
      name: /([^/]+)\.script$/.exec(String(cmdline))?.[1] ?? '',
    }));
    const found = results
      .prepare<[], { rule: string; row: string }>('SELECT rule, row FROM detections')
      .all()
      .map(({ rule, row }): Found => {
        return { rule: rule.replace(/^pack_[^_]+_/, ''), row, seq: BigInt(JSON.parse(row).eid) };
      });
    const times = await timesOf(found.map(({ seq }) => seq));
    const by = new Map<string, Found[]>();
    for (const one of found) {
      const at = times.get(one.seq) ?? 0n;
      const name = starts.findLast((start) => start.at <= at)?.name ?? '';
      by.set(name, [...(by.get(name) ?? []), one]);
    }
    return by;
  }

  async function timesOf(seqs: readonly bigint[]): Promise<Map<bigint, bigint>> {
    const tables = [
      ...['process_events', 'process_file_events', 'socket_events', 'dns_events'],
      'kernel_events',
    ];
    const sql = tables.map(
      (table) => `SELECT CAST(seq AS TEXT) AS seq, CAST(ntime AS TEXT) AS at FROM ${table}
        WHERE seq IN (${seqs.join(', ')})`,
    );
    const rows = await watch.daemon.query(sql.join(' UNION ALL '));
    return new Map(rows.map(({ seq, at }) => [BigInt(seq ?? 0), BigInt(at ?? 0)]));
  }

  for (const { rule, shows = '', also = [], near } of DEEDS) {
    it(`${rule} detects the thing, once, and nothing else does`, () => {
      assert.equal(failed.get(rule), undefined, 'the script failed');
      const all = seen.get(rule) ?? [];
      assert.deepEqual(
        all.map((found) => found.rule).sort(),
        [rule, ...also].sort(),
        all.map(({ row }) => row).join('\n'),
      );
      const row = all.find((found) => found.rule === rule)?.row ?? '';
      assert.ok(row.includes(shows), row);
    });
    if (near === undefined) continue;
    it(`${rule} leaves alone what looks like it`, () => {
      assert.equal(failed.get(`near-${rule}`), undefined, 'the script failed');
      assert.deepEqual(seen.get(`near-${rule}`) ?? [], []);
    });
  }

  it('nothing is detected outside of the deeds', () => {
    assert.deepEqual(seen.get('') ?? [], []);
  });

  for (const [pack, deeds] of Object.entries(PACKS)) {
    it(`${pack} is sound, and has a deed for each rule`, () => {
      const options = { hostname: 'h', delimiter: '_', defaultInterval: 3600 };
      const file = join(QUERIES, `${pack}.json`);
      const { queries, problems } = loadPackFile(file, options, pack);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        queries.map(({ name }) => name.replace(`pack_${pack}_`, '')).sort(),
        deeds.map(({ rule }) => rule).sort(),
      );
      const said = packSchema.parse(parseJsonc(readFileSync(file)).value).queries;
      for (const [name, query] of Object.entries(said)) {
        assert.equal(query.mode, 'streaming', name);
        assert.notEqual(query.severity, undefined, name);
        const { attack, description, false_positives, references } = query;
        for (const told of [attack, description, false_positives, references])
          assert.ok(told !== undefined && told.length > 0, name);
      }
    });
  }

  it('every shipped pack is here', () => {
    const files = readdirSync(QUERIES).filter((name) => name !== 'weir-behavior.json');
    assert.deepEqual(
      files.sort(),
      Object.keys(PACKS).map((name) => `${name}.json`),
    );
    for (const name of files) assert.ok(readFileSync(join(QUERIES, name)).length > 0);
  });
});
