import { readFileSync } from 'node:fs';

const PACKAGE = new URL('../../package.json', import.meta.url);

/** weir's own. */
export const VERSION = (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { readonly version: string })
  .version;

/** The osquery whose tables and packs these are: a pack for a later one is left out. */
export const OSQUERY_VERSION = '5.23.0';
