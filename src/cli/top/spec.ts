import { type CommandSpec, NO_ARGUMENTS } from '../command.ts';
import { flag, PLACES, valued } from '../flags.ts';

export const TOP: CommandSpec = {
  name: 'top',
  summary: 'where events come from, live',
  ...NO_ARGUMENTS,
  flags: [
    valued('interval', 'SECONDS', 'between two looks, 1 to 60 (default 2)'),
    flag('once', 'print one look and end; so it is in a pipe'),
    ...PLACES,
  ],
  details:
    'Rates of the classes with their last minutes as plots, and the ten busiest sources of the last ten seconds:\n' +
    '1 files, 2 initiators, 3 system calls, 4 remote addresses, 5 containers. s sorts by rows, events or bytes,\n' +
    'p pauses, q ends it. What excluding a source takes is in "weir statistics".',
  examples: ['weir top', 'weir top --once'],
  load: () => import('../top.ts'),
};
