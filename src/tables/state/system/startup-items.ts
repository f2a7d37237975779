import { defineTable, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import type { Host } from '../../host/host.ts';
import { userEntries } from '../users/accounts.ts';
import { systemdUnits } from './systemd.ts';

/** Folders of the desktop's autostart and of scripts, below a home and of the system. */
const HOME_ENTRIES = '.config/autostart/';
const HOME_SCRIPTS = '.config/autostart-scripts/';
const ENTRIES = '/etc/xdg/autostart/';
const SCRIPTS = '/etc/init.d/';

interface Folder {
  readonly host: Host;
  readonly path: string;
  readonly username: string;
}

/** Files of a folder, with names in Latin-1. */
function files({ host, path }: Folder): string[] {
  return host
    .byteEntries(path)
    .filter(({ kind }) => kind === 'file' || kind === 'link')
    .map(({ name }) => name);
}

function* scripts(folder: Folder): Iterable<Record<string, string | Uint8Array>> {
  for (const name of files(folder)) {
    yield {
      name: shownPath(name),
      path: shownPath(`${folder.path}${name}`),
      args: '',
      type: 'Startup Item',
      source: folder.path,
      status: 'enabled',
      username: folder.username,
    };
  }
}

/** Desktop entries; only the first group says what is started. */
function* entries(folder: Folder): Iterable<Record<string, string | Uint8Array>> {
  for (const file of files(folder)) {
    const at = fromBytePath(`${folder.path}${file}`);
    const [, group = ''] =
      /^\[Desktop Entry\]\s*\n([\s\S]*?)(?:\n\[|$(?![\s\S]))/m.exec(folder.host.text(at) ?? '') ??
      [];
    const value = (key: string): string =>
      new RegExp(`^${key}[ \\t]*=[ \\t]*(.*)$`, 'm').exec(group)?.[1]?.trim() ?? '';
    const [, path = '', args = ''] = /^("[^"]*"|\S*)\s*(.*)$/.exec(value('Exec')) ?? [];
    yield {
      name: value('Name'),
      path: path.replace(/^"(.*)"$/, '$1'),
      args,
      type: 'Startup Item',
      source: folder.path,
      status: value('Hidden') === 'true' ? 'disabled' : 'enabled',
      username: folder.username,
    };
  }
}

export const startupItems = defineTable({
  name: 'startup_items',
  description:
    "What starts by itself: the desktop's autostart, scripts of init.d, units of systemd (see systemd_units)",
  rows: 250,
  columns: {
    name: text('Name'),
    path: text('Program or file'),
    args: text('Arguments'),
    type: text('Startup Item or systemd unit'),
    source: text('Folder or file that starts it'),
    status: text('enabled or disabled; for units their state, as in active'),
    username: text('Whose it is, or whom it runs as'),
  },
  examples: ["SELECT name, path, username FROM startup_items WHERE type = 'Startup Item'"],
  *generate(context) {
    const { host } = context;
    for (const { username, uid, gid, directory } of userEntries(host)) {
      const home = { host: host.as({ uid, gid }), username };
      const at = directory.endsWith('/') ? directory : `${directory}/`;
      yield* entries({ ...home, path: `${at}${HOME_ENTRIES}` });
      yield* scripts({ ...home, path: `${at}${HOME_SCRIPTS}` });
    }
    yield* scripts({ host, path: SCRIPTS, username: '' });
    yield* entries({ host, path: ENTRIES, username: '' });
    for (const unit of systemdUnits(context)) {
      yield {
        name: unit.get('Id'),
        path: unit.get('FragmentPath') ?? '',
        args: '',
        type: 'systemd unit',
        source: unit.get('SourcePath') ?? '',
        status: unit.get('ActiveState'),
        username: unit.get('User') ?? '',
      };
    }
  },
});
