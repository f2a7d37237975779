import { bigint, defineTable, elsewhere, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { groupEntries, signed } from './accounts.ts';

export const groups = defineTable({
  name: 'groups',
  description: 'Local groups, from /etc/group',
  rows: 50,
  columns: {
    gid: bigint('Group id', { index: true }),
    gid_signed: bigint('Group id as a signed 32-bit number'),
    groupname: text('Name'),
    group_sid: elsewhere('TEXT', { index: true }),
    comment: elsewhere('TEXT'),
    is_hidden: elsewhere('INTEGER'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: ["SELECT gid, groupname FROM groups WHERE groupname IN ('sudo', 'docker')"],
  generate: (context) =>
    groupEntries(context.host).map(({ gid, groupname }) => ({
      gid,
      gid_signed: signed(gid),
      groupname,
    })),
});
