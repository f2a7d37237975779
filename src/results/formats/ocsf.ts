import type { LineFormat } from '../log-line.ts';
import type { LoggedRun, ResultRow, RuleInfo } from '../types.ts';
import { compact, type Fields } from './fields.ts';
import { splitImage } from './image.ts';
import { type Endpoint, integer, nameOf, type Observation, observe } from './observation.ts';
import { rowLines } from './row-lines.ts';
import { techniquesOf } from './technique.ts';

export const OCSF_VERSION = '1.6.0';

export interface OcsfOptions {
  readonly hostIdentifier: string;
  readonly version: string; // of weir
}

const SEVERITY = { info: 1, low: 2, medium: 3, high: 4, critical: 5 } as const;

const FILE = 1001;
const PROCESS = 1007;
const FINDING = 2004;
const NETWORK = 4001;
const BASE = 0;
const OTHER = 99;
const LINUX = 200;

/** Activity of each class by weir's words. */
const ACTIVITIES: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  [FILE]: {
    ...{ create: 1, mkdir: 1, mknod: 1, link: 1, symlink: 1, open_read: 14, open_write: 14 },
    ...{ close_write: 3, truncate: 3, unlink: 4, rmdir: 4, rename: 5, chmod: 6, chown: 6 },
  },
  [PROCESS]: { exec: 1, fork: 1, exit: 2 },
  [NETWORK]: { connect: 1, accept: 1, send: 6, listen: 7 },
};

/**
 * A line per row in the Open Cybersecurity Schema: detections as Detection Finding, events of weir's
 * tables as File System, Process and Network Activity, any other row as Base Event. All columns stay
 * in `unmapped`.
 */
export function ocsfFormat(options: OcsfOptions): LineFormat {
  return rowLines((run, row, id) => event(run, row, id, options));
}

function event(run: LoggedRun, row: ResultRow, id: string, options: OcsfOptions): Fields {
  const seen = observe(run, row);
  const classUid = classOf(run, seen);
  const activity = activityOf(classUid, run, seen);
  return compact({
    activity_id: activity,
    activity_name: activity === OTHER ? seen.action : undefined,
    category_uid: Math.floor(classUid / 1000),
    class_uid: classUid,
    type_uid: classUid * 100 + activity,
    severity_id: run.rule === null ? 1 : SEVERITY[run.rule.severity],
    time: seen.timeMs,
    status_id: statusOf(seen.columns.status),
    message: run.rule?.description || run.name,
    metadata: {
      uid: id,
      version: OCSF_VERSION,
      product: { name: 'weir', vendor_name: 'weir', version: options.version },
      log_name: run.name,
      logged_time: run.unixTime * 1000,
      profiles: classUid === NETWORK || classUid === FINDING ? ['host'] : undefined,
      labels: Object.entries(run.decorations).map(([key, value]) => `${key}:${value}`),
    },
    device: { type_id: 0, hostname: options.hostIdentifier, os: { name: 'Linux', type_id: LINUX } },
    ...classFields(classUid, run, seen, id),
    unmapped: { ...seen.columns, weir_action: row.action, weir_counter: run.counter },
  });
}

/** A class whose required objects the columns do not fill is not claimed. */
function classOf(run: LoggedRun, seen: Observation): number {
  if (run.rule !== null) return FINDING;
  if (run.kind !== 'events' || processObject(seen) === undefined) return BASE;
  if (seen.what === 'file') return fileObject(seen) === undefined ? BASE : FILE;
  if (seen.what === 'process') return seen.columns.path === undefined ? BASE : PROCESS;
  return seen.what === 'network' && Object.keys(compact(endpoints(seen))).length > 0
    ? NETWORK
    : BASE;
}

function activityOf(classUid: number, run: LoggedRun, seen: Observation): number {
  if (classUid === FINDING) return run.kind === 'snapshot' ? OTHER : 1;
  if (classUid === NETWORK && seen.columns.status === 'failed') return 4;
  return ACTIVITIES[classUid]?.[seen.action] ?? OTHER;
}

function statusOf(status: string | undefined): number | undefined {
  if (status === 'succeeded') return 1;
  return status === 'failed' ? 2 : undefined;
}

function classFields(classUid: number, run: LoggedRun, seen: Observation, id: string): Fields {
  const process = processObject(seen);
  switch (classUid) {
    case FINDING:
      return {
        finding_info: findingInfo(run.name, run.rule as RuleInfo, id, seen),
        is_alert: true,
        evidences: evidencesOf({ process, ...endpoints(seen), file: fileObject(seen) }),
      };
    case PROCESS:
      return { process, actor: { process: parentOf(seen) ?? process } };
    case FILE:
      return { file: fileObject(seen), file_result: renamed(seen), actor: { process } };
    case NETWORK:
      return {
        ...endpoints(seen),
        actor: { process },
        connection_info: {
          direction_id: seen.inbound ? 1 : 2,
          protocol_num: integer(seen.columns.protocol),
        },
      };
    default:
      return {};
  }
}

function evidencesOf(fields: Fields): Fields[] | undefined {
  const evidence = compact(fields);
  return Object.keys(evidence).length === 0 ? undefined : [evidence];
}

function findingInfo(name: string, rule: RuleInfo, id: string, seen: Observation): Fields {
  const attacks = techniquesOf(rule.attack).map(({ id: uid, sub }) =>
    compact({
      technique: { uid },
      sub_technique: sub === undefined ? undefined : { uid: sub },
    }),
  );
  return {
    uid: id,
    title: name,
    desc: rule.description,
    created_time: seen.timeMs,
    analytic: { type_id: 1, name },
    attacks: attacks.length === 0 ? undefined : attacks,
  };
}

function processObject({ columns, executable }: Observation): Fields | undefined {
  return identified({
    pid: integer(columns.pid),
    uid: columns.exec_id ?? columns.process_id,
    name: nameOf(executable),
    path: executable,
    cmd_line: columns.cmdline,
    working_directory: columns.cwd,
    file: fileOf(executable),
    user: { uid: columns.process_uid ?? columns.uid, name: columns.username },
    container: containerObject(columns),
    parent_process: parentOf({ columns }),
  });
}

function containerObject(columns: Readonly<Record<string, string>>): Fields {
  const image = splitImage(columns.container_image);
  return {
    uid: columns.container_id,
    name: columns.container_name,
    runtime: columns.container_runtime,
    image: image && { name: image.name, tag: image.tag, uid: columns.container_image },
    orchestrator: columns.pod_uid || columns.pod_name ? 'Kubernetes' : undefined,
    pod_uuid: columns.pod_uid,
  };
}

function parentOf({ columns }: Pick<Observation, 'columns'>): Fields | undefined {
  return identified({
    pid: integer(columns.parent ?? columns.ppid),
    uid: columns.parent_process_id,
    name: nameOf(columns.parent_path),
    path: columns.parent_path,
    cmd_line: columns.parent_cmdline,
    file: fileOf(columns.parent_path),
  });
}

/** A process without an id is none. */
function identified(fields: Fields): Fields | undefined {
  const process = compact(fields);
  return process.pid === undefined && process.uid === undefined ? undefined : process;
}

/** type_id: 1 a regular file, 2 a folder, 0 unknown. */
function fileOf(path: string | undefined, type = 1): Fields | undefined {
  const name = nameOf(path);
  return name === undefined ? undefined : { name, path, type_id: type };
}

function fileObject({ file, action, columns }: Observation): Fields | undefined {
  const made = fileOf(file, action === 'mkdir' || action === 'rmdir' ? 2 : 0);
  if (made === undefined) return undefined;
  return compact({ ...made, size: integer(columns.size), uid: columns.inode });
}

function renamed({ action, columns }: Observation): Fields | undefined {
  return action === 'rename' ? fileOf(columns.dest_path, 0) : undefined;
}

function endpoints({ what, local, remote, inbound }: Observation): Fields {
  if (what !== 'network') return {};
  const [source, destination] = inbound ? [remote, local] : [local, remote];
  return { src_endpoint: endpointOf(source), dst_endpoint: endpointOf(destination) };
}

function endpointOf(endpoint: Endpoint | undefined): Fields | undefined {
  return endpoint === undefined ? undefined : { ip: endpoint.ip, port: endpoint.port };
}
