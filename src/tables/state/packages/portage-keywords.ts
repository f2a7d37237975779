import { defineTable, integer, text } from '../../bridge/table.ts';
import { configuration, parseAtom } from './portage.ts';

interface Entry {
  keyword: string;
  mask: boolean;
  unmask: boolean;
}

export const portageKeywords = defineTable({
  name: 'portage_keywords',
  description: 'Packages whose keywords or masks are set in /etc/portage',
  columns: {
    package: text('Category and name'),
    version: text('Versions meant, with the operator before', { collate: 'version' }),
    keyword: text('Keywords that are accepted'),
    mask: integer('1 when it is masked'),
    unmask: integer('1 when it is unmasked'),
  },
  examples: ['SELECT package, version FROM portage_keywords WHERE unmask = 1'],
  *generate({ host }) {
    const entries = new Map<string, Entry>();
    const entry = (atom: string): Entry => {
      const found = entries.get(atom) ?? { keyword: '', mask: false, unmask: false };
      entries.set(atom, found);
      return found;
    };
    // The newer name of the first is the second.
    for (const file of ['keywords', 'accept_keywords']) {
      for (const [atom = '', ...keywords] of configuration(host, `/etc/portage/package.${file}`))
        entry(atom).keyword = keywords.join(' ');
    }
    for (const [atom = ''] of configuration(host, '/etc/portage/package.mask'))
      entry(atom).mask = true;
    for (const [atom = ''] of configuration(host, '/etc/portage/package.unmask'))
      entry(atom).unmask = true;
    for (const [atom, values] of entries) yield { ...parseAtom(atom), ...values };
  },
});
