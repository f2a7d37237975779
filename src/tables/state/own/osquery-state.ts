/** What the daemon tells the tables of osquery's own state. */
import type { TableContext } from '../../bridge/context.ts';
import { askBoard } from '../weir/board.ts';

/** Milliseconds. */
export interface ProcessorTime {
  readonly userMs: number;
  readonly systemMs: number;
}

export interface ScheduleFacts {
  readonly name: string;
  readonly query: string;
  readonly interval: number;
  readonly executions: number;
  readonly lastExecuted: number; // seconds since 1970; 0: never
  readonly denied: boolean;
  readonly outputBytes: number;
  readonly wallMs: number;
  readonly lastWallMs: number;
  readonly cpu: ProcessorTime | null; // null: not measured
  readonly lastCpu: ProcessorTime | null;
  readonly grown: number | null; // bytes, of all executions
  readonly lastGrown: number | null;
}

export interface PackFacts {
  readonly name: string;
  readonly platform: string;
  readonly version: string;
  readonly shard: number;
  readonly discoveryHits: number;
  readonly discoveryRuns: number;
  readonly active: boolean;
}

export interface EventFacts {
  readonly name: string;
  readonly publisher: string;
  readonly type: 'publisher' | 'subscriber';
  readonly subscriptions: number;
  readonly events: number | null;
  readonly active: boolean;
}

export interface FlagFacts {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly value: string;
  readonly defaultValue: string;
}

export interface OsqueryState {
  readonly schedule: readonly ScheduleFacts[];
  readonly packs: readonly PackFacts[];
  readonly events: readonly EventFacts[];
  readonly flags: readonly FlagFacts[];
}

/** Of the daemon that runs the query; undefined without one: then there is nothing to tell. */
export function osqueryState(
  context: Pick<TableContext, 'checkpoint' | 'once'>,
): OsqueryState | undefined {
  return context.once('state', () => {
    const answer = askBoard('osquery', () => context.checkpoint());
    return answer === undefined ? undefined : (JSON.parse(answer) as OsqueryState);
  });
}
