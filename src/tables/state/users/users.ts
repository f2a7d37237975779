import {
  bigint,
  defineTable,
  elsewhere,
  integer,
  PID_WITH_NAMESPACE,
  text,
} from '../../bridge/table.ts';
import { signed, userEntries } from './accounts.ts';

export const users = defineTable({
  name: 'users',
  description: 'Local user accounts, from /etc/passwd',
  rows: 50,
  columns: {
    uid: bigint('User id', { index: true }),
    gid: bigint('Id of the primary group'),
    uid_signed: bigint('User id as a signed 32-bit number'),
    gid_signed: bigint('Group id as a signed 32-bit number'),
    username: text('Login name', { additional: true, operators: ['='] }),
    description: text('Full name or remark (GECOS)'),
    directory: text('Home directory'),
    shell: text('Login shell'),
    uuid: text('Not on Linux: always empty', { index: true, collate: 'nocase' }),
    type: elsewhere('TEXT'),
    is_hidden: elsewhere('INTEGER'),
    pid_with_namespace: PID_WITH_NAMESPACE,
    include_remote: integer('Not supported: only local accounts are read', {
      hidden: true,
      additional: true,
      operators: [],
    }),
  },
  examples: ["SELECT username, uid, shell FROM users WHERE shell NOT LIKE '%nologin'"],
  *generate(context) {
    for (const user of userEntries(context.host)) {
      yield {
        ...user,
        uid_signed: signed(user.uid),
        gid_signed: signed(user.gid),
      };
    }
  },
});
