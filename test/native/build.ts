import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

// Everything between ring and batch that needs neither Node nor libbpf.
const SUBJECTS = [
  'batch/batch',
  'sensor/caller_path',
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
  'sensor/identity',
  'sensor/kernel_names',
  'sensor/proc_file',
  'sensor/proc_reader',
  'sensor/process_cache',
  'sensor/record',
  'sensor/ring',
  'sensor/syscall_names',
  'sensor/text',
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
