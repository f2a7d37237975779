import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WeirError } from '../../src/config/errors.ts';
import { parseKey, valueAt } from '../../src/config/key-path.ts';
import { layerFiles, mergeLayers } from '../../src/config/layers.ts';
import { changesBetween } from '../../src/config/leaves.ts';
import { type LoadOptions, loadConfig } from '../../src/config/load.ts';
import { changeLocal, localLayer } from '../../src/config/local-layer.ts';
import { originsOf } from '../../src/config/origins.ts';
import { pathText, problemText } from '../../src/config/problems.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof WeirError ? error.code : String(error);
  }
  return 'none';
};

describe('config: layers', () => {
  let folder: string;
  let file: string;
  const write = (name: string, value: unknown): void => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  };
  const load = (options: LoadOptions = {}) => loadConfig({ file, environment: {}, ...options });

  beforeEach(() => {
    folder = makeScratch();
    file = join(folder, 'weir.json');
  });
  afterEach(() => removeScratch(folder));

  it('lie over each other in the order that is documented', () => {
    for (const name of ['weir.json', 'weir.json.d/b.conf', 'weir.json.d/a.json', 'managed.json']) {
      write(name, {});
    }
    for (const name of ['weir.d/20.json', 'weir.d/10.json', 'weir.d/.hidden.json', 'weir.d/x~']) {
      write(name, {});
    }
    assert.deepEqual(
      layerFiles(file).map((layer) => layer.file.slice(folder.length + 1)),
      [
        ...['weir.json.d/a.json', 'weir.json.d/b.conf', 'weir.json'],
        ...['weir.d/10.json', 'weir.d/20.json', 'managed.json'],
      ],
    );
  });

  it('have what is wrong with them together told by file and line', () => {
    write('weir.json', { exclude: [{ path: '/a/' }], collect: { read_paths: [] } });
    write('weir.d/10.json', '{"exclude": [{"path": "/b/"}]}');
    write('weir.d/20.json', '{\n  "exclude": [{"path": "/c/"},\n    {"path": "/**"}]\n}');
    assert.throws(() => load(), {
      message:
        /^[^\n]*\/weir\.d\/20\.json:3:5: error: exclude\[3\]: path \/\*\* holds for everything[^\n]*$/,
    });
    write('weir.d/20.json', { results: { connection: 'here' } });
    write('weir.d/30.json', '{"results":\n{"client": "pg"}, "response": {"limit": 5}}');
    load();
    // Lists of managed.json take the place of those below.
    write('managed.json', '{"exclude": [\n{"path": "/"}]}');
    assert.throws(() => load(), { message: /\/managed\.json:2:1: error: exclude\[0\]: / });
    write('managed.json', '{\n"options": {"x": "y"}, "exclude_paths": {"none": ["/x"]}}');
    assert.match(
      load()
        .warnings.map((warning) => problemText(warning))
        .join('\n'),
      /\/managed\.json:2:\d+: warning: exclude_paths\.none: no such category/,
    );
  });

  it('are there without the file itself where it was not asked for by name', () => {
    write('weir.d/10.json', { query: { workers: 3 } });
    const { config } = loadConfig({ environment: {}, defaultFile: file });
    assert.equal(config.query.workers, 3);
    assert.equal(
      codeOf(() => load()),
      'CONFIG_UNREADABLE',
    );
  });

  it('merge objects, append lists, and let the upper value win', () => {
    const lower = { a: { x: 1, y: 2 }, list: [1], kept: true };
    const upper = { a: { y: 3 }, list: [2] };
    assert.deepEqual(mergeLayers(lower, upper), { a: { x: 1, y: 3 }, list: [1, 2], kept: true });
    assert.deepEqual(mergeLayers(lower, upper, true), { a: { x: 1, y: 3 }, list: [2], kept: true });
  });

  it('end with managed.json, which wins over environment and flags too', () => {
    write('weir.json', { provider: 'ebpf', collect: { read_paths: ['/etc/'] } });
    write('managed.json', { provider: 'off', collect: { read_paths: ['/srv/'] } });
    const flags = { stateDir: '/elsewhere' };
    const { config, given } = load({ environment: { WEIR_PROVIDER: 'netlink' }, flags });
    assert.equal(config.provider, 'off');
    assert.deepEqual(config.collect.read_paths, ['/srv/']);
    assert.deepEqual([...given], [['state_dir', '--state-dir']]);
  });

  it('say where each setting comes from', () => {
    write(
      'weir.json',
      '{\n  "query": { "workers": 3 },\n  "collect": { "read_paths": ["/a/"] }\n}',
    );
    write('weir.d/10.json', { query: { workers: 4 }, collect: { read_paths: ['/b/'] } });
    write('managed.json', { query: { max_rows: 7 } });
    const origins = new Map(
      originsOf(load({ environment: { WEIR_STATE_DIR: '/s' } })).map((o) => [o.key, o]),
    );
    const short = (places: readonly string[] = []): string[] =>
      places.map((place) => basename(place));
    const workers = origins.get('query.workers');
    assert.deepEqual(short(workers?.from), ['10.json:1']);
    assert.deepEqual(short(workers?.overrides), ['weir.json:2']);
    assert.deepEqual(short(origins.get('collect.read_paths')?.from), ['weir.json:3', '10.json:1']);
    assert.equal(origins.get('query.max_rows')?.managed, true);
    assert.deepEqual(origins.get('state_dir')?.from, ['WEIR_STATE_DIR']);
    assert.deepEqual(origins.get('query.timeout_ms')?.from, ['default']);
  });

  it('of what is set locally is checked before it is written', () => {
    write('weir.json', { collect: { read_paths: ['/a/'] } });
    assert.equal(
      codeOf(() => changeLocal(file, ['query', 'workers'], 'many')),
      'CONFIG_INVALID',
    );
    assert.equal(existsSync(localLayer(file)), false);
    assert.equal(changeLocal(file, ['query', 'workers'], 5), true);
    assert.equal(changeLocal(file, ['query', 'workers'], 5), false, 'nothing to change');
    changeLocal(file, ['collect', 'read_paths'], ['/b/']);
    const { config } = load();
    assert.equal(config.query.workers, 5);
    assert.deepEqual(config.collect.read_paths, ['/b/'], 'what is set is what holds');
    assert.equal(statSync(localLayer(file)).mode & 0o777, 0o640);
    changeLocal(file, ['query', 'workers'], undefined);
    assert.deepEqual(JSON.parse(readFileSync(localLayer(file), 'utf8')), {
      collect: { read_paths: ['/b/'] },
    });
    assert.deepEqual(readdirSync(dirname(localLayer(file))), ['90-local.json'], 'no rests');
  });

  it('change setting by setting', () => {
    const from = { a: { b: 1, c: [1] }, gone: 1 };
    const to = { a: { b: 2, c: [1] }, come: {} };
    assert.deepEqual(changesBetween(from, to), [
      { key: 'a.b', from: 1, to: 2 },
      { key: 'gone', from: 1, to: undefined },
      { key: 'come', from: undefined, to: {} },
    ]);
  });
});

describe('config: keys', () => {
  it('are read as they are written', () => {
    for (const path of [['a'], ['a', 'b-c', 2, 'd'], ['schedule', 'my "query"', 'x']]) {
      assert.deepEqual(parseKey(pathText(path)), path);
    }
    assert.equal(valueAt({ a: [{ b: 1 }] }, parseKey('a[0].b')), 1);
    assert.equal(valueAt({ a: 1 }, ['a', 'constructor']), undefined);
  });

  it('are refused when they are none', () => {
    for (const text of ['', '.a', 'a..b', 'a[', 'a["x]', 'a b']) {
      assert.equal(
        codeOf(() => parseKey(text)),
        'USAGE',
        text,
      );
    }
  });
});
