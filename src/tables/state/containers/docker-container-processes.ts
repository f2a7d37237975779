import type { TableContext } from '../../bridge/context.ts';
import { bigint, defineTable, double, integer, text } from '../../bridge/table.ts';
import { exactText } from '../../host/host.ts';
import { asList, asText, at } from '../../host/json.ts';
import { whole, words } from '../../host/parse.ts';
import { bootTime, parseStat, TICKS } from '../processes/stat.ts';
import { userEntries } from '../users/accounts.ts';
import { containers, ofContainer } from './docker.ts';

/** Docker answers with the lines of ps that are of the container: no more than pids is asked. */
const TOP = `top?ps_args=${encodeURIComponent('-eo pid')}`;

/** As ps writes it: [DD-]hh:mm:ss. */
function cpuTime(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const clock = new Date((seconds % 86_400) * 1000).toISOString().slice(11, 19);
  return days === 0 ? clock : `${String(days).padStart(2, '0')}-${clock}`;
}

interface Machine {
  readonly booted: number;
  readonly uptime: number; // seconds
  readonly memory: number; // bytes
  readonly users: ReadonlyMap<number, string>;
}

function machineOf(context: TableContext): Machine {
  const { host } = context;
  return context.once('machine', () => ({
    booted: bootTime(host) ?? 0,
    uptime: Number(words(host.value('/proc/uptime') ?? '')[0] ?? 0),
    memory: 1024 * (whole(words(host.lines('/proc/meminfo')[0] ?? '')[1]) ?? 0),
    users: new Map(userEntries(host).map(({ uid, username }) => [uid, username])),
  }));
}

/** Arguments, each ended by a zero byte, with blanks between. */
function joined(line: Buffer): Buffer {
  const end = line.at(-1) === 0 ? line.length - 1 : line.length;
  return Buffer.from(line.subarray(0, end).map((byte) => (byte === 0 ? 0x20 : byte)));
}

/** The process as the host's /proc shows it; undefined when it is gone. */
function processRow(context: TableContext, pid: number) {
  const { host } = context;
  const folder = `/proc/${pid}`;
  const quiet = { quiet: true };
  const stat = parseStat(host.bytes(`${folder}/stat`, quiet)?.toString('latin1') ?? '');
  if (stat === undefined) return undefined;
  const status = host.lines(`${folder}/status`, quiet);
  const ids = (name: string): (number | undefined)[] =>
    words(status.find((line) => line.startsWith(`${name}:`)) ?? '')
      .slice(1)
      .map(whole);
  const [uid, euid, suid] = ids('Uid');
  const [gid, egid, sgid] = ids('Gid');
  const { booted, uptime, memory, users } = machineOf(context);
  const line = host.bytes(`${folder}/cmdline`, quiet) ?? Buffer.alloc(0);
  const seconds = (stat.userTicks + stat.systemTicks) / TICKS;
  const age = uptime - stat.startTicks / TICKS;
  return {
    pid,
    name: stat.name,
    cmdline: exactText(joined(line)),
    state: stat.state,
    uid,
    gid,
    euid,
    egid,
    suid,
    sgid,
    wired_size: 0,
    resident_size: stat.resident ?? 0,
    total_size: stat.total ?? 0,
    start_time: booted + Math.floor(stat.startTicks / TICKS),
    parent: stat.parent,
    pgroup: stat.group,
    threads: stat.threads,
    nice: stat.nice,
    user: uid === undefined ? '' : (users.get(uid) ?? String(uid)),
    time: cpuTime(Math.floor(seconds)),
    cpu: age > 0 ? Math.round((1000 * seconds) / age) / 10 : 0,
    mem: memory > 0 ? Math.round((1000 * (stat.resident ?? 0)) / memory) / 10 : 0,
  };
}

export const dockerContainerProcesses = defineTable({
  name: 'docker_container_processes',
  description: 'Processes of a container that runs, as the host sees them',
  columns: {
    id: text('Identifier of the container', {
      index: true,
      required: true,
      collate: 'nocase',
      operators: ['='],
    }),
    pid: bigint('Process id on the host', { index: true, operators: [] }),
    name: text('Name'),
    cmdline: text('Arguments'),
    state: text('State: R, S, D, Z, ...'),
    uid: bigint('User'),
    gid: bigint('Group'),
    euid: bigint('Effective user'),
    egid: bigint('Effective group'),
    suid: bigint('Saved user'),
    sgid: bigint('Saved group'),
    wired_size: bigint('Always 0'),
    resident_size: bigint('Bytes in memory'),
    total_size: bigint('Bytes of address space'),
    start_time: bigint('When it was started, seconds since 1970'),
    parent: bigint('Parent'),
    pgroup: bigint('Process group'),
    threads: integer('Threads'),
    nice: integer('Niceness'),
    user: text('Name of the user on the host'),
    time: text('Processor time: [days-]hours:minutes:seconds'),
    cpu: double('Processor time as share of its life, percent'),
    mem: double('Share of memory, percent'),
  },
  examples: ["SELECT pid, name, cmdline FROM docker_container_processes WHERE id = '4f1a'"],
  *generate(context) {
    for (const container of containers(context)) {
      const answer = ofContainer(context, container, TOP);
      for (const line of asList(at(answer, 'Processes'))) {
        context.checkpoint();
        const pid = whole(asText(asList(line)[0]));
        const row = pid === undefined ? undefined : processRow(context, pid);
        if (row !== undefined) yield { id: container.id, ...row };
      }
    }
  },
});
