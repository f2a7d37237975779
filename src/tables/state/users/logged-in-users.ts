import { bigint, defineTable, elsewhere, integer, text } from '../../bridge/table.ts';
import { LOGIN_TYPES, loginRecords } from './utmp.ts';

export const loggedInUsers = defineTable({
  name: 'logged_in_users',
  description: 'Sessions of users and terminals that wait for one, from /run/utmp',
  rows: 20,
  columns: {
    type: text('Kind of record: user for a session, login for a terminal that waits'),
    user: text('User'),
    tty: text('Terminal'),
    host: text('Host that the user came from'),
    time: bigint('Since when, seconds since 1970'),
    pid: integer('Process id'),
    sid: elsewhere('TEXT'),
    registry_hive: elsewhere('TEXT'),
  },
  examples: [
    "SELECT l.user, l.host, p.name FROM logged_in_users l JOIN processes p USING (pid) WHERE l.type = 'user'",
  ],
  *generate({ host }) {
    for (const { type, pid, tty, user, host: from, time } of loginRecords(host, '/run/utmp')) {
      if (pid === 1) continue;
      yield { type: LOGIN_TYPES[type] ?? 'unknown', user, tty, host: from, time, pid };
    }
  },
});
