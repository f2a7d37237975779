/** The npm packages that weir needs at run time, without what only their developers need. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { run } from './run.ts';

interface Locked {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>
  >;
}

/** Only headers, for building the addon. */
const BUILD_ONLY = new Set(['node-addon-api']);

/** Never loaded: sources of what is shipped compiled, types, maps, tests, papers. */
const LEFT_OUT: readonly RegExp[] = [
  /\.(map|md|markdown|flow|mts|cts|d\.ts|html|gyp|gypi|sh|yml|yaml|tsbuildinfo)$/,
  /\/\.[^/]+(\/|$)/, // hidden: settings of their developers' tools
  /^better-sqlite3\/(deps|src)(\/|$)/,
  /^node-linux-[^/]+\/(include|share)(\/|$)/,
  /^((knex|resolve)\/bin(\/|$)|pino\/bin\.js$|yaml\/bin\.mjs$)/, // their commands
  /^rxjs\/(src|dist\/(esm|esm5|bundles|types))(\/|$)/,
  /^zod\/src(\/|$)/,
  /^[^/]+\/(test|tests|__tests__|benchmarks?|bench|examples?|docs?|bin-test)(\/|$)/,
  /^(@[^/]+\/)?[^/]+\/(Makefile|tsconfig\.json|bower\.json)$/,
  /\/scripts\/(runknex|.*test).*/,
];

const KEPT = /\/(LICEN[CS]E|COPYING|NOTICE)[^/]*$/i;

/** Package folders below the checkout, as the lock file has them for this processor. */
function productionModules(root: string): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Locked;
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true)
    .map(([path]) => path)
    .filter((path) => !BUILD_ONLY.has(path.slice('node_modules/'.length)))
    .filter((path) => existsSync(join(root, path)));
}

function wanted(path: string): boolean {
  const prebuilt = /^better-sqlite3\/prebuilds\/(.+)\.node$/.exec(path)?.[1];
  if (prebuilt !== undefined) return prebuilt === `linux-${process.arch}`;
  return KEPT.test(path) || !LEFT_OUT.some((pattern) => pattern.test(path));
}

/** Copies them to `home`/node_modules, with Node itself stripped and in node_modules/.bin. */
export function copyModules(root: string, home: string): void {
  const modules = join(root, 'node_modules');
  for (const path of productionModules(root)) {
    cpSync(join(root, path), join(home, path), {
      recursive: true,
      filter: (source) => {
        const inside = relative(modules, source);
        // A package inside a package has an entry of its own.
        if (source !== join(root, path) && basename(source) === 'node_modules') return false;
        return wanted(inside);
      },
    });
  }
  const sqlite = `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`;
  run('strip', ['--strip-unneeded', join(home, sqlite)]);
  const node = `node_modules/node-linux-${process.arch}/bin/node`;
  run('strip', ['-o', join(home, node), join(root, node)]);
  const link = join(home, 'node_modules/.bin/node');
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(`../node-linux-${process.arch}/bin/node`, link);
}
