import { readFileSync } from 'node:fs';
import type { LineFormat } from '../log-line.ts';
import type { LoggedRun, ResultRow, RuleInfo } from '../types.ts';
import { compact, type Fields } from './fields.ts';
import { splitImage } from './image.ts';
import { integer, nameOf, type Observation, observe } from './observation.ts';
import { rowLines } from './row-lines.ts';
import { techniquesOf } from './technique.ts';

export const ECS_VERSION = '9.4.0';

export interface EcsOptions {
  readonly hostIdentifier: string;
  readonly version: string; // of weir
}

/** Elastic's risk levels as numbers. */
const SEVERITY = { info: 1, low: 21, medium: 47, high: 73, critical: 99 } as const;

const TYPES: Readonly<Record<string, readonly string[]>> = {
  exec: ['start'],
  fork: ['start'],
  exit: ['end'],
  connect: ['connection', 'start'],
  accept: ['connection', 'start'],
  send: ['connection'],
  bind: ['info'],
  listen: ['info'],
  create: ['creation'],
  mkdir: ['creation'],
  mknod: ['creation'],
  link: ['creation'],
  symlink: ['creation'],
  open_read: ['access'],
  open_write: ['access'],
  close_write: ['change'],
  rename: ['change'],
  chmod: ['change'],
  chown: ['change'],
  truncate: ['change'],
  unlink: ['deletion'],
  rmdir: ['deletion'],
};
const OUTCOMES: Readonly<Record<string, string>> = {
  succeeded: 'success',
  failed: 'failure',
  in_progress: 'unknown',
};
const TRANSPORTS: Readonly<Record<string, string>> = {
  6: 'tcp',
  17: 'udp',
  1: 'icmp',
  132: 'sctp',
};
const NETWORKS: Readonly<Record<string, string>> = { 2: 'ipv4', 10: 'ipv6' };

/** A line per row in the Elastic Common Schema; all columns stay below `weir.columns`. */
export function ecsFormat(options: EcsOptions): LineFormat {
  return rowLines((run, row, id) => document(run, row, id, options));
}

function document(run: LoggedRun, row: ResultRow, id: string, options: EcsOptions): Fields {
  const seen = observe(run, row);
  const { columns } = seen;
  return compact({
    '@timestamp': new Date(seen.timeMs).toISOString(),
    ecs: { version: ECS_VERSION },
    message: run.rule?.description || run.name,
    event: {
      kind: kindOf(run),
      category: seen.what === 'other' ? undefined : [seen.what],
      type: TYPES[seen.action] ?? ['info'],
      action: seen.action,
      outcome: OUTCOMES[columns.status ?? ''],
      module: 'weir',
      dataset: 'weir.results',
      provider: run.name,
      id,
      created: new Date(run.unixTime * 1000).toISOString(),
      severity: run.rule === null ? undefined : SEVERITY[run.rule.severity],
    },
    host: {
      name: options.hostIdentifier,
      hostname: options.hostIdentifier,
      boot: { id: columns.boot_id ?? bootId() },
    },
    agent: { type: 'weir', name: options.hostIdentifier, version: options.version },
    ...ruleFields(run.name, run.rule),
    process: seen.what === 'other' ? undefined : processFields(seen),
    user: userFields(columns),
    file: seen.what === 'file' ? fileFields(seen) : undefined,
    ...networkFields(seen),
    ...containerFields(columns),
    labels: run.decorations,
    weir: {
      query: run.name,
      action: row.action,
      epoch: run.epoch,
      counter: run.counter,
      columns,
    },
  });
}

function kindOf(run: LoggedRun): string {
  if (run.rule !== null) return 'alert';
  return run.kind === 'events' ? 'event' : 'state';
}

function ruleFields(name: string, rule: RuleInfo | null): Fields {
  if (rule === null) return {};
  const technique = techniquesOf(rule.attack);
  return {
    rule: { name, description: rule.description, ruleset: 'weir' },
    threat: technique.length === 0 ? undefined : { framework: 'MITRE ATT&CK', ...ids(technique) },
  };
}

function ids(techniques: ReturnType<typeof techniquesOf>): Fields {
  const parts = techniques.flatMap(({ sub }) => (sub === undefined ? [] : [sub]));
  return {
    technique: {
      id: [...new Set(techniques.map(({ id }) => id))],
      subtechnique: parts.length === 0 ? undefined : { id: parts },
    },
  };
}

function processFields({ columns, executable }: Observation): Fields {
  return {
    pid: integer(columns.pid),
    entity_id: columns.exec_id ?? columns.process_id,
    executable,
    name: nameOf(executable),
    command_line: columns.cmdline,
    args: argumentsOf(columns.json_cmdline),
    working_directory: columns.cwd,
    exit_code: integer(columns.exit_code),
    tty: columns.tty === undefined || columns.tty === '' ? undefined : { path: columns.tty },
    thread: { id: integer(columns.tid), name: columns.comm },
    parent: {
      pid: integer(columns.parent ?? columns.ppid),
      entity_id: columns.parent_process_id,
      executable: columns.parent_path,
      name: nameOf(columns.parent_path),
      command_line: columns.parent_cmdline,
    },
  };
}

function argumentsOf(json: string | undefined): unknown {
  try {
    return json === undefined || json === '' ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

function userFields(columns: Readonly<Record<string, string>>): Fields {
  return {
    id: columns.process_uid ?? columns.uid,
    name: columns.username,
    effective: { id: columns.euid },
    group: { id: columns.gid },
  };
}

function containerFields(columns: Readonly<Record<string, string>>): Fields {
  const image = splitImage(columns.container_image);
  const pod = columns.pod_uid ?? columns.pod_name;
  return {
    container: {
      id: columns.container_id,
      name: columns.container_name,
      runtime: columns.container_runtime,
      image: image && { name: image.name, tag: image.tag && [image.tag] },
    },
    orchestrator: !pod
      ? undefined
      : {
          type: 'kubernetes',
          namespace: columns.pod_namespace,
          resource: { type: 'pod', name: columns.pod_name, id: columns.pod_uid },
        },
  };
}

function fileFields({ columns, file }: Observation): Fields {
  return {
    path: file,
    name: nameOf(file),
    target_path: columns.dest_path || undefined,
    inode: columns.inode,
    device: columns.dev,
    size: integer(columns.size),
    mode: columns.mode,
    uid: columns.owner_uid,
    gid: columns.owner_gid,
    hash: {
      md5: columns.md5 || undefined,
      sha1: columns.sha1 || undefined,
      sha256: columns.sha256 || undefined,
    },
  };
}

function networkFields({ what, columns, local, remote, inbound }: Observation): Fields {
  if (what !== 'network') return {};
  const [source, destination] = inbound ? [remote, local] : [local, remote];
  return {
    source: { address: source?.ip, ...source },
    destination: { address: destination?.ip, ...destination },
    network: {
      transport: TRANSPORTS[columns.protocol ?? ''],
      iana_number: columns.protocol === '0' ? undefined : columns.protocol,
      type: NETWORKS[columns.family ?? ''],
      direction: columns.action === undefined ? undefined : inbound ? 'ingress' : 'egress',
    },
  };
}

let knownBoot: string | undefined;

function bootId(): string {
  knownBoot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBoot;
}
