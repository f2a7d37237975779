import { defineTable, integer, text } from '../../bridge/table.ts';
import { whole, words } from '../../host/parse.ts';
import { commented } from './etc-file.ts';

export const etcProtocols = defineTable({
  name: 'etc_protocols',
  description: 'Names of protocols above IP, from /etc/protocols',
  rows: 100,
  columns: {
    name: text('Protocol'),
    number: integer('Its number in the IP header'),
    alias: text('Another name'),
    comment: text('Remark'),
  },
  examples: ["SELECT number FROM etc_protocols WHERE name = 'sctp'"],
  *generate({ host }) {
    for (const { before, comment } of commented(host.lines('/etc/protocols'))) {
      const [name, given, alias = ''] = words(before);
      const number = whole(given);
      if (number !== undefined) yield { name, number, alias, comment };
    }
  },
});
