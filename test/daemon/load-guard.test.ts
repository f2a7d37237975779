import assert from 'node:assert/strict';
import { makeLogger } from '../../src/config/log.ts';
import { LoadGuard } from '../../src/daemon/load-guard.ts';

const MIB = 1 << 20;
const ALL = { process: true, socket: true, file: true, kernel: true, dns: true } as const;

describe('daemon: load guard', () => {
  let memoryBytes: number;
  let cpuSeconds: number;
  let perSample: number;
  let secondsPerSample: number;
  let atSeconds: number;
  let levels: number[];

  beforeEach(() => {
    memoryBytes = 50 * MIB;
    cpuSeconds = 0;
    perSample = 0;
    secondsPerSample = 1;
    atSeconds = 0;
    levels = [];
  });

  function guardOf(limits: { memory?: number; cpu_percent?: number }): LoadGuard {
    return new LoadGuard({
      limits: { memory: 0, cpu_percent: 0, ...limits },
      usage: () => {
        cpuSeconds += perSample;
        atSeconds += secondsPerSample;
        return { memoryBytes, cpuSeconds, atSeconds };
      },
      shed: async (level) => void levels.push(level),
      log: makeLogger({ level: 'silent' }),
    });
  }

  async function samples(guard: LoadGuard, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await guard.sample();
  }

  it('does nothing below its limits, nor for a moment above them', async () => {
    const guard = guardOf({ memory: 100 * MIB });
    await samples(guard, 20);
    memoryBytes = 99 * MIB;
    await samples(guard, 4);
    memoryBytes = 80 * MIB;
    await samples(guard, 20);
    assert.deepEqual(levels, []);
  });

  it('gives up rules, then classes, never processes, and takes them back', async () => {
    const guard = guardOf({ memory: 100 * MIB });
    memoryBytes = 95 * MIB;
    await samples(guard, 5);
    assert.deepEqual(guard.shedding, {
      level: 1,
      what: ['rules and scheduled queries'],
      times: 1,
      why: 'memory: 95 of 100 MiB',
    });
    const collect = { ...ALL, unix_sockets: true, only: {}, read_paths: [] } as never;
    assert.deepEqual(guard.collect(collect), collect);
    await samples(guard, 30);
    assert.deepEqual(levels, [1, 2, 3]);
    assert.deepEqual(
      Object.entries(guard.collect(collect)).filter(([, on]) => on === true),
      [
        ['process', true],
        ['unix_sockets', true],
      ],
    );
    memoryBytes = 80 * MIB; // between: neither more nor less
    await samples(guard, 30);
    assert.deepEqual(levels, [1, 2, 3]);
    memoryBytes = 60 * MIB;
    await samples(guard, 30);
    assert.deepEqual(levels, [1, 2, 3, 2, 1, 0]);
    assert.deepEqual(guard.shedding, { level: 0, what: [], times: 3, why: '' });
  });

  it('a busy host, where samples come late, does not make its share larger', async () => {
    const guard = guardOf({ cpu_percent: 50 });
    perSample = 0.8;
    secondsPerSample = 2;
    await samples(guard, 20);
    assert.deepEqual(levels, []);
    perSample = 1.2;
    await samples(guard, 20);
    assert.equal(guard.shedding.why, 'processor: 60 of 50 % of one');
  });

  it('looks at the processor over some seconds', async () => {
    const guard = guardOf({ cpu_percent: 50 });
    perSample = 0.4;
    await samples(guard, 20);
    assert.deepEqual(levels, []);
    perSample = 0.6;
    await samples(guard, 12);
    assert.equal(levels[0], 1);
    assert.match(guard.shedding.why, /^processor: \d+ of 50 % of one$/);
  });
});
