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

  it('no two files import each other, however many lie between them', () => {
    const imports = new Map<string, readonly string[]>();
    for (const file of globSync('src/**/*.ts', { cwd: ROOT })) {
      const source = readFileSync(join(ROOT, file), 'utf8');
      // Those at the beginning of a line: what is imported when it runs comes later.
      const to = [...source.matchAll(/^(?:import|export|\}) .*?from '(\.[^']*)'/gm)];
      imports.set(
        file,
        to.map(([, path = '']) => normalize(join(dirname(file), path))),
      );
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (done.has(file) || path.includes(file)) return;
      for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of imports.keys()) visit(file, []);
    assert.ok([...imports.values()].flat().length > 1000);
    assert.deepEqual(circles, []);
  });
});
