/** `sorting-child.ts EVENTS_DB SQL`: runs a query; prints how much memory it took at most, MiB. */
import { readFileSync, writeFileSync } from 'node:fs';
import { openConnection } from '../../src/sql/connection.ts';

const [path = '', sql = ''] = process.argv.slice(2);
const field = (name: string): number => {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
};
const { db } = openConnection(path);
const statement = db.prepare(sql).raw();
writeFileSync('/proc/self/clear_refs', '5'); // the peak begins here
const before = field('VmRSS');
const [first] = statement.all();
process.stdout.write(JSON.stringify({ first: String(first), grown: field('VmHWM') - before }));
db.close();
