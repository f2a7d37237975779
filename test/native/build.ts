import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';

const ROOT = new URL('../..', import.meta.url).pathname;

// Everything between ring and batch, and what chooses hooks; none of it needs Node.
const SUBJECTS = [
  'batch/batch',
  'program_pages',
  'sensor/caller_path',
  'sensor/decode_behavior',
  'sensor/decode_dns',
  'sensor/decode_file',
  'sensor/decode_kernel',
  'sensor/decode_process',
  'sensor/decode_socket',
  'sensor/decoder',
  'sensor/dns_data',
  'sensor/dns_message',
  'sensor/dns_names',
  'sensor/dns_reader',
  'sensor/dns_streams',
  'sensor/event_ways',
  'sensor/families',
  'sensor/identity',
  'sensor/kernel_functions',
  'sensor/kernel_names',
  'sensor/libbpf_log',
  'sensor/preemption',
  'sensor/private_mount',
  'sensor/proc_file',
  'sensor/proc_reader',
  'sensor/process_cache',
  'sensor/programs_family',
  'sensor/programs_functions',
  'sensor/programs_object',
  'sensor/record',
  'sensor/ring',
  'sensor/syscall_names',
  'sensor/text',
  'sensor/tiers',
];

// What attach_test.cc does in the kernel's place.
const WRAPPED = [
  'bpf_object__load',
  'bpf_program__fd',
  'bpf_program__attach',
  'bpf_program__attach_kprobe_multi_opts',
  'bpf_program__attach_kprobe',
  'bpf_link__fd',
  'bpf_link__destroy',
];

/** As `make` takes it from the environment: maybe with a cache before it. */
const [COMPILER = 'g++', ...BEFORE] = (process.env.CXX ?? 'g++').split(' ');
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const OPTIONS = [
  ...['-std=c++20', '-O1', '-g1', ...SANITIZERS],
  ...['addon', 'bpf', 'build/generated', 'test/native'].map((d) => `-I${join(ROOT, d)}`),
  `-DBPF_DIRECTORY="${join(ROOT, 'build/bpf')}"`,
];

/**
 * Builds the C++ tests with address and undefined-behaviour sanitizers; returns the program. On each
 * processor one file at a time: it is minutes of the compiler's work.
 */
export async function buildNativeTests(directory: string): Promise<string> {
  const compile = promisify(execFile);
  const sources = [
    ...globSync(join(ROOT, 'test/native/*.cc')),
    ...SUBJECTS.map((name) => join(ROOT, 'addon', `${name}.cc`)),
  ];
  const compileOne = async (source: string, index: number): Promise<string> => {
    const object = join(directory, `${index}.o`);
    await compile(COMPILER, [...BEFORE, ...OPTIONS, '-c', source, '-o', object]);
    return object;
  };
  const objects = from(sources).pipe(mergeMap(compileOne, availableParallelism()), toArray());
  const program = join(directory, 'sensor_test');
  const wrapped = WRAPPED.map((name) => `-Wl,--wrap=${name}`);
  const inputs = [...(await lastValueFrom(objects)), ...wrapped, '-lbpf'];
  await compile(COMPILER, [...BEFORE, ...SANITIZERS, ...inputs, '-o', program]);
  return program;
}

/** Names of the cases, as the program lists them. */
export function listNativeTests(): string[] {
  const pattern = /TEST\(\w+,\s*"((?:[^"\\]|\\.)*)"\)/g;
  return globSync(join(ROOT, 'test/native/*_test.cc'))
    .sort()
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(pattern)])
    .map((match) => JSON.parse(`"${match[1]}"`) as string);
}
