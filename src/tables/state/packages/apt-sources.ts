import { defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';
import { meaningful, words } from '../../host/parse.ts';
import { type Stanza, stanzas } from './stanzas.ts';

const FOLDER = '/etc/apt/sources.list.d';
const LISTS = '/var/lib/apt/lists';

interface Source {
  readonly uri: string;
  readonly suite: string;
}

/** `deb [options] URI suite components`; blanks may be inside the brackets. */
const LINE = /^deb\s+(?:\[[^\]]*\]\s*)?(\S+:\S+)\s+(\S+)/;

function* ofLines(host: Host, file: string): Iterable<Source> {
  for (const line of meaningful(host.lines(file))) {
    const [, uri, suite] = LINE.exec(line) ?? [];
    if (uri !== undefined && suite !== undefined) yield { uri, suite };
  }
}

const NO = new Set(['no', 'false', 'without', 'off', 'disable']);

function* ofStanzas(host: Host, file: string): Iterable<Source> {
  for (const stanza of stanzas(host.lines(file))) {
    if (NO.has((stanza.get('enabled') ?? '').toLowerCase())) continue;
    if (!words(stanza.get('types') ?? '').includes('deb')) continue;
    for (const uri of words(stanza.get('uris') ?? '')) {
      for (const suite of words(stanza.get('suites') ?? '')) yield { uri, suite };
    }
  }
}

/** How apt names the files of an archive below its lists. */
function listName(target: string, suite: string): string {
  const path = suite.endsWith('/')
    ? `${target}/${suite.replace(/\/+$/, '')}`
    : `${target}/dists/${suite}`;
  return path
    .replace(/^[^@/]*@/, '')
    .replace(/\/+\.?$/, '')
    .replaceAll(/[/_]+/g, (all) => (all.includes('_') ? '%5f' : '_'));
}

/** What the archive says of itself, as far as apt has fetched it. */
function release(host: Host, target: string, suite: string): Stanza | undefined {
  const name = `${LISTS}/${listName(target, suite)}`;
  for (const file of [`${name}_InRelease`, `${name}_Release`]) {
    const lines = host.lines(file);
    // In front of a signed file's fields is the header of the signature.
    const start =
      lines.indexOf('-----BEGIN PGP SIGNED MESSAGE-----') < 0 ? 0 : lines.indexOf('') + 1;
    for (const stanza of stanzas(lines.slice(start))) return stanza;
  }
  return undefined;
}

export const aptSources = defineTable({
  name: 'apt_sources',
  description: 'Archives that apt takes packages from',
  columns: {
    name: text('Address without its scheme, and suite'),
    source: text('File that names it'),
    base_uri: text('Address'),
    release: text('Code name of the release'),
    version: text('Version of the release', { collate: 'version_dpkg' }),
    maintainer: text('Who says to have made it (Origin)'),
    components: text('Components that the archive has'),
    architectures: text('Architectures that the archive has'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: [
    "SELECT source, base_uri FROM apt_sources WHERE maintainer NOT IN ('Debian', 'Ubuntu')",
  ],
  *generate({ host }) {
    const names = host.names(FOLDER).sort();
    const files = [
      '/etc/apt/sources.list',
      ...names.filter((name) => name.endsWith('.list')).map((name) => `${FOLDER}/${name}`),
      ...names.filter((name) => name.endsWith('.sources')).map((name) => `${FOLDER}/${name}`),
    ];
    for (const source of files) {
      const found = source.endsWith('.sources') ? ofStanzas(host, source) : ofLines(host, source);
      for (const { uri, suite } of found) {
        const base_uri = uri.replace(/\/+$/, '');
        const target = base_uri.replace(/^[^:]*:\/*/, '');
        const facts = release(host, target, suite);
        yield {
          name: `${target} ${suite}`,
          source,
          base_uri,
          release: facts?.get('codename') ?? '',
          version: facts?.get('version') ?? '',
          maintainer: facts?.get('origin') ?? '',
          components: facts?.get('components') ?? '',
          architectures: facts?.get('architectures') ?? '',
        };
      }
    }
  },
});
