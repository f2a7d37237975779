import { defineTable, text } from '../../bridge/table.ts';
import { words } from '../../host/parse.ts';
import { installed } from './portage.ts';

export const portageUse = defineTable({
  name: 'portage_use',
  description: 'USE flags that installed packages were built with',
  columns: {
    package: text('Category and name'),
    version: text('Version', { collate: 'version' }),
    use: text('Flag'),
  },
  examples: ["SELECT package FROM portage_use WHERE use = 'caps'"],
  *generate({ host }) {
    for (const { package: name, version, folder } of installed(host)) {
      for (const use of words(host.value(`${folder}/USE`) ?? ''))
        yield { package: name, version, use };
    }
  },
});
