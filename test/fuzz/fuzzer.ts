import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const TARGET = [
  'test/fuzz/blocks.cc',
  'addon/store/block_format.cc',
  'addon/store/column_codec.cc',
  'addon/store/int_codec.cc',
  'addon/store/part_codec.cc',
  'addon/store/told_codec.cc',
];
const SEEDS = [
  'test/fuzz/block_seeds.cc',
  'addon/store/block.cc',
  'addon/store/value_filter.cc',
  'addon/store/hot_rows.cc',
  'addon/batch/batch.cc',
];
const INCLUDES = [
  'addon',
  'build/generated',
  'test/fuzz',
  'node_modules/better-sqlite3/deps/sqlite3',
];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const COMPILE = ['-std=c++20', '-O1', '-g1', ...SANITIZERS, '-fsanitize=fuzzer-no-link', '-c'];
const LIBRARIES = ['-lzstd', '-lz'];

/** libFuzzer's own limits: seconds for one input, and MiB of memory for all. */
const LIMITS = ['-timeout=10', '-rss_limit_mb=2048'];

/** The fuzzer of the block decoder, compiled from the sources as they are. */
export class BlockFuzzer {
  readonly #program: string;
  readonly #seeds: string;
  readonly #folder: string;

  /** @param folder an existing folder for programs, inputs, and what crashed */
  constructor(folder: string) {
    this.#folder = folder;
    this.#program = join(folder, 'fuzz-blocks');
    this.#seeds = join(folder, 'seeds');
    const object = (source: string): string => join(folder, basename(source).replace('.cc', '.o'));
    for (const source of [...TARGET, ...SEEDS]) {
      const includes = INCLUDES.map((path) => `-I${join(ROOT, path)}`);
      execFileSync('clang++', [...COMPILE, ...includes, join(ROOT, source), '-o', object(source)]);
    }
    const link = (program: string, sources: readonly string[], ...flags: string[]): void => {
      const args = [...SANITIZERS, ...flags, ...sources.map(object), ...LIBRARIES, '-o', program];
      execFileSync('clang++', args);
    };
    link(this.#program, TARGET, '-fsanitize=fuzzer');
    const writer = join(folder, 'write-seeds');
    link(writer, [...SEEDS, ...TARGET.slice(1)]);
    for (const path of [this.#seeds, this.corpus]) mkdirSync(path, { recursive: true });
    execFileSync(writer, [this.#seeds]);
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
