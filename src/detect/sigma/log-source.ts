import type { Expression } from './expression.ts';
import { quoted, SigmaRefusal } from './refusal.ts';
import { SERVICES } from './services.ts';
import { AUDITD, type Branch, CATEGORIES, type Field, ownColumn } from './sources.ts';
import { plainOf } from './value.ts';

export interface LogSource {
  readonly product?: string | null | undefined;
  readonly category?: string | null | undefined;
  readonly service?: string | null | undefined;
}

/**
 * Which rows of which tables the rule is about.
 *
 * @throws SigmaRefusal for what weir does not see
 */
export function branchesOf(source: LogSource, condition: Expression): readonly Branch[] {
  const product = source.product ?? 'linux';
  const category = source.category ?? undefined;
  const service = source.service ?? undefined;
  if (product !== 'linux') throw new SigmaRefusal(`logsource: product ${quoted(product)}`);
  if (category !== undefined) {
    const branches = Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category] : undefined;
    if (branches === undefined) {
      const known = Object.keys(CATEGORIES).join(', ');
      throw new SigmaRefusal(
        `logsource: weir has no table for category ${quoted(category)}; there are ${known}`,
      );
    }
    if (service !== undefined && service !== 'sysmon') {
      throw new SigmaRefusal(`logsource: category ${category} with service ${quoted(service)}`);
    }
    return branches;
  }
  if (service === 'auditd') return auditdBranches(condition);
  if (service !== undefined) {
    const branches = Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
    if (branches !== undefined) return branches;
    const known = ['auditd', ...Object.keys(SERVICES)].join(', ');
    throw new SigmaRefusal(
      `logsource: weir does not know the lines of service ${quoted(service)}; there are ${known}`,
    );
  }
  throw new SigmaRefusal('logsource: neither category nor service');
}

function auditdBranches(condition: Expression): readonly Branch[] {
  const types = new Set(typesIn(condition));
  const known = Object.keys(AUDITD).join(' or ');
  if (types.size === 0) {
    throw new SigmaRefusal(`logsource: a rule for auditd needs a type, ${known}`);
  }
  return [...types].flatMap((type) => {
    const branches = Object.hasOwn(AUDITD, type) ? AUDITD[type] : undefined;
    if (branches !== undefined) return branches;
    throw new SigmaRefusal(
      `logsource: auditd's records of type ${quoted(type)}; there is ${known}`,
    );
  });
}

function typesIn(expression: Expression): string[] {
  if (expression.op === 'not') return typesIn(expression.of);
  if (expression.op !== 'test') return expression.of.flatMap(typesIn);
  if (expression.field !== 'type' || expression.test.kind !== 'text') return [];
  const type = plainOf(expression.test.pieces);
  if (type === null) throw new SigmaRefusal('type: has wildcards');
  return [type.toUpperCase()];
}

/** @throws SigmaRefusal for a field that the table does not have */
export function fieldOf(branch: Branch, name: string): Field {
  const mapped = Object.hasOwn(branch.fields, name) ? branch.fields[name] : undefined;
  const field = mapped ?? ownColumn(branch.table, name);
  if (field !== undefined) return field;
  throw new SigmaRefusal(`field ${quoted(name)}: ${branch.table} does not have it`);
}
