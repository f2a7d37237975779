import { branchesOf } from './log-source.ts';
import { quoted, SigmaRefusal } from './refusal.ts';
import type { SigmaCorrelation, SigmaRule } from './rule.ts';
import type { Branch } from './sources.ts';
import { conditionSql, fieldSql } from './sql.ts';
import { balanced } from './sql-text.ts';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, M: 2_592_000 } as const;
const OPERATORS = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '<>' } as const;
/** Each rule before the last is nested in the one after it. */
const MOST_ORDERED = 8;
/** The event that a detection is about, and the driver of the streaming rule. */
const EVENT = 'e';

/** Rows of one branch of one of the rules. */
interface Source {
  readonly rule: SigmaRule;
  readonly reference: string;
  readonly branch: Branch;
}

/**
 * SQL of a correlation: a row for each event of its rules with which the condition holds, counted
 * over the timespan up to and with that event.
 *
 * @param find a rule by its name or id
 * @throws SigmaRefusal
 */
export function correlationSql(
  document: SigmaCorrelation,
  find: (reference: string) => SigmaRule,
): string {
  return new Correlation(document.correlation, find).sql();
}

class Correlation {
  readonly #settings: SigmaCorrelation['correlation'];
  readonly #rules: readonly (readonly Source[])[];
  readonly #seconds: number;

  constructor(settings: SigmaCorrelation['correlation'], find: (reference: string) => SigmaRule) {
    this.#settings = settings;
    const { timespan } = settings;
    this.#seconds = Number(timespan.slice(0, -1)) * SECONDS[timespan.slice(-1) as 's'];
    this.#rules = settings.rules.map((reference) => {
      const rule = find(reference);
      return branchesOf(rule.logsource, rule.condition).map((branch) => ({
        rule,
        reference,
        branch,
      }));
    });
  }

  sql(): string {
    const all = this.#rules.flat();
    const ordered = this.#settings.type === 'temporal_ordered';
    const drivers = ordered ? (this.#rules.at(-1) as readonly Source[]) : all;
    const mixed = new Set(drivers.map(({ branch }) => branch.table)).size > 1;
    return drivers
      .map((source) => {
        const { branch, rule } = source;
        const columns = mixed ? commonColumns(branch) : branch.shows.map((n) => `${EVENT}.${n}`);
        return (
          `SELECT ${columns.join(', ')} FROM ${branch.table} AS ${EVENT} ` +
          `WHERE ${conditionSql(rule.condition, branch, EVENT)} AND ${this.#condition(source)}`
        );
      })
      .join(' UNION ALL ');
  }

  #condition(event: Source): string {
    switch (this.#settings.type) {
      case 'event_count':
        return this.#compared(
          this.#rules
            .flat()
            .map(
              (source) =>
                `(SELECT coalesce(sum(o.count), 0) ${this.#from(source, 'o', event, '<=')})`,
            )
            .join(' + '),
        );
      case 'value_count': {
        const { field } = this.#settings.condition ?? {};
        if (field === undefined) throw new SigmaRefusal('value_count needs condition.field');
        const values = this.#rules
          .flat()
          .map(
            (source) =>
              `SELECT ${this.#field(field, source, 'o')} AS v ${this.#from(source, 'o', event, '<=')}`,
          );
        return this.#compared(`(SELECT count(DISTINCT v) FROM (${values.join(' UNION ALL ')}))`);
      }
      case 'temporal':
        this.#refuseCounts();
        return balanced('AND', [
          '1',
          ...this.#rules
            .filter((rule) => rule[0]?.rule !== event.rule)
            .map((rule) =>
              balanced(
                'OR',
                rule.map((o) => `EXISTS (SELECT 1 ${this.#from(o, 'o', event, '<=')})`),
              ),
            ),
        ]);
      case 'temporal_ordered':
        this.#refuseCounts();
        if (this.#rules.length > MOST_ORDERED) {
          throw new SigmaRefusal(`temporal_ordered of more than ${MOST_ORDERED} rules`);
        }
        return this.#before(this.#rules.length - 1, event, EVENT);
    }
  }

  /** The rules before this one, each before the next. */
  #before(index: number, event: Source, next: string): string {
    if (index === 0) return '1';
    const alias = `o${index}`;
    const rule = this.#rules[index - 1] as readonly Source[];
    return balanced(
      'OR',
      rule.map((source) => {
        const from = this.#from(source, alias, event, '<', next);
        return `EXISTS (SELECT 1 ${from} AND ${this.#before(index - 1, event, alias)})`;
      }),
    );
  }

  #from(source: Source, alias: string, event: Source, order: '<' | '<=', next = EVENT): string {
    const { branch, rule } = source;
    const conditions = [
      conditionSql(rule.condition, branch, alias),
      ...this.#settings['group-by'].map(
        (name) => `${this.#field(name, source, alias)} = ${this.#field(name, event, EVENT)}`,
      ),
      `${alias}.seq ${order} ${next}.seq`,
      `${alias}.time >= ${EVENT}.time - ${this.#seconds}`,
    ];
    return `FROM ${branch.table} AS ${alias} WHERE ${conditions.join(' AND ')}`;
  }

  /** A field of the rule, or what an alias means in it. */
  #field(name: string, { rule, reference, branch }: Source, alias: string): string {
    const { aliases } = this.#settings;
    if (!Object.hasOwn(aliases, name)) return fieldSql(name, branch, alias);
    const meant = Object.entries(aliases[name] ?? {}).find(
      ([key]) => key === reference || key === rule.name || key === rule.id,
    );
    if (meant !== undefined) return fieldSql(meant[1], branch, alias);
    throw new SigmaRefusal(`alias ${quoted(name)} has no field for rule ${quoted(reference)}`);
  }

  #compared(count: string): string {
    const { field: _, ...limits } = this.#settings.condition ?? {};
    const conditions = Object.entries(OPERATORS).flatMap(([key, operator]) => {
      const limit = limits[key as keyof typeof limits];
      return limit === undefined ? [] : [`(${count}) ${operator} ${limit}`];
    });
    if (conditions.length > 0) return balanced('AND', conditions);
    throw new SigmaRefusal(`${this.#settings.type} needs a condition such as gte: 10`);
  }

  /** All of the rules have to occur; Sigma lets rules say that, and nothing less is converted. */
  #refuseCounts(): void {
    const { condition, rules, type } = this.#settings;
    const limits = Object.entries(condition ?? {});
    if (limits.every(([key, value]) => key === 'gte' && value === rules.length)) return;
    throw new SigmaRefusal(`${type} with a condition other than all of its rules`);
  }
}

/** What the tables have in common, for a correlation over several of them. */
function commonColumns(branch: Branch): string[] {
  const executable = branch.table === 'process_file_events' ? 'executable' : 'path';
  const columns = [
    'time',
    'pid',
    'username',
    'auid',
    'process_id',
    'exec_id',
    'container_id',
    'container_name',
  ];
  return [
    ...columns.map((name) => `${EVENT}.${name}`),
    `${EVENT}.${executable} AS path`,
    `'${branch.table}' AS event_table`,
  ];
}
