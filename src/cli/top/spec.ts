import type { CommandSpec } from '../command.ts';
import { PLACES } from '../flags.ts';

export const TOP: CommandSpec = {
  name: 'top',
  summary: 'where events come from, live',
  args: '',
  minArgs: 0,
  maxArgs: 0,
  flags: [
    {
      name: 'interval',
      type: 'string',
      value: 'SECONDS',
      summary: 'between two looks, 1 to 60 (default 2)',
    },
    { name: 'once', type: 'boolean', summary: 'print one look and end; so it is in a pipe' },
    ...PLACES,
  ],
  details:
    'Rates of the classes with their last minutes as plots, and the ten busiest sources of the last ten seconds:\n' +
    '1 files, 2 initiators, 3 system calls, 4 remote addresses, 5 containers. s sorts by rows, events or bytes,\n' +
    'p pauses, q ends it. What excluding a source takes is in "weir statistics".',
  examples: ['weir top', 'weir top --once'],
  load: () => import('../top.ts'),
};
