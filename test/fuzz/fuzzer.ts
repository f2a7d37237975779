import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
interface Target {
  readonly sources: readonly string[];
  /** A program that writes inputs to begin with; it has the target's sources but the first too. */
  readonly seedSources?: readonly string[];
  /** Or the inputs themselves. */
  readonly seeds?: readonly string[];
}

const LINE =
  '{"table":"a","seq":7,"time_ns":"1700000000242134241","pid":12,"path":"/bin/\\u00e4","mode":"0100755","container_id":"c","cmdline":{"hex":"2fFF"},"exec_id":"-5","tty":null}\n';

const TARGETS = {
  blocks: {
    sources: [
      'test/fuzz/blocks.cc',
      'addon/store/block_format.cc',
      'addon/store/column_codec.cc',
      'addon/store/int_codec.cc',
      'addon/store/part_codec.cc',
      'addon/store/told_codec.cc',
    ],
    seedSources: [
      'test/fuzz/block_seeds.cc',
      'addon/store/block.cc',
      'addon/store/value_filter.cc',
      'addon/store/hot_rows.cc',
      'addon/batch/batch.cc',
    ],
  },
  lines: {
    sources: [
      'test/fuzz/lines.cc',
      'addon/capture/capture_reader.cc',
      'addon/capture/json_fields.cc',
      'addon/functions/utf8.cc',
      'addon/batch/batch.cc',
    ],
    seeds: [
      `\x00${LINE}${LINE.replace('"a"', '"b"')}`,
      `\x82${LINE}\xff${LINE.replace('7', '3')}\xff\n{"table":"d","time":1}`,
      '\x01{"table":"c","time":1.5}',
      // Seconds that are too many nanoseconds, where the files' order is looked for.
      '\x01{"table":"c","time":44444414444445}\xff{"table":"c","time":-44444414444445}',
    ],
  },
} satisfies Record<string, Target>;

export type TargetName = keyof typeof TARGETS;
export const TARGET_NAMES = Object.keys(TARGETS) as TargetName[];

const INCLUDES = [
  'addon',
  'build/generated',
  'test/fuzz',
  'node_modules/better-sqlite3/deps/sqlite3',
];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const COMPILE = ['-std=c++20', '-O1', '-g1', ...SANITIZERS, '-fsanitize=fuzzer-no-link', '-c'];
const LIBRARIES = ['-lzstd', '-llz4', '-lz'];

/** libFuzzer's own limits: seconds for one input, and MiB of memory for all. */
const LIMITS = ['-timeout=10', '-rss_limit_mb=2048'];

/** A fuzzer of what reads data that others may have written, compiled from the sources as they are. */
export class Fuzzer {
  readonly #program: string;
  readonly #seeds: string;
  readonly #folder: string;

  /** @param folder an existing folder for programs, inputs, and what crashed */
  constructor(name: TargetName, folder: string) {
    const { sources, seedSources = [], seeds = [] }: Target = TARGETS[name];
    this.#folder = folder;
    this.#program = join(folder, `fuzz-${name}`);
    this.#seeds = join(folder, 'seeds');
    for (const path of [this.#seeds, this.corpus]) mkdirSync(path, { recursive: true });
    const object = (source: string): string => join(folder, basename(source).replace('.cc', '.o'));
    for (const source of [...sources, ...seedSources]) {
      const includes = INCLUDES.map((path) => `-I${join(ROOT, path)}`);
      execFileSync('clang++', [...COMPILE, ...includes, join(ROOT, source), '-o', object(source)]);
    }
    const link = (program: string, from: readonly string[], ...flags: string[]): void => {
      const args = [...SANITIZERS, ...flags, ...from.map(object), ...LIBRARIES, '-o', program];
      execFileSync('clang++', args);
    };
    link(this.#program, sources, '-fsanitize=fuzzer');
    if (seedSources.length > 0) {
      const writer = join(folder, 'write-seeds');
      link(writer, [...seedSources, ...sources.slice(1)]);
      execFileSync(writer, [this.#seeds]);
    }
    for (const [i, seed] of seeds.entries()) {
      writeFileSync(join(this.#seeds, `seed-${i}`), Buffer.from(seed, 'latin1'));
    }
  }

  /** Inputs that reached something new; kept by runs in the same folder. */
  get corpus(): string {
    return join(this.#folder, 'corpus');
  }

  /** Runs for so many seconds. `output` is what libFuzzer said, unless it was shown. */
  run(seconds: number, show = false): { readonly clean: boolean; readonly output: string } {
    const limits = [...LIMITS, `-max_total_time=${seconds}`, `-artifact_prefix=${this.#folder}/`];
    const args = [...limits, '-print_final_stats=1', this.corpus, this.#seeds];
    const result = spawnSync(this.#program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'inherit', show ? 'inherit' : 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
    if (result.error) throw result.error;
    return { clean: result.status === 0, output: result.stderr ?? '' };
  }
}
