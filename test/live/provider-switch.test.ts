import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../helpers/eventually.ts';
import { PROVIDERS } from '../helpers/providers.ts';
import { storm } from '../helpers/storm.ts';
import { Watch } from '../helpers/watch.ts';
import { WeirDaemon } from '../helpers/weir-daemon.ts';
import { runInside } from '../helpers/workload.ts';

const SWITCHES = 50;
/** Memory is looked at from here on: by then everything has been used once. */
const WARM = 10;
const MIB = 1 << 20;
const MOST_GROWTH = 64 * MIB;
/** Two rows of one pid that are no further apart are of one process. */
const SAME_MS = 1000;
/** As long without a change, what requests held is gone. */
const SETTLED_MS = 500;
/** What holds a marker's connection until it has been seen. */
const HOLD_MS = 30_000;
/** Longer than any of the tests that end it. */
const FLOOD_SECONDS = 120;

/** Programs that a marker runs, which is as many as a verdict takes. */
const BURST = 8;

/** A marker and what it has done. */
interface Marker {
  readonly name: string;
  readonly pid: number;
  readonly file: string;
  readonly program: string;
}

/** By class, where what a marker does becomes a row. Class host has sources of its own. */
const ROWS: Readonly<Record<string, (marker: Marker) => string>> = {
  process: ({ pid, program }) => `process_events WHERE pid = ${pid} AND path = '${program}'`,
  lifecycle: ({ pid }) => `process_lifecycle_events WHERE pid = ${pid} AND action = 'exit'`,
  socket: ({ pid }) => `socket_events WHERE pid = ${pid} AND action = 'connect'`,
  file: ({ file }) => `process_file_events WHERE path = '${file}'`,
  kernel: ({ pid }) => `signal_events WHERE pid = ${pid} AND target_pid = ${process.pid}`,
  dns: ({ pid, name }) => `dns_events WHERE pid = ${pid} AND query = '${name}.weir.test'`,
  seen: ({ pid }) => `process_seen WHERE pid = ${pid}`,
  behavior: ({ pid }) => `behavior_events WHERE tree = ${pid} AND action = 'exec_burst'`,
};

/** Is the group leader of what it starts; then waits in a program that holds a connection. */
const MARKER = `: > "$1" && kill -URG $PPID && printf "$2" > /dev/udp/127.0.0.1/53 &&
  for ((i = 0; i < ${BURST}; i++)); do /bin/true; done && exec "$3" 1 4 ${HOLD_MS}`;

/** A question for NAME.weir.test, type A, as printf takes it. */
function question(name: string): string {
  const head = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const labels = [name, 'weir', 'test'].flatMap((label) => [label.length, ...Buffer.from(label)]);
  const bytes = [...head, ...labels, 0, 0, 1, 0, 1];
  return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Answer of POST /provider. */
async function post(socketPath: string, body: string): Promise<{ status: number; text: string }> {
  // A connection kept for the next request would be a descriptor that comes and goes.
  const call = request({ socketPath, path: '/provider', method: 'POST', agent: false });
  call.end(body);
  const [response] = await once(call, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, text };
}

/** What a process holds of the kernel, by kind. */
function held(pid: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const kind = readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/:\[\d+\]$/, '');
      if (/^(socket|anon_inode)/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
    } catch {
      // Closed since it was listed.
    }
  }
  return counts;
}

const threadsOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`)
    .map((tid) => {
      try {
        return readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();
      } catch {
        return '';
      }
    })
    // Workers for queries come as they are needed.
    .filter((name) => name.startsWith('weir-') && name !== 'weir-query')
    .sort();

/** Bytes of memory that a process has resident. */
function resident(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}

/** Ids of the programs, maps and links that a process holds descriptors of: `prog 12`, `map 34`. */
function objectsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fdinfo`).flatMap((fd) => {
    try {
      const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
      return [...info.matchAll(/^(prog|map|link)_id:\s*(\d+)$/gm)].map(
        ([, kind, id]) => `${kind} ${id}`,
      );
    } catch {
      return []; // closed since it was listed
    }
  });
}

/** All programs, maps and links of the kernel. */
function objectsOfKernel(): Set<string> {
  const list = (kind: string): string[] =>
    JSON.parse(execFileSync('bpftool', ['-j', kind, 'list'], { encoding: 'utf8' })).map(
      ({ id }: { id: number }) => `${kind} ${id}`,
    );
  return new Set([...list('prog'), ...list('map'), ...list('link')]);
}

/** The newest program and file. */
const seqs = async (daemon: WeirDaemon): Promise<number[]> => {
  const tables = ['process_lifecycle_events', 'process_file_events'];
  const newest = tables.map((table) => daemon.value(`SELECT max(seq) FROM ${table}`));
  return (await Promise.all(newest)).map(Number);
};

describe('live: switching the provider', function () {
  this.timeout(240_000);
  let watch: Watch;
  let program: string;
  before(async () => {
    watch = await Watch.start({
      provider: 'ebpf',
      // It is there from the start; another one would come with its own descriptors, some time.
      query: { workers: 1 },
      // Of a marker alone, however slow it is.
      behavior: { exec_burst: { threshold: BURST }, exec_window_ms: 60_000, cgroup_factor: 0 },
    });
    program = watch.compile('tcp_pair');
  });
  after(() => watch?.stop());

  const switchTo = async (provider: string) => {
    const { status, text } = await post(watch.daemon.socket, JSON.stringify({ provider }));
    assert.equal(status, 200, text);
    return JSON.parse(text);
  };

  /**
   * How many children of a process began or ended. While one provider takes over from the other both
   * tell of them; the same pid much later is another process.
   */
  async function processes(parent: number, action: string): Promise<number> {
    const sql = `SELECT pid, ntime / 1000000 AS ms FROM process_lifecycle_events
      WHERE action = '${action}' AND parent = ${parent} ORDER BY ntime`;
    const last = new Map<number, number>();
    let count = 0;
    for (const row of await watch.daemon.query(sql)) {
      const pid = Number(row.pid);
      const ms = Number(row.ms);
      if (ms - (last.get(pid) ?? Number.NEGATIVE_INFINITY) > SAME_MS) count++;
      last.set(pid, ms);
    }
    return count;
  }

  /** Classes that the provider of now covers, each of which has to show what a marker does. */
  async function covered(): Promise<string[]> {
    const sql = 'SELECT classes FROM weir_health';
    const classes = JSON.parse(String(await watch.daemon.value(sql)));
    const on = Object.keys(classes).filter((name) => classes[name].covered && name !== 'host');
    assert.deepEqual(
      on.filter((name) => ROWS[name] === undefined),
      [],
      'classes that no marker tries',
    );
    return on;
  }

  async function assertSeen(marker: Marker, classes: readonly string[]): Promise<void> {
    const counts = classes.map(
      (name) => `(SELECT count(*) > 0 FROM ${ROWS[name]?.(marker)}) AS ${name}`,
    );
    const [row = {}] = await eventually(
      () => watch.daemon.query(`SELECT ${counts.join(', ')}`),
      ([found]) => Object.values(found ?? {}).every((one) => Number(one) === 1),
    );
    const silent = classes.filter((name) => Number(row[name]) !== 1);
    assert.deepEqual(silent, [], marker.name);
  }

  /** Does one thing for each class, and stays until it has been seen. Returns the classes. */
  async function mark(name: string): Promise<readonly string[]> {
    const file = join(watch.scratch, name);
    // The second shell begins where the first one was moved to.
    const wait = 'read -r go && exec "$@"';
    const inside = ['/bin/bash', '-c', MARKER, 'bash', file, question(name), program];
    const child = spawn('/bin/sh', ['-c', wait, 'sh', ...inside], {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
    });
    const ended = once(child, 'exit');
    const classes = await covered();
    const marker = { name, pid: child.pid as number, file, program };
    try {
      watch.cgroup.add(marker.pid);
      child.stdin.end('go\n');
      await assertSeen(
        marker,
        classes.filter((one) => one !== 'lifecycle'),
      );
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    await assertSeen(marker, classes);
    return classes;
  }

  it(`in ${SWITCHES} switches no class goes silent, no process is lost, and nothing leaks`, async () => {
    const { pid } = watch.daemon;
    const stop = join(watch.scratch, 'stop');
    const loop = `i=0; while [ ! -e ${stop} ]; do
      /bin/sleep 0.02; : > ${watch.scratch}/load; rm ${watch.scratch}/load; i=$((i + 2)); done; echo $i`;
    await switchTo('netlink');
    await switchTo('ebpf');
    const now = () => ({ held: held(pid), threads: threadsOf(pid) });
    let before = now();
    await eventually(
      async () => {
        await sleep(SETTLED_MS);
        const earlier = before;
        before = now();
        return isDeepStrictEqual(before, earlier);
      },
      (same) => same,
    );
    const workload = runInside(watch.cgroup, '/bin/sh', ['-c', loop]);
    const objects = new Set<string>();
    const tried = new Set<string>();
    let warm = 0;
    for (let i = 1; i <= SWITCHES; i++) {
      const provider = i % 2 === 0 ? 'ebpf' : 'netlink';
      assert.equal((await switchTo(provider)).provider, provider);
      for (const name of await mark(`marker-${i}-${provider}`)) tried.add(name);
      for (const object of objectsOf(pid)) objects.add(object);
      if (i === WARM) warm = resident(pid);
    }
    writeFileSync(stop, '');
    const { pid: shell, stdout } = await workload;
    const children = Number(stdout);
    assert.ok(children > SWITCHES);
    for (const action of ['fork', 'exit']) {
      const n = await eventually(
        () => processes(shell, action),
        (found) => found >= children,
      );
      assert.equal(n, children, action);
    }
    // The kernel lets go of programs and maps a little later.
    const after = await eventually(now, (found) => isDeepStrictEqual(found, before));
    assert.deepEqual(after, before);
    const left = await eventually(
      () => {
        const mine = new Set(objectsOf(pid));
        const there = objectsOfKernel();
        return [...objects].filter((object) => there.has(object) && !mine.has(object));
      },
      (ids) => ids.length === 0,
    );
    assert.deepEqual(left, []);
    const growth = resident(pid) - warm;
    assert.ok(growth < MOST_GROWTH, `${Math.round(growth / MIB)} MiB`);
    assert.deepEqual([...tried].sort(), Object.keys(ROWS).sort());
    for (const name of tried) {
      const loss = await watch.lossAtRest(name);
      assert.equal(loss.balance, 0, name);
      assert.equal(loss.pending, 0, name);
    }
  });

  it('records who watched when, with the overlap', async () => {
    await switchTo('netlink');
    const overlaps = `SELECT count(*) FROM weir_coverage e JOIN weir_coverage n USING (class)
      WHERE e.provider = 'ebpf' AND n.provider = 'netlink' AND class = 'lifecycle'
        AND n.since_ntime <= e.until_ntime AND e.since_ntime <= n.since_ntime`;
    const count = await eventually(
      () => watch.daemon.value(overlaps),
      (n) => Number(n) >= SWITCHES / 2,
    );
    assert.ok(Number(count) >= SWITCHES / 2);
    const exact = `SELECT DISTINCT class, provider, exact FROM weir_coverage
      WHERE class IN ('file', 'lifecycle') ORDER BY class, provider`;
    assert.deepEqual(await watch.daemon.query(exact), [
      { class: 'file', provider: 'ebpf', exact: 1 },
      { class: 'file', provider: 'netlink', exact: 0 },
      { class: 'lifecycle', provider: 'ebpf', exact: 1 },
      { class: 'lifecycle', provider: 'netlink', exact: 1 },
    ]);
    // Class host has sources of its own, which no provider replaces.
    const open = `SELECT class, provider FROM weir_coverage
      WHERE until IS NULL AND class <> 'host'`;
    const rows = await eventually(
      () => watch.daemon.query(open),
      (found) => found.every(({ provider }) => provider === 'netlink'),
    );
    assert.ok(rows.length > 0);
    assert.deepEqual(
      rows.filter(({ provider }) => provider !== 'netlink'),
      [],
    );
  });

  it('refuses what it does not understand', async () => {
    for (const body of ['', '{}', '{"provider": "audit"}', '{"provider": "ebpf", "x": 1}']) {
      const { status, text } = await post(watch.daemon.socket, body);
      assert.equal(status, 400, text);
      assert.match(text, /HTTP_BODY.*ebpf, netlink, off/);
    }
  });
});

for (const provider of PROVIDERS) {
  describe(`live: the end of ${provider} in the middle of a flood`, () => {
    for (const end of ['stop', 'kill'] as const) {
      it(`${end} leaves no program, map, link, mark or socket behind, and a new start has its own`, async () => {
        const watch = await Watch.start({ provider });
        const { pid, stateDir } = watch.daemon;
        const flood = storm(watch, FLOOD_SECONDS).catch(() => null);
        let again: WeirDaemon | undefined;
        try {
          await watch.rows('SELECT 1 FROM process_file_events LIMIT 1', 1);
          const objects = objectsOf(pid);
          assert.equal(objects.length > 0, provider === 'ebpf');
          await watch.daemon[end]();
          // Descriptors go with their process; what would stay is what the kernel holds by itself.
          assert.throws(() => readdirSync(`/proc/${pid}/fd`), /ENOENT/);
          const only = { collect: { only: { cgroups: [watch.cgroup.path] } } };
          again = await WeirDaemon.start(stateDir, { provider, ...only });
          const left = await eventually(
            () => {
              const there = objectsOfKernel();
              return objects.filter((object) => there.has(object));
            },
            (ids) => ids.length === 0,
          );
          assert.deepEqual(left, []);
          assert.deepEqual(
            readFileSync('/proc/net/netlink', 'utf8')
              .split('\n')
              .filter((line) => line.trim().split(/\s+/)[2] === String(pid)),
            [],
          );
          // The flood goes on, and is seen by the new one.
          const since = Math.max(...(await seqs(again)), 0);
          const more = await eventually(
            () => seqs(again as WeirDaemon),
            (found) => Math.max(...found) > since,
          );
          assert.ok(Math.max(...more) > since);
        } finally {
          watch.cgroup.kill();
          await flood;
          await eventually(
            () => watch.cgroup.pids(),
            (pids) => pids.length === 0,
          );
          await again?.stop();
          await watch.stop();
        }
      });
    }
  });
}
