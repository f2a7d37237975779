import type { EventTableSpec } from '../spec.ts';
import { BEHAVIOR_EVENTS } from './behavior-events.ts';
import { BPF_EVENTS } from './bpf-events.ts';
import { DNS_EVENTS } from './dns-events.ts';
import { FILE_EVENTS } from './file-events.ts';
import { HOST_EVENTS } from './host-events.ts';
import { HOST_VIEWS } from './host-views.ts';
import { KERNEL_EVENTS } from './kernel-events.ts';
import { KERNEL_VIEWS } from './kernel-views.ts';
import { PROCESS_EVENTS } from './process-events.ts';
import { PROCESS_FILE_EVENTS } from './process-file-events.ts';
import { PROCESS_LIFECYCLE_EVENTS } from './process-lifecycle-events.ts';
import { PROCESS_SEEN } from './process-seen.ts';
import { SOCKET_EVENTS } from './socket-events.ts';

export const EVENT_TABLES: readonly EventTableSpec[] = [
  PROCESS_EVENTS,
  PROCESS_LIFECYCLE_EVENTS,
  PROCESS_SEEN,
  SOCKET_EVENTS,
  DNS_EVENTS,
  FILE_EVENTS,
  PROCESS_FILE_EVENTS,
  KERNEL_EVENTS,
  ...KERNEL_VIEWS,
  BEHAVIOR_EVENTS,
  HOST_EVENTS,
  ...HOST_VIEWS,
  ...BPF_EVENTS,
];
