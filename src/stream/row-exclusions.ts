import { exclusionId, isExpired, scopeOf } from '../config/exclusion.ts';
import type { ExclusionRule } from '../config/schema.ts';
import type { ClassName } from '../sensor/schema.ts';
import { CgroupPaths } from './cgroup-paths.ts';
import { thisHost } from './push-down.ts';
import { ruleMatches, type SubjectHost, subjectOf } from './rule-matches.ts';
import type { StreamRule } from './rules.ts';
import { compileRule, type RuleHost } from './split-rule.ts';

interface Compiled {
  readonly id: string;
  readonly rule: ExclusionRule;
  readonly stream: StreamRule;
  readonly query: RegExp | undefined;
}

export interface RowFacts {
  /** Whether a process belongs to a rule's tree; default: only the process that it names does. */
  readonly inTree?: SubjectHost['inTree'];
  readonly host?: RuleHost;
  readonly cgroupPath?: SubjectHost['cgroupPath'];
}

/** Asks exclusions about single rows: of a detection, or of an event somebody wonders about. */
export class RowExclusions {
  readonly #rules: readonly Compiled[];
  readonly #host: SubjectHost;

  constructor(rules: readonly ExclusionRule[], facts: RowFacts = {}) {
    const host = facts.host ?? thisHost();
    const cgroups = new CgroupPaths();
    this.#rules = rules
      .filter((rule) => rule.executable_file === undefined)
      .map((rule, index) => ({
        id: exclusionId(rule),
        rule,
        stream: compileRule(rule, index, host),
        query: rule.query === undefined ? undefined : wildcard(rule.query),
      }));
    const root: SubjectHost['inTree'] = ({ tree }, processId) =>
      tree !== undefined && 'processId' in tree && tree.processId === processId;
    this.#host = {
      cgroupPath:
        facts.cgroupPath ??
        ((id) => cgroups.pathOf(Number(id & 0xffffffffn), Number(id >> 32n), -1)),
      userId: (name) => host.userId(name),
      inTree: facts.inTree ?? root,
    };
  }

  /**
   * Ids of the exclusions of a scope that hold for a row.
   *
   * @param query name of the rule that found it; undefined: an event
   */
  holding(
    scope: ReturnType<typeof scopeOf>,
    row: Readonly<Record<string, unknown>>,
    { query, className }: { readonly query?: string; readonly className?: ClassName } = {},
  ): readonly string[] {
    const now = Date.now() / 1000;
    const subject = subjectOf(row, className);
    return this.#rules
      .filter(
        ({ rule, stream, query: name }) =>
          scopeOf(rule) === scope &&
          !isExpired(rule, now) &&
          (name === undefined || (query !== undefined && name.test(query))) &&
          ruleMatches(stream, subject, this.#host),
      )
      .map(({ id }) => id);
  }
}

function wildcard(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
