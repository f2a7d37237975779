import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../helpers/eventually.ts';
import { Watch } from '../helpers/watch.ts';
import { runInside } from '../helpers/workload.ts';

const SWITCHES = 50;
const LIFETIMES = 400;

/** Answer of POST /provider. */
async function post(socketPath: string, body: string): Promise<{ status: number; text: string }> {
  const call = request({ socketPath, path: '/provider', method: 'POST' });
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

/** Ids of the programs and maps that a process holds descriptors of: `prog 12`, `map 34`. */
function objectsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fdinfo`).flatMap((fd) => {
    try {
      const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
      return [...info.matchAll(/^(prog|map)_id:\s*(\d+)$/gm)].map(
        ([, kind, id]) => `${kind} ${id}`,
      );
    } catch {
      return []; // closed since it was listed
    }
  });
}

/** All programs and maps of the kernel. */
function objectsOfKernel(): Set<string> {
  const list = (kind: string): string[] =>
    JSON.parse(execFileSync('bpftool', ['-j', kind, 'list'], { encoding: 'utf8' })).map(
      ({ id }: { id: number }) => `${kind} ${id}`,
    );
  return new Set([...list('prog'), ...list('map')]);
}

describe('live: switching the provider', function () {
  this.timeout(240_000);
  let watch: Watch;
  before(async () => {
    watch = await Watch.start({ provider: 'ebpf' });
  });
  after(() => watch?.stop());

  const switchTo = async (provider: string) => {
    const { status, text } = await post(watch.daemon.socket, JSON.stringify({ provider }));
    assert.equal(status, 200, text);
    return JSON.parse(text);
  };

  it(`loses no process in ${SWITCHES} switches, and leaks nothing`, async () => {
    const { pid } = watch.daemon;
    const loop = `i=0; while [ $i -lt ${LIFETIMES} ]; do /bin/sleep 0.02; i=$((i + 1)); done`;
    await switchTo('netlink');
    await switchTo('ebpf');
    await sleep(500);
    const before = { held: held(pid), threads: threadsOf(pid) };
    const workload = runInside(watch.cgroup, '/bin/sh', ['-c', loop]);
    for (let i = 0; i < SWITCHES / 2; i++) {
      assert.equal((await switchTo('netlink')).provider, 'netlink');
      assert.equal((await switchTo('ebpf')).provider, 'ebpf');
    }
    const { pid: shell } = await workload;
    const sql = `SELECT count(DISTINCT pid) AS n FROM process_lifecycle_events
      WHERE action = 'ACTION' AND pid IN (SELECT pid FROM process_lifecycle_events
        WHERE action = 'fork' AND parent = ${shell})`;
    for (const action of ['fork', 'exit']) {
      const [row] = await eventually(
        () => watch.daemon.query(sql.replace('ACTION', action)),
        ([r]) => Number(r?.n) >= LIFETIMES,
      );
      assert.equal(Number(row?.n), LIFETIMES, action);
    }
    // The kernel lets go of programs and maps a little later.
    const after = await eventually(
      () => ({ held: held(pid), threads: threadsOf(pid) }),
      (now) => JSON.stringify(now) === JSON.stringify(before),
    );
    assert.deepEqual(after, before);
    for (const name of ['process', 'lifecycle', 'file']) {
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

for (const provider of ['ebpf', 'netlink'] as const) {
  describe(`live: the end of ${provider} in the middle of a flood`, () => {
    for (const end of ['stop', 'kill'] as const) {
      it(`${end} leaves no program, map, mark or socket behind`, async () => {
        const watch = await Watch.start({ provider });
        const { pid } = watch.daemon;
        const loop = 'while :; do : > f; rm f; /bin/true; done';
        const flood = spawn('/bin/sh', ['-c', loop], { cwd: watch.scratch, stdio: 'ignore' });
        try {
          watch.cgroup.add(flood.pid as number);
          await watch.rows('SELECT 1 FROM process_file_events LIMIT 1', 1);
          const objects = objectsOf(pid);
          assert.equal(objects.length > 0, provider === 'ebpf');
          await watch.daemon[end]();
          // Descriptors go with their process; what would stay is what the kernel holds by itself.
          assert.throws(() => readdirSync(`/proc/${pid}/fd`), /ENOENT/);
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
        } finally {
          flood.kill('SIGKILL');
          await once(flood, 'exit');
          // What it had just started ends by itself.
          await eventually(
            () => watch.cgroup.pids(),
            (pids) => pids.length === 0,
          );
          await watch.stop();
        }
      });
    }
  });
}
