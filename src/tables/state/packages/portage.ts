import type { Host } from '../../host/host.ts';
import { meaningful, words } from '../../host/parse.ts';

export interface Atom {
  readonly package: string;
  readonly version: string;
}

/** A hyphen, then what the package manager specification says of versions (chapter 3.2). */
const VERSION = /-(\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?\*?)(?:$|:)/;

/**
 * `>=cat/name-1.2-r3` is package `cat/name`, version `>=1.2-r3`; of the operators, osquery leaves
 * `=` out where it stands alone.
 */
export function parseAtom(text: string): Atom {
  const [, operator = '', rest = ''] = /^([<>=~!]*)(.*?)\/?$/.exec(text) ?? [];
  const slash = rest.indexOf('/');
  const found = VERSION.exec(rest.slice(slash + 1));
  const before = operator === '=' ? '' : operator;
  if (found === null) return { package: rest, version: before };
  return { package: rest.slice(0, slash + 1 + found.index), version: `${before}${found[1]}` };
}

const INSTALLED = '/var/db/pkg';

/** Folders of installed packages, one each. */
export function* installed(host: Host): Iterable<Atom & { readonly folder: string }> {
  for (const category of host.entries(INSTALLED)) {
    if (category.kind !== 'directory') continue;
    for (const { name, kind } of host.entries(`${INSTALLED}/${category.name}`)) {
      // A package that is just being merged has a folder that begins so.
      if (kind !== 'directory' || name.startsWith('-MERGING-')) continue;
      const atom = parseAtom(`${category.name}/${name}`);
      yield { ...atom, folder: `${INSTALLED}/${category.name}/${name}` };
    }
  }
}

/** Words of each line of a configuration of portage: one file, or the files of a folder. */
export function* configuration(host: Host, path: string): Iterable<string[]> {
  const folder = host.stat(path)?.isDirectory() === true;
  const files = folder
    ? host
        .names(path)
        .filter((name) => !name.startsWith('.') && !name.endsWith('~'))
        .sort()
        .map((name) => `${path}/${name}`)
    : [path];
  for (const file of files) {
    for (const line of meaningful(host.lines(file))) yield words(line);
  }
}
