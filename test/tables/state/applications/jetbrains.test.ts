import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { Host } from '../../../../src/tables/host/host.ts';
import { zipEntry } from '../../../../src/tables/host/zip.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const ANA = 54_321;
const BASE = '/home/ana/.local/share/JetBrains';

/** An archive as zip(1) makes it; a name that begins with = is not packed. */
function zip(files: Readonly<Record<string, string>>, comment = ''): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const [key, content] of Object.entries(files)) {
    const name = Buffer.from(key.replace(/^=/, ''));
    const bytes = Buffer.from(content);
    const packed = key.startsWith('=') ? bytes : deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(key.startsWith('=') ? 0 : 8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const extra = Buffer.from([0x55, 0x54, 1, 0, 0]);
    const local = Buffer.from(common);
    local.writeUInt16LE(extra.length, 24);
    const head = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), local, name, extra, packed]);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 0, 'latin1');
    common.copy(entry, 6);
    entry.writeUInt32LE(position, 42);
    directory.push(entry, name);
    bodies.push(head);
    position += head.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(position, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...bodies, list, end, Buffer.from(comment)]);
}

const plugin = (name: string, version: string, vendor: string): string =>
  `<?xml version="1.0"?><!-- <name>no</name> --><idea-plugin url="x"><id>a</id><name>${name}</name>
   <vendor email="a@b.example" url="https://b.example">${vendor}</vendor><version>${version}</version></idea-plugin>`;

describe('tables: plugins of JetBrains’ IDEs', () => {
  let root: string;
  let set: TableSet;

  before(() => {
    root = makeScratch();
    chmodSync(root, 0o755); // homes are read as their users
    const idea = `${BASE}/IntelliJIdea2024.3`;
    writeTree(root, {
      '/etc/passwd': `ana:x:${ANA}:${ANA}::/home/ana:/bin/sh\n`,
      [`${idea}/copilot/lib/gson-2.8.jar`]: zip({ 'a/B.class': 'x' }),
      [`${idea}/copilot/lib/copilot-1.2.jar`]: zip(
        { 'a/B.class': 'x', 'META-INF/plugin.xml': plugin('Git &amp; Co', '1.2.3', 'A') },
        'a comment',
      ),
      [`${idea}/one.jar`]: zip({ '=META-INF/plugin.xml': plugin('<![CDATA[One]]>', '7', 'B') }),
      [`${idea}/broken.jar`]: 'PK no archive',
      [`${BASE}/PyCharmCE2023.1/plugins/two/lib/two.jar`]: zip({
        'META-INF/plugin.xml': '<idea-plugin><name>Two</name></idea-plugin>',
      }),
      [`${BASE}/consentOptions/lib/x.jar`]: zip({ 'META-INF/plugin.xml': plugin('x', '1', 'x') }),
    });
    const own = spawnSync('chown', ['-R', `${ANA}:${ANA}`, join(root, 'home/ana')]);
    assert.equal(own.status, 0);
    set = openTables(findStateTables('applications'), root);
  });

  after(() => {
    set.close();
    removeScratch(root);
  });

  it('jetbrains_plugins: folders and jars', () => {
    const sql = 'SELECT * FROM jetbrains_plugins ORDER BY name';
    const idea = { product_type: 'IntelliJIdea', uid: ANA };
    assert.deepEqual(set.all(sql), [
      {
        ...idea,
        name: 'Git & Co',
        version: '1.2.3',
        vendor: 'A',
        path: `${BASE}/IntelliJIdea2024.3/copilot`,
      },
      {
        ...idea,
        name: 'One',
        version: '7',
        vendor: 'B',
        path: `${BASE}/IntelliJIdea2024.3/one.jar`,
      },
      {
        product_type: 'PyCharmCommunityEdition',
        uid: ANA,
        name: 'Two',
        version: '',
        vendor: '',
        path: `${BASE}/PyCharmCE2023.1/plugins/two`,
      },
    ]);
  });

  it('archives may hold anything', () => {
    const host = new Host('', () => {});
    const path = join(root, 'any.zip');
    const whole = zip({ 'a/b': 'content', 'META-INF/plugin.xml': 'x'.repeat(1000) });
    writeFileSync(path, whole);
    const read = () => zipEntry(host, path, 'META-INF/plugin.xml', 4096);
    assert.equal(read()?.toString(), 'x'.repeat(1000));
    assert.equal(zipEntry(host, path, 'META-INF/plugin.xml', 999), undefined, 'too large');
    assert.equal(zipEntry(host, path, 'META-INF', 4096), undefined);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        writeFileSync(path, changed);
        assert.ok((read()?.length ?? 0) <= 4096);
      }),
    );
  });
});
