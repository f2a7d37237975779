import { defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';

/** Sections of an ini file as yum reads it: an indented line goes on with the value before. */
export function* sections(
  lines: readonly string[],
): Iterable<{ readonly name: string; readonly values: ReadonlyMap<string, string> }> {
  let name = '';
  let values = new Map<string, string>();
  let key = '';
  for (const line of lines) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const header = /^\[(.*)\]/.exec(line);
    if (header !== null) {
      if (name !== '') yield { name, values };
      name = header[1] ?? '';
      values = new Map();
      key = '';
    } else if (/^\s/.test(line) && key !== '') {
      values.set(key, `${values.get(key)}\n${trimmed}`.trim());
    } else {
      const equals = line.indexOf('=');
      key = equals > 0 ? line.slice(0, equals).trim() : '';
      if (key !== '') values.set(key, line.slice(equals + 1).trim());
    }
  }
  if (name !== '') yield { name, values };
}

/** yum's own file is a link to dnf's where both are. */
const MAIN = ['/etc/yum.conf', '/etc/dnf/dnf.conf'];
const FOLDER = '/etc/yum.repos.d';

export const yumSources = defineTable({
  name: 'yum_sources',
  description: 'Repositories that yum and dnf take packages from',
  columns: {
    name: text('Name of the repository'),
    source: text('File that names it'),
    baseurl: text('Address'),
    mirrorlist: text('Address of a list of mirrors'),
    metalink: text('Address of a metalink file'),
    enabled: text('Whether it is used; empty when the file does not say (then it is)'),
    gpgcheck: text('Whether signatures of packages are checked'),
    gpgkey: text('Address of the key'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: ["SELECT name, baseurl, source FROM yum_sources WHERE gpgcheck = '0'"],
  *generate({ host }) {
    const main = MAIN.find((file) => host.exists(file)) ?? '/etc/yum.conf';
    let folders = [FOLDER];
    const files = [main];
    for (const { name, values } of sections(host.lines(main))) {
      const set = name === 'main' ? values.get('reposdir') : undefined;
      if (set !== undefined)
        folders = set.split(/[\s,]+/).filter((folder) => folder.startsWith('/'));
    }
    for (const folder of folders) {
      const names = host.names(folder).filter((name) => name.endsWith('.repo'));
      files.push(...names.sort().map((name) => `${folder}/${name}`));
    }
    for (const source of files) {
      for (const { name, values } of sections(host.lines(source))) {
        if (name === 'main') continue;
        const value = (key: string): string => values.get(key) ?? '';
        yield {
          name: values.get('name') ?? name,
          source,
          baseurl: value('baseurl'),
          mirrorlist: value('mirrorlist'),
          metalink: value('metalink'),
          enabled: value('enabled'),
          gpgcheck: value('gpgcheck'),
          gpgkey: value('gpgkey'),
        };
      }
    }
  },
});
