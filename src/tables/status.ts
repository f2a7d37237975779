/** Tables about weir itself, which addon/store/ implements; described here for the reference. */
export interface StatusTableSpec {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly (readonly [name: string, type: string, description: string])[];
}

const CLASS = ['class', 'TEXT', 'process, lifecycle, socket, file or seen'] as const;

export const STATUS_TABLES: readonly StatusTableSpec[] = [
  {
    name: 'weir_loss',
    description:
      'Where every event went, one row per class, counted since the start of the daemon. At rest balance is 0: seen = stored + pending + all that was excluded, folded or lost',
    columns: [
      CLASS,
      ['seen', 'BIGINT', 'Counted at the entry of the kernel hook, or made by the sensor'],
      ['stored', 'BIGINT', 'Rows that queries see'],
      ['pending', 'BIGINT', 'On their way: in a ring, a queue, or held back as a repeat'],
      ['excluded_kernel', 'BIGINT', 'Dropped in the kernel by configuration'],
      ['excluded_stream', 'BIGINT', 'Dropped in user space by configuration'],
      ['coalesced', 'BIGINT', 'Folded into the count of another row'],
      ['rate_limited', 'BIGINT', 'Dropped by a rate limit'],
      ['lost_ring', 'BIGINT', 'The ring buffer was full'],
      ['lost_map', 'BIGINT', 'A kernel map was full'],
      ['lost_decode', 'BIGINT', 'The record made no sense'],
      ['lost_queue', 'BIGINT', 'The stream did not keep up'],
      ['lost_store', 'BIGINT', 'The store could not keep it'],
      ['recursion_misses', 'BIGINT', 'Runs that the kernel skipped; beside the sum'],
      ['page_faults', 'BIGINT', 'User memory that was not there to read; beside the sum'],
      ['balance', 'BIGINT', 'seen minus the rest of the sum; 0 at rest'],
      ['expired', 'BIGINT', 'Stored rows that retention took away'],
      ['expired_unread', 'BIGINT', 'Of those, rows that a scheduled query had yet to read'],
      ['run', 'BIGINT', 'When counting began, seconds since 1970'],
    ],
  },
  {
    name: 'weir_coverage',
    description: 'From when to when each class was watched, and how',
    columns: [
      CLASS,
      ['provider', 'TEXT', 'Source of the events: ebpf, netlink, or host (feeds of host_events)'],
      ['tier', 'TEXT', 'Kind of kernel hook: tracepoint; of class host the feeds'],
      ['since', 'BIGINT', 'Begin, seconds since 1970'],
      ['until', 'BIGINT', 'End, seconds since 1970; NULL while it goes on'],
      ['boot_id', 'TEXT', 'The boot that it happened in'],
      [
        'exact',
        'BIGINT',
        '1: weir_loss.seen counts every event meanwhile. 0: the kernel may have folded or dropped some that it does not count (files and sockets without eBPF). NULL: feeds do not say',
      ],
    ],
  },
  {
    name: 'weir_tables',
    description: 'Size and span of every event table',
    columns: [
      ['name', 'TEXT', 'Table'],
      CLASS,
      ['rows', 'BIGINT', 'Stored rows of the class'],
      ['bytes', 'BIGINT', 'Bytes of its blocks'],
      ['blocks', 'BIGINT', 'Number of its blocks'],
      ['first_time', 'BIGINT', 'Time of the first row, seconds'],
      ['last_time', 'BIGINT', 'Time of the last row, seconds'],
      ['first_seq', 'BIGINT', 'seq of the first row'],
      ['last_seq', 'BIGINT', 'seq of the last row'],
      ['corrupt_blocks', 'BIGINT', 'Blocks that could not be read and are left out'],
    ],
  },
  {
    name: 'weir_hot_sources',
    description:
      'The ten busiest sources of each kind among the rows of the last minute, with what leaving each out would save. weir statistics shows another span',
    columns: [
      [
        'kind',
        'TEXT',
        'file, folder (with all below it), initiator (executable), action, syscall, remote_address, port (either end) or container',
      ],
      ['name', 'TEXT', 'The source'],
      ['classes', 'TEXT', 'Classes of its events'],
      ['rows', 'INT', 'Stored rows'],
      ['events', 'INT', 'Events that these rows stand for'],
      ['bytes', 'INT', 'About what the rows take in the store, by the average of their class'],
      ['percent', 'REAL', 'Of the rows of all classes in that time'],
      [
        'exclusion',
        'TEXT',
        'What would leave it out, a rule for exclude; NULL where no rule says just that',
      ],
      ['label', 'TEXT', 'Name and image of a container, where its runtime told them'],
    ],
  },
];
