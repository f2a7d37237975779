/**
 * `compare-facts.ts ROOT`: whether the kernel's facts of all processes are what the files of /proc
 * say. ROOT: the project, here or in a machine of test/kernels. Prints one JSON object.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';

const root = process.argv[2] ?? '';
const { native } = (await import(join(root, 'src/native/addon.ts'))) as {
  native: import('../../src/native/addon.ts').Native;
};
const { tables } = native;
const NAMES = ['stat', 'io', 'cgroup', '#ids', '@root', '@cwd'] as const;
/** Fields of stat that are told, from 0 behind the name: see proc(5). */
const TOLD = [0, 1, 2, 11, 12, 16, 17, 19, 20, 21];
const IO = ['read_bytes', 'write_bytes', 'cancelled_write_bytes'];

/** What weir reads of the file. */
function told(name: string, text: string): string {
  if (name === 'stat') {
    const end = text.lastIndexOf(')') + 1;
    const fields = text.slice(end + 1).split(' ');
    return `${text.slice(0, end)} ${TOLD.map((i) => fields[i]).join(' ')}`;
  }
  if (name === 'io') return IO.map((key) => new RegExp(`\n${key}: (.*)`).exec(text)?.[1]).join(' ');
  if (name === 'cgroup') return (text.split('\n')[0] ?? '').split(':').slice(2).join(':');
  return text;
}

function read(pids: readonly number[], facts?: Parameters<typeof tables.procFiles>[4]) {
  const all = tables.procFiles('', Uint32Array.from(pids), NAMES, 1 << 20, facts);
  let at = 0;
  return [...all.lengths].map((length, i) => {
    if (length < 0) return null;
    at += length;
    return told(NAMES[i % NAMES.length] as string, all.bytes.toString('latin1', at - length, at));
  });
}

const folder = mkdtempSync('/tmp/weir-facts-');
const commands = [
  ['sleep', '1000'],
  ['sleep', '1001'],
  // Its first child is never waited for: a zombie.
  ['sh', '-c', 'sleep 0 & exec sleep 1000'],
  ['sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; exec sleep 1000'],
  [process.execPath, '-e', 'process.title = "a) R (b"; setInterval(() => {}, 1e6)'],
];
const children = commands.map(([program = '', ...args], i) =>
  spawn(program, args, {
    cwd: i % 2 === 0 ? folder : '/',
    stdio: 'ignore',
    detached: i === 1,
    ...(i === 0 ? { uid: 12_345, gid: 54_321 } : {}),
  }),
);
await Promise.all(children.map((child) => once(child, 'spawn')));
// Busybox has no nice(1).
setPriority(children[1]?.pid ?? 0, 7);
const file = openSync(join(folder, 'written'), 'w');
writeSync(file, Buffer.alloc(100_000));
fsyncSync(file);
closeSync(file);

const before = tables.taskFacts() !== undefined;
tables.useTaskFacts(join(root, 'build/bpf'));
const had = tables.taskFacts() !== undefined;
const differences = new Map<string, string>();
const equal = new Set<string>();
try {
  // Who runs changes between two looks; what is equal once is told as it should be.
  for (let attempt = 0; attempt < 10; attempt++) {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    const facts = read(pids, tables.taskFacts());
    for (const [i, file] of read(pids).entries()) {
      const key = `${pids[Math.floor(i / NAMES.length)]} ${NAMES[i % NAMES.length]}`;
      if (facts[i] === file) equal.add(key);
      else if (file !== null) differences.set(key, `${facts[i]} instead of ${file}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const key of equal) differences.delete(key);
  // Whoever never rests tells nothing; those who sleep were started here.
  const mine = children.map(({ pid }) => pid);
  const isOurs = ([key]: [string, string]): boolean => mine.includes(Number(key.split(' ')[0]));
  tables.useTaskFacts('');
  const after = tables.taskFacts() !== undefined;
  const ours = [...differences].filter(isOurs);
  const others = [...differences].filter((each) => !isOurs(each));
  console.log(JSON.stringify([{ before, had, after, equal: equal.size, ours, others }]));
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}
