/** What the kernel programs judge, and what is done about it. */
import { z } from 'zod';
import { BEHAVIORS, type BehaviorName } from '../behaviors.ts';
import { absolutePath, duration, milliseconds, wholeNumber } from './values.ts';

/** One kind of behaviour: how much of it is too much (0: it is not judged), and what then. */
const behavior = (threshold: number) =>
  z
    .strictObject({
      threshold: wholeNumber(0, 1_000_000).default(threshold),
      respond: z.enum(['alert', 'stop', 'kill']).default('alert'),
    })
    .prefault({});

const behaviors = {
  ransomware: behavior(BEHAVIORS.ransomware),
  mass_rename: behavior(BEHAVIORS.mass_rename),
  mass_delete: behavior(BEHAVIORS.mass_delete),
  mass_rewrite: behavior(BEHAVIORS.mass_rewrite),
  port_sweep: behavior(BEHAVIORS.port_sweep),
  address_sweep: behavior(BEHAVIORS.address_sweep),
  exec_burst: behavior(BEHAVIORS.exec_burst),
  setuid_burst: behavior(BEHAVIORS.setuid_burst),
} satisfies Record<BehaviorName, unknown>;

const response = z.strictObject({
  enabled: z.boolean().default(false),
  /** Says what would be done, and does not. */
  dry_run: z.boolean().default(false),
  /** Executables that are never killed or stopped, beside those of the system. */
  protected: z.array(absolutePath).default([]),
  /** So many responses within the interval, all kinds together. */
  limit: wholeNumber(1, 100_000).default(10),
  limit_interval: duration.prefault('1m'),
  /** What rules may run, by the name that they give. */
  commands: z
    .record(
      z.string().regex(/^[\w-]{1,64}$/, { error: 'names of letters, digits, _ and -' }),
      z.strictObject({
        command: absolutePath,
        arguments: z.array(z.string()).default([]),
        timeout_ms: milliseconds(100, 600_000).default(10_000),
      }),
    )
    .default({}),
});

export const VERDICTS = {
  /** Verdicts that the kernel counts up to; see docs/detections.md. */
  behavior: z
    .strictObject({
      window_ms: milliseconds(100, 3_600_000).default(10_000),
      exec_window_ms: milliseconds(100, 3_600_000).default(1000),
      /** Thresholds of a cgroup are so many times those of a process tree; 0: cgroups are not judged. */
      cgroup_factor: wholeNumber(0, 1000).default(4),
      ...behaviors,
    })
    .prefault({}),
  /** What may be done about detections; see docs/response.md. */
  response: response.prefault({}),
};
