import { defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { meaningful, words } from '../../host/parse.ts';

export const etcHosts = defineTable({
  name: 'etc_hosts',
  description: 'Names and addresses of /etc/hosts',
  rows: 20,
  columns: {
    address: text('IP address'),
    hostnames: text('Names, with blanks between them'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: ["SELECT address, hostnames FROM etc_hosts WHERE address NOT LIKE '127.%'"],
  *generate({ host }) {
    for (const line of meaningful(host.lines('/etc/hosts'))) {
      const [address, ...names] = words(line);
      yield { address, hostnames: names.join(' ') };
    }
  },
});
