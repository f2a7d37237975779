import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { evaluate, openFunctions } from './connection.ts';

describe('functions: text, encodings, hashes, networks, mathematics', () => {
  let db: Database.Database;
  before(() => {
    db = openFunctions();
  });
  after(() => {
    db.close();
  });

  const gives: readonly [expression: string, value: unknown][] = [
    // split: each character separates, empty parts do not count, parts are trimmed
    ["split('192.168.0.1', '.', 1)", '168'],
    ["split('192.168.0.1', '.0', 0)", '192'],
    ["split('a,b;c', ',;', 2)", 'c'],
    ["split(',,a,,b', ',', 1)", 'b'],
    ["split(' a , b ', ',', 1)", 'b'],
    ["split(', ,a', ',', 0)", ''],
    ["split('a,b', ',', 2)", null],
    ["split('a,b', ',', -1)", null],
    ["split('', ',', 0)", null],
    ["split(NULL, ',', 0)", null],
    // concat: NULL is passed over
    ["concat('a', NULL, 1, 2.5, x'62')", 'a12.5b'],
    ['concat(NULL)', ''],
    ['concat()', null],
    ["concat_ws('-', 'a', NULL, 'b', NULL)", 'a-b'],
    ["concat_ws('-', NULL, 'a')", 'a'],
    ["concat_ws(NULL, 'a', 'b')", 'ab'],
    ["concat_ws(', ', '', '')", ', '],
    ["to_base64('Hello, World')", 'SGVsbG8sIFdvcmxk'],
    ["to_base64('')", ''],
    ["to_base64(x'00ff')", 'AP8='],
    ['to_base64(NULL)', null],
    ["from_base64('SGVsbG8s\r\nIFdvcmxk')", 'Hello, World'],
    ["from_base64('TQ')", 'M'],
    ["from_base64('TQ==')", 'M'],
    ["from_base64('T*==')", ''],
    ["conditional_to_base64('plain ~')", 'plain ~'],
    ["conditional_to_base64('tab\t')", 'dGFiCQ=='],
    ["conditional_to_base64('\u00e4')", 'w6Q='],
    ["md5('')", 'd41d8cd98f00b204e9800998ecf8427e'],
    ["sha1('abc')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ["sha256('abc')", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ["md5(123) = md5('123')", 1],
    ['sha256(NULL)', null],
    ["inet_aton('1.2.3.4')", 16_909_060],
    ["inet_aton('255.255.255.255')", 4_294_967_295],
    ["inet_aton('::1')", null],
    ["inet_aton('1.2.3')", null],
    ["inet_aton('')", null],
    ["in_cidr_block('10.0.0.0/26', '10.0.0.24')", 1],
    ["in_cidr_block('10.0.0.0/26', '10.0.0.64')", 0],
    ["in_cidr_block('198.51.100.14/24', '198.51.100.14')", 1],
    ["in_cidr_block('10.1.2.3/32', '10.1.2.3')", 1],
    ["in_cidr_block('0.0.0.0/0', '10.1.2.3')", 1],
    [
      "in_cidr_block('2a00:a040:019e:f12a:0000:0000:0000:0000/64', '2a00:a040:19e:f12a:658b:3589:b2ba:71a3')",
      1,
    ],
    ["in_cidr_block('2001:db8::/48', '2001:db8:0:ffff:ffff:ffff:ffff:ffff')", 1],
    ["in_cidr_block('2001:db8::/49', '2001:db8:0:8000::')", 0],
    ["in_cidr_block('10.0.0.0/8', '::1')", 0],
    ["in_cidr_block('10.0.0.0/8', '/run/socket')", null],
    ["in_cidr_block('10.0.0.0/8', NULL)", null],
    [
      "community_id_v1('66.35.250.204', '128.232.110.120', 80, 34855, 6, 0)",
      '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    ],
    [
      "community_id_v1('128.232.110.120', '66.35.250.204', 34855, 80, 6)",
      '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    ],
    [
      "community_id_v1('66.35.250.204', '128.232.110.120', 80, 34855, 6, 1)",
      '1:3V71V58M3Ksw/yuFALMcW0LAHvc=',
    ],
    [
      "community_id_v1('127.0.0.1', 'fe80::14b0:de4a:f8e8:522f', 64, 10, 6)",
      '1:Jww+Ua4pSUNl9TvSUwvSHL4n93w=',
    ],
    [
      "community_id_v1('8.8.8.8', '192.168.1.52', 53, 54585, 17, 0)",
      '1:d/FP5EW3wiY1vCndhwleRRKHowQ=',
    ],
    ["community_id_v1('192.168.1.52', 'foo', 10, 53, 17, 0)", null],
    ["community_id_v1('192.168.1.52', '192.168.1.1', 10, 53, 17, 100000000)", null],
    ["community_id_v1('192.168.1.52', '192.168.1.1', 10, 65536, 17)", null],
    ['log(1)', 0],
    ['round(log(exp(2)), 9)', 2],
    ['log(0)', null],
    ['log(-1)', null],
    ['log10(1000)', 3],
    ['sqrt(2.25)', 1.5],
    ['power(2, 10)', 1024],
    ['round(cot(pi() / 4), 9)', 1],
    ['cot(0)', null],
    ['typeof(ceil(1.2)) || ceil(1.2)', 'integer2'],
    ['typeof(floor(-1.2)) || floor(-1.2)', 'integer-2'],
    ['floor(7)', 7],
    ['typeof(floor(1e300))', 'real'],
    ['ceil(NULL)', null],
    ["parent_directory('/usr/bin/env')", '/usr/bin'],
    ["parent_directory('/etc')", '/'],
    ["parent_directory('a')", null],
    ['parent_directory(NULL)', null],
  ];
  for (const [expression, value] of gives) {
    it(`${expression} is ${JSON.stringify(value)}`, () => {
      assert.equal(evaluate(db, expression), value);
    });
  }

  const refused: readonly [expression: string, message: RegExp][] = [
    ["split('a', '', 0)", /no separator/],
    ['concat_ws()', /no separator/],
    ["in_cidr_block('10.0.0.0', '10.0.0.1')", /must be like 10\.0\.0\.0\/8/],
    ["in_cidr_block('10.0.0.0/33', '10.0.0.1')", /must be like/],
    ["in_cidr_block('10.0.0.0/8x', '10.0.0.1')", /must be like/],
    ["community_id_v1_strict('192.168.1.52', 'foo', 10, 53, 17, 0)", /must be IP addresses/],
    ["community_id_v1_strict('::1', '::2', 10, 53, 17, 100000000)", /seed/],
  ];
  for (const [expression, message] of refused) {
    it(`refuses ${expression}`, () => assert.throws(() => evaluate(db, expression), message));
  }

  it('hashes and encodes any bytes as Node does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const bytes = Buffer.from(data);
        for (const name of ['md5', 'sha1', 'sha256']) {
          const expected = createHash(name).update(bytes).digest('hex');
          assert.equal(evaluate(db, `${name}(?)`, bytes), expected);
        }
        assert.equal(evaluate(db, 'to_base64(?)', bytes), bytes.toString('base64'));
        const back = evaluate(db, 'hex(from_base64(?))', bytes.toString('base64'));
        assert.equal(back, bytes.toString('hex').toUpperCase());
      }),
    );
  });

  it('says whether an address is in a block as arithmetic does', () => {
    const address = fc.nat({ max: 0xffffffff });
    const dotted = (n: number): string =>
      [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
    fc.assert(
      fc.property(address, fc.nat({ max: 32 }), fc.nat({ max: 32 }), (a, prefix, flipped) => {
        const b = flipped === 32 ? a : (a ^ (1 << flipped)) >>> 0;
        const inside = prefix === 0 || a >>> (32 - prefix) === b >>> (32 - prefix) ? 1 : 0;
        const block = `${dotted(a)}/${prefix}`;
        assert.equal(evaluate(db, 'in_cidr_block(?, ?)', block, dotted(b)), inside);
      }),
    );
  });

  it('finds programs whose paths have spaces', () => {
    const folder = makeScratch();
    try {
      mkdirSync(join(folder, 'my'));
      for (const name of ['my tool', 'my', 'other']) {
        if (name !== 'my') writeFileSync(join(folder, name), '');
      }
      writeFileSync(join(folder, 'my tool extra'), '');
      const find = (command: string, ...more: (string | number)[]): unknown =>
        evaluate(db, `find_file_path_in_cmd(?${more.map(() => ', ?').join('')})`, command, ...more);
      const sure = (command: string): unknown => evaluate(db, 'is_path_deterministic(?)', command);
      assert.equal(find(`  ${folder}/other -v`), join(folder, 'other'));
      assert.equal(find(`${folder}/my tool -v`), join(folder, 'my tool'));
      assert.equal(find(`"${folder}/my tool" -v`, 1), join(folder, 'my tool'));
      assert.equal(find(`${folder}/my^ tool -v`, 0, '^'), join(folder, 'my tool'));
      assert.equal(find('/no/such/file x'), '');
      assert.equal(sure(`${folder}/other -v`), 1);
      assert.equal(sure(`${folder}/my tool extra`), 0);
      assert.equal(sure('/no/such/file x'), 1);
      assert.throws(() => find('x', 0, 'ab'), /an escape/);
    } finally {
      removeScratch(folder);
    }
  });
});
