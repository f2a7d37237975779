import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
  'bpf_link__fd',
  'bpf_link__destroy',
];

/** Builds the C++ tests with address and undefined-behaviour sanitizers; returns the program. */
export function buildNativeTests(directory: string): string {
  const program = join(directory, 'sensor_test');
  execFileSync('g++', [
    ...['-std=c++20', '-O1', '-g1', '-pipe'],
    ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
    ...['addon', 'bpf', 'build/generated', 'test/native'].map((d) => `-I${join(ROOT, d)}`),
    ...globSync(join(ROOT, 'test/native/*.cc')),
    ...SUBJECTS.map((name) => join(ROOT, 'addon', `${name}.cc`)),
    `-DBPF_DIRECTORY="${join(ROOT, 'build/bpf')}"`,
    ...WRAPPED.map((name) => `-Wl,--wrap=${name}`),
    '-lbpf',
    ...['-o', program],
  ]);
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
