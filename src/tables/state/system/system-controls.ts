import { posix } from 'node:path';
import type { TableContext } from '../../bridge/context.ts';
import { defineTable, elsewhere, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';

const ROOT = '/proc/sys';

/** Folders of sysctl.d(5), the first one wins for a name; /etc/sysctl.conf comes last and wins. */
const FOLDERS = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];

/** A name with / between its parts: in net/ipv4/conf/eth0.1/forwarding a dot is part of a name. */
function parts(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== '.') return name;
  // As sysctl(8): where dots separate, a slash stands for a dot.
  return name.replaceAll(/[./]/g, (each) => (each === '.' ? '/' : '.'));
}

/** What the configuration sets, by path below /proc/sys. */
function configured(host: Host): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of FOLDERS.toReversed()) {
    for (const name of host.names(folder)) {
      if (name.endsWith('.conf')) files.set(name, posix.join(folder, name));
    }
  }
  const ordered = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  const values = new Map<string, string>();
  for (const path of [...ordered, '/etc/sysctl.conf']) {
    for (const line of host.lines(path)) {
      const [, key, value] = /^\s*-?([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) values.set(parts(key), value);
    }
  }
  return values;
}

function* leaves(context: TableContext, below: string): Iterable<string> {
  context.checkpoint();
  for (const { name, kind } of context.host.entries(posix.join(ROOT, below), { quiet: true })) {
    const path = posix.join(below, name);
    if (kind === 'directory') yield* leaves(context, path);
    else yield path;
  }
}

/** Paths below /proc/sys that the query asks for; a name that leads elsewhere is none. */
function* asked(context: TableContext<'name' | 'subsystem' | 'oid'>): Iterable<string> {
  const names = context.texts('name');
  if (names !== undefined) {
    for (const name of names) {
      const path = parts(name);
      if (path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')) yield path;
    }
    return;
  }
  const subsystems = context.texts('subsystem') ?? context.host.names(ROOT);
  for (const subsystem of subsystems) {
    if (subsystem !== '' && !/^\.|\//.test(subsystem)) yield* leaves(context, subsystem);
  }
}

export const systemControls = defineTable({
  name: 'system_controls',
  description: 'Settings of the kernel, from /proc/sys, and what sysctl.d and sysctl.conf say',
  rows: 1000,
  columns: {
    name: text('Name with dots, as sysctl shows it', { index: true }),
    oid: text('Not on Linux: always empty', { additional: true, operators: [] }),
    subsystem: text('First part of the name', { additional: true, operators: ['='] }),
    current_value: text('Value now; empty where it can only be written'),
    config_value: text('Value that the configuration gives'),
    type: text('Always string'),
    field_name: elsewhere('TEXT'),
  },
  examples: [
    "SELECT current_value, config_value FROM system_controls WHERE name = 'kernel.kptr_restrict'",
    "SELECT name, current_value FROM system_controls WHERE subsystem = 'fs'",
  ],
  *generate(context) {
    const { host } = context;
    const settings = context.once('settings', () =>
      context.uses('config_value') ? configured(host) : new Map<string, string>(),
    );
    for (const path of asked(context)) {
      const stat = host.stat(posix.join(ROOT, path));
      if (stat === undefined || !stat.isFile()) continue;
      const readable = (stat.mode & 0o444n) !== 0n && context.uses('current_value');
      const name = path.replaceAll(/[./]/g, (each) => (each === '/' ? '.' : '/'));
      yield {
        name,
        oid: '',
        subsystem: path.split('/')[0],
        current_value: readable ? (host.value(posix.join(ROOT, path)) ?? '') : '',
        config_value: settings.get(path) ?? '',
        type: 'string',
      };
    }
  },
});
