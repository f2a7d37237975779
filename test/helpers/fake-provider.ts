import { native } from '../../src/native/addon.ts';
import type { NativeBatch } from '../../src/native/batch.ts';
import type { ClassCoverage, EventProvider } from '../../src/sensor/provider.ts';
import { CLASS_NAMES, type ClassName } from '../../src/sensor/schema.ts';

type Fields = Readonly<Record<string, string | Uint8Array | number | bigint | null>>;

/** A provider whose events a test makes up; they happen now unless they say otherwise. */
export class FakeProvider implements EventProvider {
  readonly name: string = 'fake';
  readonly #batches: NativeBatch[] = [];
  #wake: () => void = () => {};

  emit(className: ClassName, rows: readonly Fields[]): void {
    const time_ns = BigInt(Date.now()) * 1_000_000n;
    const timed = rows.map((row) => ({ time_ns, count: 1, identity: 0n, ...row }));
    this.#batches.push(native.buildBatch(CLASS_NAMES.indexOf(className), timed));
    if (this.#batches.length === 1) this.#wake();
  }

  start(wake: () => void): void {
    this.#wake = wake;
  }

  next(): NativeBatch | null {
    return this.#batches.shift() ?? null;
  }

  configure(): void {}

  coverage(): readonly ClassCoverage[] {
    const common = { provider: this.name, tier: 'test', covered: true, missing: [] };
    return CLASS_NAMES.map((className) => ({ className, ...common }));
  }

  hooks(): readonly [] {
    return [];
  }

  drain(): void {}

  stop(): void {}
}
