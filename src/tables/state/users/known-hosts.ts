import { bigint, defineTable, text } from '../../bridge/table.ts';
import { below, homes } from './homes.ts';

export const knownHosts = defineTable({
  name: 'known_hosts',
  description: 'Hosts whose SSH keys users have accepted',
  columns: {
    uid: bigint('User', { index: true, optimized: true }),
    key: text('Line of the file: names or their hashes, type, key'),
    key_file: text('File that it is in'),
  },
  examples: ['SELECT u.username, k.key FROM users u JOIN known_hosts k USING (uid)'],
  *generate(context) {
    for (const { uid, directory, host } of homes(context)) {
      const key_file = below(directory, '.ssh/known_hosts');
      for (const key of host.lines(key_file)) {
        if (key !== '' && !key.startsWith('#')) yield { uid, key, key_file };
      }
    }
  },
});
