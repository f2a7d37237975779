/** Commands that run the daemon, or speak to it. */
import { type CommandSpec, NO_ARGUMENTS } from '../command.ts';
import { CONFIG, flag, PLACES, STATE_DIR, valued } from '../flags.ts';

export const DAEMON: CommandSpec = {
  name: 'daemon',
  summary: 'watch this host, in the foreground',
  ...NO_ARGUMENTS,
  flags: [CONFIG, STATE_DIR],
  details:
    'Logs go to standard error. One line with the word ready goes to standard output once events\n' +
    'can be seen. SIGTERM and SIGINT write what is pending and end with 0.',
  examples: ['weir daemon --config /etc/weir/weir.json'],
  load: () => import('../daemon.ts'),
};

export const START: CommandSpec = {
  name: 'start',
  summary: 'try weir: watch with the shipped pack and show what happens',
  ...NO_ARGUMENTS,
  flags: [CONFIG, { ...STATE_DIR, summary: 'databases and socket (default .weir here)' }],
  details: 'Runs until Ctrl-C. What was seen stays in the state directory.',
  examples: ['weir start', 'npm start'],
  load: () => import('../start.ts'),
};

export const RELOAD: CommandSpec = {
  name: 'reload',
  summary: 'make the daemon read its configuration again',
  ...NO_ARGUMENTS,
  flags: [flag('json', 'the changes as JSON'), ...PLACES],
  details:
    'Prints what is different now, and what waits for a restart. A configuration with errors changes\n' +
    'nothing; they are printed, and it ends with 78.',
  examples: ['weir reload'],
  load: () => import('../reload.ts'),
};

export const HEALTH: CommandSpec = {
  name: 'health',
  summary: 'say whether weir is well',
  ...NO_ARGUMENTS,
  flags: [
    flag('json', 'everything, as an object'),
    valued('field', 'NAME', 'only this one; dots lead into it, as in store.rows'),
    ...PLACES,
  ],
  details:
    'Ends with 0 when healthy, else with 1, also when no daemon runs. Warnings do not change that.\n' +
    'The same is in the table weir_health, and for Prometheus at /metrics.',
  examples: ['weir health', 'weir health --field healthy', 'weir health --json | jq .issues'],
  load: () => import('../health.ts'),
};
