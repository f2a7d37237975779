/** `temporary-files-child.ts EVENTS_DB SQL`: runs a query as `weir query` does without a daemon. */
import { boundTemporaryFiles, openConnection } from '../../src/sql/connection.ts';

const [path = '', sql = ''] = process.argv.slice(2);
boundTemporaryFiles();
openConnection(path).db.prepare(sql).all();
