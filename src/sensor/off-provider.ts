import type { NativeBatch } from '../native/batch.ts';
import type { HookState } from '../native/sensor.ts';
import type { ClassCoverage, EventProvider } from './provider.ts';

/** Sees nothing: what is stored can be asked, and another provider can take over. */
export class OffProvider implements EventProvider {
  readonly name = 'off';

  start(): void {}

  next(): NativeBatch | null {
    return null;
  }

  configure(): void {}

  coverage(): readonly ClassCoverage[] {
    return [];
  }

  hooks(): readonly HookState[] {
    return [];
  }

  drain(): void {}

  stop(): void {}
}
