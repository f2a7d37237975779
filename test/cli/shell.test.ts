import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

describe('weir shell and query from a pipe', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = makeScratch();
  });
  after(() => removeScratch(folder));

  const weir = (input: string, ...args: string[]) =>
    spawnSync(process.execPath, [WEIR, ...args, '--state-dir', folder], {
      encoding: 'utf8',
      input,
      env: { ...process.env, WEIR_CONFIG: '' },
    });
  const shell = (...lines: string[]) => weir(`${lines.join('\n')}\n`, 'shell');
  const TWO = "SELECT 1 AS a, 'x|y' AS b UNION ALL SELECT 22, NULL;";

  it('shows the modes of osqueryi, and Markdown', () => {
    const { stdout, stderr } = shell(
      '.nullvalue -',
      ...['list', 'column', 'markdown', 'csv', 'pretty'].flatMap((mode) => [`.mode ${mode}`, TWO]),
    );
    const expected = [
      ...['a|b', '1|x|y', '22|-'],
      ...['a   b', '--  ---', '1   x|y', '22  -'],
      ...['| a | b |', '| --- | --- |', '| 1 | x\\|y |', '| 22 | - |'],
      ...['a,b\r', '1,x|y\r', '22,-\r'],
      ...['+----+-----+', '| a  | b   |', '+----+-----+', '| 1  | x|y |', '| 22 | -   |'],
      '+----+-----+',
    ];
    assert.equal(stdout, `${expected.join('\n')}\n`, stderr);
  });

  it('headers, separator and widths can be set, and shown', () => {
    const { stdout, stderr } = shell(
      '.mode list',
      '.headers off',
      ".separator '\\t'",
      'SELECT 1, 2;',
      '.separator ;',
      'SELECT 1, 2;',
      '.separator',
      '.mode column',
      '.width 3 0',
      "SELECT 'abcdef', 'abcdef';",
      '.bail on',
      '.show',
    );
    const lines = stdout.split('\n');
    assert.deepEqual(lines.slice(0, 3), ['1\t2', '1;2', 'ab…  abcdef'], stderr);
    assert.match(stdout, / {6}bail: on\n {6}echo: off\n {3}headers: off\n {6}mode: column\n/);
    assert.match(stdout, / {5}width: 3 0\n/);
  });

  it('.all, .types, .explain, .print and .echo', () => {
    const { stdout, stderr, status } = shell(
      '.mode list',
      '.types SELECT pid, 1.5 AS half, 7 + 1 AS eight FROM processes LIMIT 1',
      '.explain SELECT pid FROM processes WHERE pid = 1;',
      ".print that's all",
      '.all uptime',
      '.echo on',
      'SELECT 3 AS three;',
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^pid: BIGINT\nhalf: REAL\neight: INTEGER\n\|--SCAN processes/);
    assert.match(stdout, /INDEX 0:pid = \? #/);
    assert.match(stdout, /\nthat's all\n/);
    assert.match(stdout, /days\|hours\|minutes\|seconds\|total_seconds\n\d+\|/);
    assert.match(stdout, /SELECT 3 AS three;\nthree\n3\n$/);
  });

  it('.tables and .schema take a part of a name, or a pattern', () => {
    const { stdout } = shell('.tables process_open%', '.tables open_so', '.schema upt%');
    assert.match(stdout, /^ {2}=> process_open_files\n/);
    assert.doesNotMatch(stdout, /=> processes\n/);
    assert.match(stdout, /\n {2}=> process_open_sockets\nCREATE TABLE uptime\(/);
  });

  it('.save writes the next result and only that, whole or not at all', () => {
    const file = join(folder, 'saved.csv');
    writeFileSync(file, 'before');
    const failing = shell('.mode csv', `.save ${file}`, 'SELECT * FROM proceses;');
    assert.equal(failing.status, 1);
    assert.equal(readFileSync(file, 'utf8'), 'before');
    const saved = shell('.mode csv', `.save ${file}`, 'SELECT 5 AS x;', 'SELECT 6 AS x;');
    assert.equal(saved.stdout, `1 row written to ${file}\nx\r\n6\r\n`);
    assert.equal(readFileSync(file, 'utf8'), 'x\r\n5\r\n');
    const nowhere = join(folder, 'none', 'x');
    const refused = shell(`.save ${nowhere}`, 'SELECT 5 AS x;', '.mode list', 'SELECT 7 AS y;');
    assert.match(refused.stderr, /cannot write .*ENOENT/);
    assert.equal(refused.stdout, 'y\n7\n');
    assert.equal(existsSync(nowhere), false);
  });

  it('.bail leaves at the first error; without it a script goes on', () => {
    const wrong = 'SELECT * FROM proceses;';
    const off = shell('.mode list', wrong, 'SELECT 1 AS x;');
    assert.deepEqual([off.status, off.stdout], [1, 'x\n1\n']);
    assert.match(off.stderr, /did you mean processes\?/);
    const on = shell('.mode list', '.bail on', `${wrong} SELECT 2 AS y;`, 'SELECT 1 AS x;');
    assert.deepEqual([on.status, on.stdout], [1, '']);
  });

  it('says why a command of osqueryi is not there, and what was meant', () => {
    const { stderr } = shell('.features', '.connect /tmp/x', '.sumary', '.watch 1 SELECT 1');
    const [features, connect, meant, watch] = stderr.split('\n');
    assert.match(features as string, /no \.features here: /);
    assert.match(connect as string, /--socket asks another daemon/);
    assert.match(meant as string, /did you mean \.summary\?/);
    assert.match(watch as string, /\.watch needs a terminal/);
  });

  it('takes osqueryi’s flags', () => {
    const sql = "SELECT 1 AS a, NULL AS b, 'c,d' AS c";
    const list = weir('', 'query', '--list', '--header=false', '--nullvalue', 'none', sql);
    assert.equal(list.stdout, '1|none|c,d\n', list.stderr);
    const csv = weir('', 'shell', '--csv', '--separator', ';', '--no-header', sql);
    assert.equal(csv.stdout, '1;;c,d\r\n', csv.stderr);
    const all = weir('', 'query', '--line', '-A', 'uptime');
    assert.match(all.stdout, / days = \d+\n/);
    const both = weir('', 'query', '-A', 'uptime', sql);
    assert.equal(both.status, 64);
    assert.match(both.stderr, /exclude each other/);
    const missing = weir('', 'query', '-A', 'uptme');
    assert.match(missing.stderr, /did you mean uptime\?/);
  });

  it('runs statements one after the other, from an argument, a flag or a file', () => {
    const two = 'SELECT 1 AS x; SELECT 2 AS x -- last';
    const file = join(folder, 'two.sql');
    writeFileSync(file, two);
    for (const how of [[two], ['--query', two], ['--query_file', file]]) {
      const { stdout, stderr } = weir('', 'query', '--list', ...how);
      assert.equal(stdout, 'x\n1\nx\n2\n', stderr);
    }
    assert.equal(weir(two, 'query', '--list').stdout, 'x\n1\nx\n2\n');
    const wrong = weir('', 'query', '--list', 'SELECT 1 AS x; SELEC 2; SELECT 3 AS x');
    assert.deepEqual([wrong.status, wrong.stdout], [1, 'x\n1\n']);
    const none = weir('', 'query', '--query-file', `${file}.not`);
    assert.equal(none.status, 64);
    assert.match(none.stderr, /cannot read .*two\.sql\.not: ENOENT/);
  });

  it('a dot-command can be an argument', () => {
    assert.match(weir('', 'shell', '.tables process_open%').stdout, /^ {2}=> process_open_files\n/);
    assert.match(weir('', 'shell', '-L').stdout, / {2}=> users\n/);
    assert.match(weir('', 'shell', '.version').stdout, /^weir \d+\.\d+\.\d+, SQLite 3\./);
    const wrong = weir('', 'shell', '.schema uptme');
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /did you mean uptime\?/);
    const query = weir('', 'query', '.tables');
    assert.equal(query.status, 64);
    assert.match(query.stderr, /weir shell "\.tables"/);
  });

  it('--output replaces a file when all is there, and leaves devices what they are', () => {
    const file = join(folder, 'rows.json');
    const made = weir('', 'query', '--json_pretty', '--output', file, "SELECT 1 AS a, 'x' AS b");
    assert.deepEqual([made.status, made.stdout], [0, ''], made.stderr);
    const text = readFileSync(file, 'utf8');
    assert.equal(text, '[\n  {\n    "a": 1,\n    "b": "x"\n  }\n]\n');
    assert.equal(weir('', 'query', '--output', file, 'SELECT 1; SELECT nam').status, 1);
    assert.equal(readFileSync(file, 'utf8'), text);
    const link = join(folder, 'null');
    symlinkSync('/dev/null', link);
    assert.equal(weir('', 'query', '--output', link, 'SELECT 1').status, 0);
    assert.match(shell(`.save ${link}`, 'SELECT 1;').stdout, /1 row written to/);
    assert.ok(statSync(link).isCharacterDevice());
  });

  it('--pack runs each query of a pack, and goes on after one that is wrong', () => {
    const pack = join(folder, 'mine.conf');
    const queries = {
      one: { query: 'SELECT 1 AS x;' },
      wrong: { query: 'SELECT nam FROM processes' },
      two: { query: 'SELECT 2 AS x' },
    };
    writeFileSync(pack, JSON.stringify({ queries }));
    const file = weir('', 'query', '--list', '--pack', pack);
    assert.equal(file.stdout, 'x\n1\nx\n2\n', file.stderr);
    assert.equal(file.status, 1);
    assert.match(file.stderr, /pack_mine_wrong: no such column: nam/);
    const config = join(folder, 'weir.json');
    writeFileSync(config, JSON.stringify({ packs: { inside: { queries: { q: queries.two } } } }));
    const named = weir('', 'shell', '--list', '--config', config, '--pack', 'inside');
    assert.equal(named.stdout, 'x\n2\n', named.stderr);
    const none = weir('', 'query', '--config', config, '--pack', 'other');
    assert.equal(none.status, 1);
    assert.match(none.stderr, /no pack other .* has inside\n/);
  });
});
