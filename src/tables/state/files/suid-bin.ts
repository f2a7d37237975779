import { defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import { walk } from '../../host/walk.ts';
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

const SETUID = 0o4000n;
const SETGID = 0o2000n;

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
    const options = {
      checkpoint: () => context.checkpoint(),
      warn: (message: string) => context.warn(message),
    };
    for (const folder of FOLDERS) {
      for (const path of walk(host, `${folder}/%%`, options)) {
        const stat = host.stat(fromBytePath(path));
        if (stat?.isFile() !== true || (stat.mode & (SETUID | SETGID)) === 0n) continue;
        const uid = Number(stat.uid);
        const gid = Number(stat.gid);
        yield {
          path: shownPath(path),
          username: users.get(uid) ?? uid,
          groupname: groups.get(gid) ?? gid,
          permissions: `${stat.mode & SETUID ? 'S' : ''}${stat.mode & SETGID ? 'G' : ''}`,
        };
      }
    }
  },
});
