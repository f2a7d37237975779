import { bigint, defineTable, integer, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath, toBytePath } from '../../host/byte-path.ts';
import { below, homes } from './homes.ts';
import { parsePrivateKey, securityBits } from './private-key.ts';

/** No private key is larger, but other files of the folder may be. */
const LIMIT = { limit: 64 << 10, quiet: true };

export const userSshKeys = defineTable({
  name: 'user_ssh_keys',
  description: 'Private keys in the .ssh folders of users, and whether a passphrase protects them',
  columns: {
    uid: bigint('User; without a constraint all users', {
      additional: true,
      optimized: true,
      operators: ['='],
    }),
    path: text('File of the key', { index: true, operators: [] }),
    encrypted: integer('1 when a passphrase protects it'),
    key_type: text('Type of the key, where the file tells without the passphrase'),
    key_group_name: text('Name of the elliptic curve'),
    key_length: integer('Bits; -1 when the file does not tell'),
    key_security_bits: integer('Strength in bits; -1 when the file does not tell'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: [
    'SELECT u.username, k.path FROM users u JOIN user_ssh_keys k USING (uid) WHERE NOT k.encrypted',
  ],
  *generate(context) {
    for (const { uid, directory, host } of homes(context)) {
      const folder = toBytePath(below(directory, '.ssh'));
      for (const { name, kind } of host.byteEntries(fromBytePath(folder))) {
        if (kind === 'directory') continue;
        const path = `${folder}/${name}`;
        const key = parsePrivateKey(host.text(fromBytePath(path), LIMIT) ?? '');
        if (key === undefined) continue;
        yield {
          uid,
          path: shownPath(path),
          encrypted: key.encrypted,
          key_type: key.type,
          key_group_name: key.group,
          key_length: key.length,
          key_security_bits: securityBits(key),
        };
      }
    }
  },
});
