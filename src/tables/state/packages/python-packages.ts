import { bigint, defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { toBytePath } from '../../host/byte-path.ts';
import type { Host } from '../../host/host.ts';
import { walk } from '../../host/walk.ts';
import { below, homes } from '../users/homes.ts';

const PATTERNS = [
  '/usr/local/lib/python%/dist-packages',
  '/usr/local/lib/python%/site-packages',
  '/usr/local/lib64/python%/site-packages',
  '/usr/lib/python%/dist-packages',
  '/usr/lib/python%/site-packages',
  '/usr/lib64/python%/site-packages',
  '/opt/%/lib/python%/site-packages',
];
/** Of a user: pip install --user, pyenv, virtual environments at their usual places. */
const IN_HOME = [
  '.local/lib/python%/site-packages',
  '.pyenv/versions/%/lib/python%/site-packages',
  '.venv/lib/python%/site-packages',
  'venv/lib/python%/site-packages',
];
/** Readmes are in it, too. */
const LIMIT = { limit: 4 << 20 };
const FIELDS = new Set([
  'name',
  'version',
  'summary',
  'author',
  'author-email',
  'license',
  'license-expression',
]);

/** Fields at the beginning of METADATA; the first of each counts. */
function metadata(lines: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of lines) {
    if (line.trim() === '') break;
    const colon = line.indexOf(':');
    const field = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (FIELDS.has(field) && !values.has(field)) values.set(field, line.slice(colon + 1).trim());
  }
  return values;
}

/** Where an installed package says what it is; undefined when the entry is none. */
function file(host: Host, path: string): string | undefined {
  if (path.endsWith('.dist-info')) return `${path}/METADATA`;
  if (!path.endsWith('.egg-info')) return undefined;
  // setuptools made a folder of it, distutils a file.
  return host.stat(path)?.isDirectory() === true ? `${path}/PKG-INFO` : path;
}

function* packages(host: Host, directory: string) {
  const site = directory.replace(/\/+$/, '');
  for (const name of host.names(site)) {
    const path = `${site}/${name}`;
    const described = file(host, path);
    if (described === undefined) continue;
    const values = metadata(host.lines(described, LIMIT));
    if (!values.has('name')) continue;
    yield {
      name: values.get('name'),
      version: values.get('version') ?? '',
      summary: values.get('summary') ?? '',
      author: values.get('author') ?? values.get('author-email') ?? '',
      license: values.get('license') ?? values.get('license-expression') ?? '',
      path,
      directory,
    };
  }
}

export const pythonPackages = defineTable({
  name: 'python_packages',
  description: 'Python packages of the system and of users, or of a folder that the query names',
  columns: {
    name: text('Name'),
    uid: bigint('User whose home they are in; 0 for those of the system', { index: true }),
    version: text('Version', { collate: 'version' }),
    summary: text('What it says to be'),
    author: text('Author'),
    license: text('Licence'),
    path: text('Its .dist-info or .egg-info'),
    directory: text('Folder that it is installed in', { index: true, optimized: true }),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: ["SELECT name, version, path FROM python_packages WHERE name = 'requests'"],
  *generate(context) {
    const { host } = context;
    const options = {
      checkpoint: () => context.checkpoint(),
      warn: (message: string) => context.warn(message),
    };
    const shown = (path: string): string => Buffer.from(path, 'latin1').toString();
    const uids = context.integers('uid');
    const asked = context.texts('directory');
    if (uids?.includes(0) !== false) {
      const sites = asked ?? PATTERNS.flatMap((each) => [...walk(host, each, options)]).map(shown);
      for (const directory of sites) {
        if (!directory.startsWith('/')) continue;
        for (const row of packages(host, directory)) yield { ...row, uid: 0 };
      }
    }
    if (asked !== undefined) return;
    for (const { uid, directory, host: own } of homes(context)) {
      // Folders without a home of their own are the system's.
      if (directory === '/') continue;
      for (const pattern of IN_HOME) {
        for (const site of walk(own, toBytePath(below(directory, pattern)), options)) {
          for (const row of packages(own, shown(site))) yield { ...row, uid };
        }
      }
    }
  },
});
