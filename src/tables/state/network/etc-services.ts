import { defineTable, integer, text } from '../../bridge/table.ts';
import { whole, words } from '../../host/parse.ts';
import { commented } from './etc-file.ts';

export const etcServices = defineTable({
  name: 'etc_services',
  description: 'Names of ports, from /etc/services',
  rows: 400,
  columns: {
    name: text('Service'),
    port: integer('Port'),
    protocol: text('Transport: tcp, udp'),
    aliases: text('Other names, with blanks between them'),
    comment: text('Remark'),
  },
  examples: ["SELECT name FROM etc_services WHERE port = 22 AND protocol = 'tcp'"],
  *generate({ host }) {
    for (const { before, comment } of commented(host.lines('/etc/services'))) {
      const [name, at, ...aliases] = words(before);
      const [port, protocol, ...rest] = at?.split('/') ?? [];
      const number = whole(port);
      if (number === undefined || protocol === undefined || rest.length > 0) continue;
      yield { name, port: number, protocol, aliases: aliases.join(' '), comment };
    }
  },
});
