import { defineTable, integer, text } from '../../bridge/table.ts';
import { LOGIN_TYPES, loginRecords } from './utmp.ts';

export const last = defineTable({
  name: 'last',
  description: 'Logins, logouts and restarts of the host, from /var/log/wtmp',
  rows: 1000,
  columns: {
    username: text('User; reboot and shutdown for restarts'),
    tty: text('Terminal'),
    pid: integer('Process id'),
    type: integer('Kind of record: 7 a login, 8 a logout, 2 a start of the host'),
    type_name: text('The kind by its name'),
    time: integer('When, seconds since 1970'),
    host: text('Host that the user came from; the kernel’s version for a start'),
  },
  examples: ["SELECT username, host, datetime(time, 'unixepoch') FROM last WHERE type = 7"],
  *generate({ host }) {
    for (const { type, pid, tty, user, host: from, time } of loginRecords(host, '/var/log/wtmp')) {
      const type_name = LOGIN_TYPES[type] ?? 'unknown';
      yield { username: user, tty, pid, type, type_name, time, host: from };
    }
  },
});
