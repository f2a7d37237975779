import type { TableContext } from '../../bridge/context.ts';
import {
  defineTable,
  integer,
  MOUNT_NAMESPACE_ID,
  PID_WITH_NAMESPACE,
  text,
} from '../../bridge/table.ts';
import { asText, at, type JsonObject, jsonObject } from '../../host/json.ts';
import { walk } from '../../host/walk.ts';

const PATTERNS = [
  '/usr/local/lib',
  '/usr/lib',
  '/root/.nvm/versions/node/%/lib',
  '/home/%/.npm-global/lib',
  '/home/%/.nvm/versions/node/%/lib',
];
const MAX_DEPTH = 100;
/** A manifest is small; a larger file is none. */
const LIMIT = { limit: 1 << 20, quiet: true };

interface Found {
  readonly manifest: JsonObject;
  readonly path: string;
  readonly depth: number;
}

/** Folders of packages in a node_modules folder; of links, as `npm link` makes them, too. */
function* folders(context: TableContext, modules: string): Iterable<string> {
  for (const { name, kind } of context.host.entries(modules)) {
    if (name.startsWith('.') || kind === 'file' || kind === 'other') continue;
    if (!name.startsWith('@')) yield `${modules}/${name}`;
    else
      for (const scoped of context.host.entries(`${modules}/${name}`))
        if (scoped.kind === 'directory' || scoped.kind === 'link')
          yield `${modules}/${name}/${scoped.name}`;
  }
}

function* packages(context: TableContext, site: string, maxDepth: number): Iterable<Found> {
  // Links may lead in circles.
  const seen = new Set<string>();
  const queue = [{ folder: site, depth: 0 }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { folder, depth } = next;
    const modules = `${folder}/node_modules`;
    const stat = context.host.stat(modules);
    if (stat?.isDirectory() !== true || seen.has(`${stat.dev}:${stat.ino}`)) continue;
    seen.add(`${stat.dev}:${stat.ino}`);
    for (const child of folders(context, modules)) {
      context.checkpoint();
      const path = `${child}/package.json`;
      const manifest = jsonObject(context.host, path, LIMIT);
      if (manifest === undefined) continue;
      yield { manifest, path, depth };
      if (maxDepth < 0 || depth < maxDepth) queue.push({ folder: child, depth: depth + 1 });
    }
  }
}

/** A name, or an object that says more. */
function either(value: unknown, key: string): string {
  return typeof value === 'string' ? value : asText(at(value, key));
}

export const npmPackages = defineTable({
  name: 'npm_packages',
  description:
    'Packages of npm that are installed globally, or below a folder that the query names',
  columns: {
    name: text('Name'),
    version: text('Version', { collate: 'version' }),
    description: text('What it says to be'),
    author: text('Author'),
    license: text('Licence'),
    homepage: text('Home page'),
    path: text('Its package.json'),
    directory: text('Folder whose node_modules are looked through; default: the global ones', {
      index: true,
      optimized: true,
    }),
    depth: integer('How many packages it lies in'),
    max_depth: integer('Deepest that is looked for; -1 for no end; default 100', {
      additional: true,
      hidden: true,
      operators: ['='],
    }),
    pid_with_namespace: PID_WITH_NAMESPACE,
    mount_namespace_id: MOUNT_NAMESPACE_ID,
  },
  examples: [
    'SELECT name, version, path FROM npm_packages WHERE depth = 0',
    "SELECT name, version FROM npm_packages WHERE directory = '/opt/app'",
  ],
  *generate(context) {
    const { host } = context;
    const asked = context.texts('directory');
    const options = {
      checkpoint: () => context.checkpoint(),
      warn: (message: string) => context.warn(message),
    };
    const sites =
      asked ??
      PATTERNS.flatMap((pattern) => [...walk(host, pattern, options)]).map((path) =>
        Buffer.from(path, 'latin1').toString(),
      );
    for (const max_depth of context.integers('max_depth') ?? [MAX_DEPTH]) {
      for (const directory of sites) {
        if (!directory.startsWith('/')) continue;
        const site = directory.replace(/\/+$/, '');
        for (const { manifest, path, depth } of packages(context, site, max_depth)) {
          yield {
            name: asText(manifest.name),
            version: asText(manifest.version),
            description: asText(manifest.description),
            author: either(manifest.author, 'name'),
            license: either(manifest.license, 'url') || either(manifest.license, 'type'),
            homepage: asText(manifest.homepage),
            path,
            directory,
            depth,
            max_depth,
          };
        }
      }
    }
  },
});
