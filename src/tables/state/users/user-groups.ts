import { bigint, defineTable } from '../../bridge/table.ts';
import { groupEntries, userEntries } from './accounts.ts';

export const userGroups = defineTable({
  name: 'user_groups',
  description: 'Groups of each local user, the primary one too',
  columns: {
    uid: bigint('User id', { index: true, optimized: true }),
    gid: bigint('Group id', { index: true }),
  },
  examples: [
    "SELECT u.username FROM user_groups m JOIN users u USING (uid) JOIN groups g ON g.gid = m.gid WHERE g.groupname = 'sudo'",
  ],
  *generate(context) {
    const asked = context.integers('uid');
    const byMember = new Map<string, number[]>();
    for (const { gid, members } of groupEntries(context.host)) {
      for (const member of members) {
        const known = byMember.get(member);
        if (known === undefined) byMember.set(member, [gid]);
        else known.push(gid);
      }
    }
    for (const { username, uid, gid } of userEntries(context.host)) {
      if (asked?.includes(uid) === false) continue;
      for (const group of new Set([gid, ...(byMember.get(username) ?? [])])) {
        yield { uid, gid: group };
      }
    }
  },
});
