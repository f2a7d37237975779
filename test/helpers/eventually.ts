import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from './surroundings.ts';

const PATIENCE_MS = 10_000;
const STEP_MS = 25;

/**
 * Probes until the condition holds and returns what was found then; after 10 s the last value is
 * returned as it is, so that the caller's assertion shows it.
 */
export async function eventually<T>(
  probe: () => Promise<T> | T,
  holds: (value: T) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const end = Date.now() + patienceMs * slowness;
  for (;;) {
    const value = await probe();
    if (holds(value) || Date.now() > end) return value;
    await sleep(STEP_MS);
  }
}
