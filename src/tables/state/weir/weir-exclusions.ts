import { bigint, type Cell, defineTable, text } from '../../bridge/table.ts';
import { askBoard } from './board.ts';

const COLUMNS = {
  id: text('Name of the exclusion; other: what no exclusion is charged with'),
  scope: text('What it leaves out: collection (events), detection or response'),
  decided_by: text(
    'Who decides: kernel (with the netlink provider, the sensor), stream, or both; detection, response',
  ),
  status: text('active, expired, or removed since the daemon started'),
  origin: text('configuration, or command: weir exclusions add'),
  conditions: text('What has to hold, all of it, as JSON'),
  reason: text('Why it is there'),
  created: bigint('When it was added, seconds since 1970'),
  expires: bigint('When it ends, seconds since 1970; NULL: never'),
  suppressed: bigint('What it left out since the daemon started: events, or detections'),
  suppressed_kernel: bigint('Of those, events that the kernel dropped'),
  suppressed_stream: bigint('Of those, events that the daemon dropped'),
  suppressed_detections: bigint('Of those, rows of rules'),
} as const;

export const weirExclusions = defineTable({
  name: 'weir_exclusions',
  description:
    'What is left out on purpose, with what each exclusion suppressed. The sums of the kernel and of the stream are those of excluded_kernel and excluded_stream in weir_loss. Empty without a daemon',
  rows: 10,
  columns: COLUMNS,
  examples: [
    `SELECT id, decided_by, suppressed, conditions FROM weir_exclusions ORDER BY suppressed DESC`,
  ],
  *generate(context) {
    const answer = askBoard('exclusions', () => context.checkpoint());
    const shown = JSON.parse(answer ?? '[]') as Record<string, unknown>[];
    for (const { conditions, ...rest } of shown) {
      yield { ...(rest as Record<string, Cell>), conditions: JSON.stringify(conditions) };
    }
  },
});
