import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { exactText } from '../../host/host.ts';
import { below, homes } from './homes.ts';

const FILES = ['.bash_history', '.zsh_history', '.zhistory', '.history', '.sh_history'];

const BASH_TIME = /^#(\d+)$/;
const ZSH = /^: {0,10}(\d{1,11}):\d+;(.*)$/s;

export const shellHistory = defineTable({
  name: 'shell_history',
  description: 'Commands that users typed, as their shells wrote them down',
  rows: 5000,
  columns: {
    uid: bigint('User; without a constraint all users', {
      additional: true,
      optimized: true,
      operators: ['='],
    }),
    time: integer('When, seconds since 1970; 0 where the shell did not note it'),
    command: text('The command'),
    history_file: text('File that it is from'),
  },
  examples: [
    "SELECT u.username, h.command FROM users u JOIN shell_history h USING (uid) WHERE h.command LIKE '%curl%'",
  ],
  *generate(context) {
    for (const { uid, directory, host } of homes(context)) {
      for (const name of FILES) {
        const history_file = below(directory, name);
        // In Latin-1, so that a line keeps its bytes.
        const lines = host.bytes(history_file)?.toString('latin1').split('\n') ?? [];
        let noted: string | undefined;
        for (const line of lines) {
          if (line === '') continue;
          const bash = noted === undefined ? BASH_TIME.exec(line)?.[1] : undefined;
          if (bash !== undefined) {
            noted = bash;
            continue;
          }
          const zsh = noted === undefined ? ZSH.exec(line) : null;
          yield {
            uid,
            time: noted ?? zsh?.[1] ?? 0,
            command: exactText(Buffer.from(zsh?.[2] ?? line, 'latin1')),
            history_file,
          };
          noted = undefined;
        }
      }
    }
  },
});
