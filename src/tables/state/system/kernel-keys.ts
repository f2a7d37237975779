import { bigint, defineTable, text } from '../../bridge/table.ts';

/** Nine columns of fixed width, then a description that may have anything in it: keyrings(7). */
const KEY = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*)$/;

export const kernelKeys = defineTable({
  name: 'kernel_keys',
  description: 'Keys that the kernel keeps and weir may see, from /proc/keys',
  rows: 50,
  columns: {
    serial_number: text('Serial number, hexadecimal'),
    flags: text('State in letters: I instantiated, R revoked, D dead, Q in quota, U, N, i'),
    usage: bigint('Number of references'),
    timeout: text('Time until it expires, as 3h; perm for never'),
    permissions: text('Rights, hexadecimal'),
    uid: bigint('Owner'),
    gid: bigint('Group; -1 for none'),
    type: text('user, keyring, logon, asymmetric, ...'),
    description: text('Name and summary'),
  },
  examples: ["SELECT uid, description FROM kernel_keys WHERE type = 'asymmetric'"],
  *generate({ host }) {
    for (const line of host.lines('/proc/keys')) {
      const match = KEY.exec(line);
      if (match === null) continue;
      const [, serial_number, flags, usage, timeout, permissions, uid, gid, type, description] =
        match;
      yield { serial_number, flags, usage, timeout, permissions, uid, gid, type, description };
    }
  },
});
