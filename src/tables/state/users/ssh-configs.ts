import { bigint, defineTable, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';
import { below, homes } from './homes.ts';

const SYSTEM = '/etc/ssh/ssh_config';

/** Options, each with the Host or Match line before it; in small letters, as osquery has them. */
function* options(host: Host, uid: number, ssh_config_file: string) {
  let block = '';
  for (const each of host.lines(ssh_config_file)) {
    const option = each.trim().toLowerCase();
    if (option === '' || option.startsWith('#')) continue;
    if (/^(?:host|match)\s/.test(option)) block = option;
    else yield { uid, block, option, ssh_config_file };
  }
}

export const sshConfigs = defineTable({
  name: 'ssh_configs',
  description: 'Options of the SSH client, of users and of the system (with uid 0)',
  columns: {
    uid: bigint('User; without a constraint all users', {
      additional: true,
      optimized: true,
      operators: ['='],
    }),
    block: text('Host or Match line that the option belongs to'),
    option: text('The option and its value'),
    ssh_config_file: text('File that it is in'),
  },
  examples: ["SELECT uid, block, option FROM ssh_configs WHERE option LIKE 'proxycommand%'"],
  *generate(context) {
    for (const { uid, directory, host } of homes(context)) {
      yield* options(host, uid, below(directory, '.ssh/config'));
    }
    yield* options(context.host, 0, SYSTEM);
  },
});
