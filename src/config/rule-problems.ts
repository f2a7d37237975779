import type { z } from 'zod';
import { BEHAVIOR_NAMES } from './behaviors.ts';
import { CONDITIONS } from './exclusion.ts';
import { KERNEL_ACTION_NAMES } from './kernel-actions.ts';
import type { Located } from './merged-document.ts';
import { type Problem, problemAt, unknownKey } from './problems.ts';
import { ACTION_NAMES } from './schema/names.ts';
import type { configSchema } from './schema.ts';

type Parsed = z.output<typeof configSchema>;
type Rule = Parsed['exclude'][number];

const FILE_ACTIONS = new Set([
  ...['create', 'open_write', 'open_read', 'close_write', 'rename', 'unlink', 'link', 'symlink'],
  ...['mkdir', 'rmdir', 'mknod', 'chmod', 'chown', 'truncate', 'mmap_write', 'attributes'],
]);
const SOCKET_ACTIONS = new Set(['connect', 'accept', 'bind', 'listen', 'send', 'close']);
const DNS_ACTIONS = new Set(['question', 'answer']);
/** Patterns that hold for every file. */
const EVERYTHING = /^\/?(?:\*\*\/?)*(?:\*\*|\/)?$/;

type Kind = 'process' | 'socket' | 'dns' | 'file' | 'kernel' | 'behavior';

const BEHAVIORS: ReadonlySet<string> = new Set(BEHAVIOR_NAMES);
const KERNEL_ACTIONS: ReadonlySet<string> = new Set(KERNEL_ACTION_NAMES);

function kindOfAction(action: string): Kind {
  if (FILE_ACTIONS.has(action)) return 'file';
  if (SOCKET_ACTIONS.has(action)) return 'socket';
  if (DNS_ACTIONS.has(action)) return 'dns';
  if (BEHAVIORS.has(action)) return 'behavior';
  return KERNEL_ACTIONS.has(action) ? 'kernel' : 'process';
}

function kindOfTable(table: string): Kind {
  if (table.startsWith('socket')) return 'socket';
  if (table === 'dns_events') return 'dns';
  if (table.startsWith('kernel')) return 'kernel';
  if (table.startsWith('behavior')) return 'behavior';
  return table.includes('file') ? 'file' : 'process';
}

/** What the schema cannot say: rules that leave out everything or nothing, names that miss. */
export function ruleProblems(config: Parsed, document?: Located): Problem[] {
  const problems = config.exclude.flatMap((rule, i) => {
    const message = problemOfRule(rule);
    return message === undefined ? [] : [problemAt('error', ['exclude', i], message, document)];
  });
  const known = [...Object.keys(config.file_paths), ...Object.keys(config.file_paths_query)];
  const unknown = (path: (string | number)[], name: string): void => {
    const hint = unknownKey(name, known).replace(/^unknown key/, 'no such category in file_paths');
    problems.push(problemAt('warning', path, hint, document));
  };
  for (const category of Object.keys(config.exclude_paths)) {
    if (!known.includes(category)) unknown(['exclude_paths', category], category);
  }
  for (const [category, groups] of Object.entries(config.yara.file_paths)) {
    if (!known.includes(category)) unknown(['yara', 'file_paths', category], category);
    const signatures = Object.keys(config.yara.signatures);
    for (const [i, group] of groups.entries()) {
      if (signatures.includes(group)) continue;
      const hint = unknownKey(group, signatures).replace(
        /^unknown key/,
        'no such group of signatures',
      );
      problems.push(problemAt('error', ['yara', 'file_paths', category, i], hint, document));
    }
  }
  config.file_accesses.forEach((category, i) => {
    if (!known.includes(category)) unknown(['file_accesses', i], category);
  });
  return problems;
}

/** Why a rule would leave out everything; undefined: it does not. */
function holdsForAll(rule: Rule): string | undefined {
  const instead =
    'collect switches whole classes off, and "force": true (--force) says that it is meant';
  const said = CONDITIONS.filter((key) => rule[key] !== undefined);
  if (said.length === 0) {
    return `leaves out everything: give at least one of ${CONDITIONS.join(', ')} (${instead})`;
  }
  const narrow = said.filter((key) => !holdsAlways(rule, key));
  if (narrow.length > 0) return undefined;
  const [key = 'path'] = said;
  return `${key} ${String(rule[key])} holds for everything: ${instead}`;
}

function holdsAlways(rule: Rule, key: (typeof CONDITIONS)[number]): boolean {
  switch (key) {
    case 'path':
    case 'executable':
    case 'cgroup':
      return EVERYTHING.test(String(rule[key]));
    case 'tree':
      return rule.tree !== undefined && EVERYTHING.test(rule.tree);
    case 'mount_namespace':
      return rule.mount_namespace === 'host' || rule.mount_namespace === 'any';
    case 'address':
      return rule.address?.endsWith('/0') === true;
    case 'actions':
      return ACTION_NAMES.every((action) => rule.actions?.includes(action));
    case 'query':
      return /^\*+$/.test(rule.query ?? '');
    default:
      return false;
  }
}

function problemOfRule(rule: Rule): string | undefined {
  const all = rule.force === true ? undefined : holdsForAll(rule);
  if (all !== undefined) return all;
  if (rule.query !== undefined && (rule.scope ?? 'collection') === 'collection') {
    return 'query is of detections: scope must be detection or response';
  }
  if (
    rule.executable_file !== undefined &&
    CONDITIONS.some((key) => key !== 'executable_file' && rule[key] !== undefined)
  ) {
    return 'executable_file is asked in the kernel alone: no other condition can stand beside it, only tables';
  }
  if (rule.executable_file !== undefined && (rule.scope ?? 'collection') !== 'collection') {
    return 'executable_file is of collection alone';
  }
  if (rule.uid !== undefined && rule.user !== undefined) return 'give uid or user, not both';
  const needed: [string, Kind][] = [];
  if (rule.path !== undefined) needed.push(['path', 'file']);
  if (rule.extension !== undefined) needed.push(['extension', 'file']);
  if (rule.port !== undefined) needed.push(['port', 'socket']);
  if (rule.address !== undefined) needed.push(['address', 'socket']);
  let possible: Kind[] = ['process', 'socket', 'dns', 'file', 'kernel', 'behavior'];
  for (const [, kind] of needed) possible = possible.filter((k) => k === kind);
  if (rule.tables) possible = possible.filter((k) => rule.tables?.map(kindOfTable).includes(k));
  if (rule.actions) possible = possible.filter((k) => rule.actions?.map(kindOfAction).includes(k));
  if (possible.length > 0) return undefined;
  return 'can never hold: path and extension are of file events, port and address of socket events, and actions and tables must fit them';
}
