import assert from 'node:assert/strict';
import { makeLogger } from '../../../src/config/log.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { Responder } from '../../../src/detect/response/responder.ts';
import type { Respond } from '../../../src/detect/response/types.ts';
import type { Detection, ResponseRecord } from '../../../src/results/types.ts';

describe('detect: responder', () => {
  const response = {
    enabled: true,
    limit: 1,
    limit_interval: '1h',
    commands: { nothing: { command: '/bin/true' } },
  };
  const NOBODY = {};
  const detection = (row: object): Detection => ({
    id: '1',
    rule: 'rule',
    severity: 'high',
    attack: [],
    description: '',
    unixTime: 0,
    row: JSON.stringify(row),
  });

  async function outcomes(asked: readonly (readonly [Respond, object])[]): Promise<string[]> {
    const told: ResponseRecord[] = [];
    const responder = new Responder(
      {
        spares: () => false,
        runner: { query: () => Promise.reject(new Error('no process is looked up')) },
        host: 'host',
        log: makeLogger({ level: 'silent' }),
        record: async (events) => void told.push(...events),
      },
      configSchema.parse({ response }),
    );
    for (const [respond, row] of asked) responder.detected(detection(row), respond);
    await responder.stop();
    return told.map(({ outcome, reason }) => `${outcome} ${reason}`.trim());
  }

  it('does no more than its limit', async () => {
    const run: Respond = { exec: 'nothing' };
    assert.deepEqual(
      await outcomes([
        [run, NOBODY],
        [run, NOBODY],
      ]),
      ['done', 'refused rate_limit'],
    );
  });

  it('what is refused takes nobody else’s place within the limit', async () => {
    assert.deepEqual(
      await outcomes([
        ['kill', NOBODY],
        [{ exec: 'unknown' }, NOBODY],
        [{ exec: 'nothing' }, NOBODY],
      ]),
      ['refused row_names_no_process', 'refused unknown_command', 'done'],
    );
  });
});
