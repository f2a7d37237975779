import { bigint, defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { below, homes } from './homes.ts';

const FILES = ['.ssh/authorized_keys', '.ssh/authorized_keys2'];

/** sshd(8): options, type, base64, comment. Blanks inside quotes belong to the options. */
const OPTIONS = /^(?:[^\s"]|"(?:[^"\\]|\\.)*")+/;
const TYPE = /^(?:ssh-|ecdsa-|sk-|rsa-|webauthn-)\S+$/;

interface Key {
  readonly algorithm: string;
  readonly key: string;
  readonly options: string;
  readonly comment: string;
}

/** A line that is no key is one whose `key` is the line. */
export function parseKey(line: string): Key {
  let rest = line;
  let options = '';
  const first = /^\S+/.exec(rest)?.[0] ?? '';
  if (!TYPE.test(first)) {
    options = OPTIONS.exec(rest)?.[0] ?? '';
    rest = rest.slice(options.length).trimStart();
  }
  const [, algorithm = '', key = '', comment = ''] = /^(\S+)\s+(\S+)\s*(.*)$/.exec(rest) ?? [];
  if (!TYPE.test(algorithm)) return { algorithm: '', key: line, options: '', comment: '' };
  return { algorithm, key, options, comment };
}

export const authorizedKeys = defineTable({
  name: 'authorized_keys',
  description: 'SSH keys that let somebody log in as a user',
  columns: {
    uid: bigint('User; without a constraint all users', { additional: true, operators: ['='] }),
    algorithm: text('Type of the key'),
    key: text('The key, base64'),
    options: text('What it is restricted to'),
    comment: text('Remark behind it'),
    key_file: text('File that it is in'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: [
    'SELECT u.username, k.algorithm, k.comment FROM users u JOIN authorized_keys k USING (uid)',
  ],
  *generate(context) {
    for (const { uid, directory, host } of homes(context)) {
      for (const name of FILES) {
        const key_file = below(directory, name);
        for (const line of host.lines(key_file)) {
          const text = line.trim();
          if (text !== '' && !text.startsWith('#')) yield { uid, ...parseKey(text), key_file };
        }
      }
    }
  },
});
