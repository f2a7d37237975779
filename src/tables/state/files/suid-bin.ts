import { constants } from 'node:fs';
import type { TableContext } from '../../bridge/context.ts';
import { defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import type { Host, Owner } from '../../host/host.ts';
import { groupEntries, userEntries } from '../users/accounts.ts';
import { markedFiles } from './marked-files.ts';

/** Where osquery looks. */
const FOLDERS = [
  '/bin',
  '/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/tmp',
];

const SETUID = 0o4000;
const SETGID = 0o2000;

/** Deeper than any honest tree. */
const MAX_DEPTH = 128;

interface Found {
  readonly path: string;
  readonly owner: Owner;
}

function* setIdFiles(context: TableContext, folder: string): Iterable<Found> {
  for (const { path, owner } of markedFiles(context, folder, SETUID | SETGID, MAX_DEPTH)) {
    if (owner !== undefined) yield { path, owner };
    else yield* leadingTo(context.host, path);
  }
}

/** What a link leads to. */
function* leadingTo(host: Host, path: string): Iterable<Found> {
  const owner = host.owner(fromBytePath(path));
  // A folder may give its group on.
  if (owner === undefined || (owner.mode & constants.S_IFMT) !== constants.S_IFREG) return;
  if ((owner.mode & (SETUID | SETGID)) !== 0) yield { path, owner };
}

export const suidBin = defineTable({
  name: 'suid_bin',
  description: `Programs that run as their owner or group, below ${FOLDERS.join(', ')}`,
  rows: 50,
  columns: {
    path: text('Path'),
    username: text('Owner; the user id when it has no name'),
    groupname: text('Group; the group id when it has no name'),
    permissions: text('S for set-user-id, G for set-group-id'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: ["SELECT path FROM suid_bin WHERE username = 'root' AND permissions LIKE 'S%'"],
  *generate(context) {
    const { host } = context;
    const users = new Map(userEntries(host).map(({ uid, username }) => [uid, username]));
    const groups = new Map(groupEntries(host).map(({ gid, groupname }) => [gid, groupname]));
    for (const folder of FOLDERS) {
      for (const { path, owner } of setIdFiles(context, folder)) {
        const { mode, uid, gid } = owner;
        yield {
          path: shownPath(path),
          username: users.get(uid) ?? uid,
          groupname: groups.get(gid) ?? gid,
          permissions: `${mode & SETUID ? 'S' : ''}${mode & SETGID ? 'G' : ''}`,
        };
      }
    }
  },
});
