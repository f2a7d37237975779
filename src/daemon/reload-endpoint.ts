import type { ServerResponse } from 'node:http';
import type { Change } from '../config/leaves.ts';
import { sendJson } from './http.ts';
import type { Reloaded } from './reloading.ts';

/** JSON has no undefined: a setting that is not there is null. */
const told = ({ key, from, to }: Change): object => ({ key, from: from ?? null, to: to ?? null });

/**
 * POST /reload: reads the configuration again; answers with `applied`, `after_restart` (key, from,
 * to) and `warnings`.
 *
 * Rejects with WeirError CONFIG_*, SENSOR_*.
 */
export async function answerReload(
  reload: () => Promise<Reloaded>,
  response: ServerResponse,
): Promise<void> {
  const { applied, afterRestart, warnings } = await reload();
  sendJson(response, 200, {
    applied: applied.map(told),
    after_restart: afterRestart.map(told),
    warnings,
  });
}
