import type { CommandSpec } from '../command.ts';
import { flag, PLACES } from '../flags.ts';

export const CONFIGURING: CommandSpec = {
  name: 'config',
  summary: 'check, show and change the configuration',
  args: 'check [FILE] | show | get KEY | set KEY VALUE | unset KEY | provider NAME | events CLASS on|off | schema',
  minArgs: 1,
  maxArgs: 3,
  flags: [
    flag('origin', 'show: a line per setting, and who says it'),
    flag('json', 'show --origin and get: as JSON'),
    flag('temporary', 'provider: until the daemon ends, nothing is written'),
    ...PLACES,
  ],
  details:
    'check prints every problem with its place and ends with 0 or 78. set and unset change weir.d/90-local.json\n' +
    'beside the configuration; what would not be valid is not written. "weir reload" makes it the running one.\n' +
    'provider (auto, ebpf, netlink, off) and events (process, socket, file, kernel, dns,\n' +
    'behavior, host) do both. VALUE is JSON, or text. What managed.json sets can only be changed there.',
  examples: [
    'weir config check /etc/weir/weir.json',
    'weir config show --origin',
    'weir config set store.max_age 90d',
    'weir config provider netlink',
    'weir config events dns off',
  ],
  load: () => import('../config.ts'),
};
