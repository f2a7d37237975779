import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const STARTER = fileURLToPath(new URL('../../bin/weir.js', import.meta.url));

/** V8 passes over what it compiled with other options. */
function options(): string[] {
  const words = /exec "\$node" ((?:--\S+ )+)/.exec(readFileSync(STARTER, 'utf8'))?.[1] ?? '';
  return words.trim().split(' ');
}

describe('weir --fill-cache', () => {
  it('leaves nothing to compile for commands and their threads', () => {
    const folder = makeScratch();
    try {
      const weir = (...args: string[]): string =>
        execFileSync(process.execPath, [...options(), MAIN, ...args], {
          encoding: 'utf8',
          env: { ...process.env, NODE_COMPILE_CACHE: folder },
        });
      const cached = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' });
      assert.ok(options().length > 2);
      assert.equal(weir('--fill-cache'), '');
      const before = cached();
      assert.ok(before.length > 500, String(before.length));
      assert.match(weir('query', '--json', 'SELECT count(*) > 0 AS some FROM processes'), /1/);
      assert.deepEqual(cached(), before);
    } finally {
      removeScratch(folder);
    }
  });
});
