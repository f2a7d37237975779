import type { CommandSpec } from './command.ts';
import { CONFIGURING } from './config/spec.ts';
import { EXCLUSIONS } from './exclusions/spec.ts';
import { EXPORT, IMPORT_EVENTS, QUERY, SHELL, TAIL } from './specs/asking.ts';
import { DIAGNOSE, DOCTOR, STATISTICS, TABLE } from './specs/examining.ts';
import { DETECTIONS, EXPLAIN, PACK, SIGMA } from './specs/finding.ts';
import { DAEMON, HEALTH, RELOAD, START } from './specs/running.ts';
import { TOP } from './top/spec.ts';

/** Every command of weir: the one place that usage, parsing and documentation come from. */
export const COMMANDS: readonly CommandSpec[] = [
  DAEMON,
  QUERY,
  SHELL,
  TAIL,
  DETECTIONS,
  EXPLAIN,
  EXPORT,
  IMPORT_EVENTS,
  HEALTH,
  DOCTOR,
  STATISTICS,
  TOP,
  EXCLUSIONS,
  DIAGNOSE,
  CONFIGURING,
  RELOAD,
  PACK,
  SIGMA,
  TABLE,
  START,
];
