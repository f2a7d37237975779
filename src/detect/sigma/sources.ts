import { EVENT_TABLES } from '../../tables/events/index.ts';

/** A field of Sigma in one of weir's tables. */
export interface Field {
  /** SQL with $ for the table's alias: `$.path`. */
  readonly sql: string;
  readonly kind: 'text' | 'number';
}

/** Rows of one table that are events of a log source. */
export interface Branch {
  readonly table: string;
  /** Which rows; $ for the alias; '' for all. */
  readonly rows: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Columns that keywords are looked for in. */
  readonly texts: readonly string[];
  /** Columns of a detection. */
  readonly shows: readonly string[];
}

const text = (sql: string): Field => ({ sql, kind: 'text' });
const number = (sql: string): Field => ({ sql, kind: 'number' });
const column = (name: string): Field => text(`$.${name}`);
const id = (name: string): Field => number(`$.${name}`);

const ACTOR = {
  User: column('username'),
  ProcessId: id('pid'),
  ProcessGuid: id('process_id'),
  ParentProcessId: id('parent'),
  ParentProcessGuid: id('parent_process_id'),
};
const PROCESS_SHOWS = [
  ...['time', 'pid', 'path', 'cmdline', 'cwd', 'username', 'auid', 'parent', 'parent_path'],
  ...['parent_cmdline', 'process_id', 'exec_id', 'container_id', 'container_name'],
];

const PROCESS: Branch = {
  table: 'process_events',
  rows: '',
  fields: {
    ...ACTOR,
    Image: column('path'),
    CommandLine: column('cmdline'),
    CurrentDirectory: column('cwd'),
    ParentImage: column('parent_path'),
    ParentCommandLine: column('parent_cmdline'),
    TerminalSessionId: id('session_id'),
    LogonId: id('auid'),
  },
  texts: ['path', 'cmdline', 'cwd', 'username', 'parent_path', 'parent_cmdline'],
  shows: PROCESS_SHOWS,
};

function file(operations: readonly string[], target: string, source?: string): Branch {
  const { User, ProcessId, ProcessGuid, ParentProcessGuid } = ACTOR;
  return {
    table: 'process_file_events',
    rows: `$.operation IN (${operations.map((name) => `'${name}'`).join(', ')})`,
    fields: {
      ...{ User, ProcessId, ProcessGuid, ParentProcessGuid },
      ParentProcessId: id('ppid'),
      Image: column('executable'),
      TargetFilename: column(target),
      ...(source === undefined ? {} : { SourceFilename: column(source) }),
    },
    texts: ['executable', target, 'cwd', 'username'],
    shows: [
      ...['time', 'pid', 'executable', 'operation', 'path', 'dest_path', 'username', 'auid'],
      ...['process_id', 'exec_id', 'container_id', 'container_name'],
    ],
  };
}

function network(actions: readonly string[], initiated: boolean): Branch {
  const [source, target] = initiated ? ['local', 'remote'] : ['remote', 'local'];
  const hostname = initiated ? 'DestinationHostname' : 'SourceHostname';
  const other = initiated ? 'SourceHostname' : 'DestinationHostname';
  return {
    table: 'socket_events',
    rows:
      `$.action IN (${actions.map((name) => `'${name}'`).join(', ')}) AND $.status = 'succeeded' ` +
      'AND $.family IN (2, 10)',
    fields: {
      ...ACTOR,
      Image: column('path'),
      SourceIp: column(`${source}_address`),
      SourcePort: id(`${source}_port`),
      DestinationIp: column(`${target}_address`),
      DestinationPort: id(`${target}_port`),
      [hostname]: column('remote_hostname'),
      [other]: text('NULL'),
      Initiated: text(initiated ? `'true'` : `'false'`),
      Protocol: text(`(CASE $.protocol WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp' END)`),
      SourceIsIpv6: text(`(CASE $.family WHEN 10 THEN 'true' ELSE 'false' END)`),
      DestinationIsIpv6: text(`(CASE $.family WHEN 10 THEN 'true' ELSE 'false' END)`),
    },
    texts: ['path', 'local_address', 'remote_address', 'remote_hostname', 'username'],
    shows: [
      ...['time', 'pid', 'path', 'action', 'local_address', 'local_port', 'remote_address'],
      ...['remote_port', 'remote_hostname', 'username', 'auid', 'process_id', 'exec_id'],
      'container_id',
      'container_name',
    ],
  };
}

const DNS: Branch = {
  table: 'dns_events',
  rows: `$.action = 'question'`,
  fields: {
    ...ACTOR,
    Image: column('path'),
    QueryName: column('query'),
    QueryType: column('query_type'),
    record_type: column('query_type'),
    query: column('query'),
  },
  texts: ['query', 'path', 'username'],
  shows: [
    ...['time', 'pid', 'path', 'query', 'query_type', 'remote_address', 'username', 'auid'],
    ...['process_id', 'exec_id', 'container_id', 'container_name'],
  ],
};

/** Sysmon's FileCreate: a name that a file got, and a file that was opened for writing. */
const WRITTEN = ['create', 'open_write', 'symlink', 'mknod'];

/** Branches of categories: a detection is a row of any of them. */
export const CATEGORIES: Readonly<Record<string, readonly Branch[]>> = {
  process_creation: [PROCESS],
  file_event: [file(WRITTEN, 'path'), file(['rename', 'link'], 'dest_path', 'path')],
  file_delete: [file(['unlink'], 'path')],
  file_rename: [file(['rename'], 'dest_path', 'path')],
  network_connection: [network(['connect', 'send'], true), network(['accept'], false)],
  dns_query: [DNS],
};

const MOST_ARGUMENTS = 32;

/** Text that is no JSON would be an error, and stop the rule. */
const json = (sql: string): string => `(CASE WHEN json_valid($.json_cmdline) THEN ${sql} END)`;

/** auditd's records, by the value of `type`. */
export const AUDITD: Readonly<Record<string, readonly Branch[]>> = {
  EXECVE: [
    {
      ...PROCESS,
      fields: {
        type: text(`'EXECVE'`),
        argc: number(json('json_array_length($.json_cmdline)')),
        ...Object.fromEntries(
          Array.from({ length: MOST_ARGUMENTS }, (_, i) => [
            `a${i}`,
            text(json(`json_extract($.json_cmdline, '$[${i}]')`)),
          ]),
        ),
      },
      // EXECVE records hold arguments alone.
      texts: ['cmdline'],
    },
  ],
  PATH: [file(WRITTEN, 'path'), file(['rename', 'link'], 'dest_path')].map((branch) => {
    const name = branch.fields.TargetFilename as Field;
    return {
      ...branch,
      fields: { type: text(`'PATH'`), name },
      texts: [name.sql.slice('$.'.length)],
    };
  }),
};

const NUMERIC = new Set(['BIGINT', 'INTEGER', 'DOUBLE']);

/** A column of the table under its own name, for rules that are written for weir. */
export function ownColumn(table: string, name: string): Field | undefined {
  const spec = EVENT_TABLES.find((candidate) => candidate.name === table);
  const found = spec?.columns.find((candidate) => candidate.name === name);
  if (found === undefined) return undefined;
  return { sql: `$.${name}`, kind: NUMERIC.has(found.type) ? 'number' : 'text' };
}
