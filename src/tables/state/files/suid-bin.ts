import { constants } from 'node:fs';
import { defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import { type WalkOptions, walk } from '../../host/walk.ts';
import { groupEntries, userEntries } from '../users/accounts.ts';

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
    const options: WalkOptions = {
      only: ['file', 'link'],
      checkpoint: () => context.checkpoint(),
      warn: (message: string) => context.warn(message),
    };
    for (const folder of FOLDERS) {
      for (const path of walk(host, `${folder}/%%`, options)) {
        const owner = host.owner(fromBytePath(path));
        if (owner === undefined || (owner.mode & (SETUID | SETGID)) === 0) continue;
        const { mode, uid, gid } = owner;
        // A link to a folder that gives its group on.
        if ((mode & constants.S_IFMT) !== constants.S_IFREG) continue;
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
