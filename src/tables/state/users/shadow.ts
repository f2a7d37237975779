import { bigint, defineTable, text } from '../../bridge/table.ts';
import { whole } from '../../host/parse.ts';

/** As osquery tells them apart. */
function status(password: string): string {
  if (password === '!!') return 'not_set';
  if (/^[!*x]/.test(password)) return 'locked';
  return password === '' ? 'empty' : 'active';
}

export const shadow = defineTable({
  name: 'shadow',
  description: 'State and age of local passwords, from /etc/shadow; never a hash',
  rows: 50,
  columns: {
    password_status: text('active, locked, not_set or empty'),
    hash_alg: text('Identifier of the hash: 6 SHA-512, y yescrypt'),
    last_change: bigint('Day of the last change since 1970'),
    min: bigint('Days that must pass between changes'),
    max: bigint('Days after which it must be changed'),
    warning: bigint('Days of warning before that'),
    inactive: bigint('Days after that until the account is locked'),
    expire: bigint('Day on which the account ends, since 1970'),
    flag: bigint('Reserved'),
    username: text('Login name', { index: true, optimized: true }),
  },
  examples: ["SELECT username FROM shadow WHERE password_status = 'empty'"],
  *generate({ host }) {
    for (const line of host.lines('/etc/shadow')) {
      const [username = '', password = '', ...fields] = line.split(':');
      if (username === '' || /^[#+-]/.test(username)) continue;
      // An empty field is -1, as getspent gives it.
      const [last_change, min, max, warning, inactive, expire, flag] = Array.from(
        { length: 7 },
        (_, i) => whole(fields[i]) ?? -1,
      );
      yield {
        password_status: status(password),
        hash_alg: /^\$(\w+)\$/.exec(password)?.[1],
        last_change,
        min,
        max,
        warning,
        inactive,
        expire,
        flag,
        username,
      };
    }
  },
});
