/** Rows of the kernel's tables as one line, for a test that starts this in a network namespace. */
import { NETWORK_TABLES } from '../../../../src/tables/state/network/index.ts';
import { openTables } from '../../../helpers/tables.ts';

const set = openTables(NETWORK_TABLES);
const names = ['interface_details', 'interface_addresses', 'routes', 'iptables'];
const rows = names.map((name) => [name, set.all(`SELECT * FROM ${name}`)] as const);
process.stdout.write(`${JSON.stringify(Object.fromEntries(rows))}\n`);
set.close();
