import { VERSION } from '../../../config/version.ts';
import { bigint, defineTable, text } from '../../bridge/table.ts';

export const osqueryExtensions = defineTable({
  name: 'osquery_extensions',
  description:
    'The core alone, in the words of osquery: weir has no extensions but tables of your own',
  rows: 1,
  columns: {
    uuid: bigint('Always 0'),
    name: text('core'),
    version: text("weir's version", { collate: 'version' }),
    sdk_version: text('Always empty', { collate: 'version' }),
    path: text('Always empty'),
    type: text('core'),
  },
  examples: ['SELECT name, version FROM osquery_extensions'],
  *generate() {
    yield { uuid: 0, name: 'core', version: VERSION, sdk_version: '', path: '', type: 'core' };
  },
});
