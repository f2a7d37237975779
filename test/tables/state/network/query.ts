/** Rows of the kernel's tables as one line, for a test that starts this in a network namespace. */
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { openTables } from '../../../helpers/tables.ts';

const set = openTables(findStateTables('network'));
const names = ['interface_details', 'interface_addresses', 'routes', 'iptables'];
const rows = names.map((name) => [name, set.all(`SELECT * FROM ${name}`)] as const);
process.stdout.write(`${JSON.stringify(Object.fromEntries(rows))}\n`);
set.close();
