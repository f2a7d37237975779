import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** As docs/architecture.md orders them; `native` is the door to the addon, which all may open. */
const ORDER = [
  ...['config', 'native', 'sensor', 'stream', 'tables', 'feeds', 'sql', 'results', 'detect'],
  ...['daemon', 'cli'],
];

describe('rooms', () => {
  it('a folder of src imports only from those before it', () => {
    const against: string[] = [];
    const rank = (path: string): number => ORDER.indexOf(path.split('/')[1] ?? '');
    const files = globSync('src/**/*.ts', { cwd: ROOT });
    for (const file of files) {
      assert.notEqual(rank(file), -1, file);
      const source = readFileSync(join(ROOT, file), 'utf8');
      for (const [, to = ''] of source.matchAll(/(?:from |import\()'(\.[^']*)'/g)) {
        const target = normalize(join(dirname(file), to));
        if (target.startsWith('src/') && rank(target) > rank(file)) against.push(`${file}: ${to}`);
      }
    }
    assert.ok(files.length > 300);
    assert.deepEqual(against, []);
  });
});
