import type { Expression, Test } from './expression.ts';
import { fieldOf } from './log-source.ts';
import { SigmaRefusal } from './refusal.ts';
import type { Branch } from './sources.ts';
import { balanced, globSql, likeSql, sqlString } from './sql-text.ts';

/**
 * SQL that is true for the rows of a branch that are events of the rule. It may be NULL instead of
 * false, except below NOT.
 *
 * @param alias of the table
 * @throws SigmaRefusal for a field that the table does not have
 */
export function conditionSql(expression: Expression, branch: Branch, alias: string): string {
  const sql = new Conversion(branch, alias).of(expression);
  const rows = branch.rows.replaceAll('$', alias);
  return rows === '' ? sql : `${rows} AND ${sql}`;
}

/** A field as SQL, for grouping and counting. */
export function fieldSql(name: string, branch: Branch, alias: string): string {
  return substitute(fieldOf(branch, name).sql, alias);
}

/** JSON paths begin with $ too. */
function substitute(sql: string, alias: string): string {
  return sql.replaceAll('$.', `${alias}.`);
}

class Conversion {
  readonly #branch: Branch;
  readonly #alias: string;

  constructor(branch: Branch, alias: string) {
    this.#branch = branch;
    this.#alias = alias;
  }

  of(expression: Expression): string {
    switch (expression.op) {
      case 'and':
      case 'or': {
        const parts = expression.of.map((part) => this.of(part));
        return balanced(expression.op === 'and' ? 'AND' : 'OR', parts);
      }
      case 'not':
        // NOT of an unknown value would be unknown: a field that is missing does not match.
        return `((${this.of(expression.of)}) IS NOT TRUE)`;
      case 'test':
        return expression.field === null
          ? this.#keyword(expression.test)
          : this.#test(expression.field, expression.test);
    }
  }

  #keyword(test: Test): string {
    const columns = this.#branch.texts.map((name) => `${this.#alias}.${name}`);
    return balanced(
      'OR',
      columns.map((column) => this.#compare(column, 'text', test, '')),
    );
  }

  #test(name: string, test: Test): string {
    const { sql, kind } = fieldOf(this.#branch, name);
    return this.#compare(substitute(sql, this.#alias), kind, test, name);
  }

  #compare(column: string, kind: 'text' | 'number', test: Test, name: string): string {
    switch (test.kind) {
      case 'text':
        if (!test.cased) return likeSql(column, test.pieces);
        return globSql(kind === 'number' ? `CAST(${column} AS TEXT)` : column, test.pieces);
      case 'number':
        return kind === 'number'
          ? `${column} = ${test.value}`
          : `${column} = ${sqlString(String(test.value))}`;
      case 'compare':
        if (kind === 'number') return `${column} ${test.operator} ${test.value}`;
        throw new SigmaRefusal(`${name}: is text, and cannot be compared as a number`);
      case 'empty':
        return `coalesce(${column}, '') = ''`;
      case 'regex':
        return `${column} REGEXP ${sqlString(test.pattern)}`;
      case 'cidr':
        return `in_cidr_block(${sqlString(test.block)}, ${column}) = 1`;
      case 'field':
        return this.#fields(column, test);
    }
  }

  #fields(column: string, test: Extract<Test, { kind: 'field' }>): string {
    const other = substitute(fieldOf(this.#branch, test.field).sql, this.#alias);
    const fold = test.cased
      ? (sql: string) => `CAST(${sql} AS TEXT)`
      : (sql: string) => `lower(${sql})`;
    const [a, b] = [fold(column), fold(other)];
    switch (test.relation) {
      case 'equals':
        return `${a} = ${b}`;
      case 'contains':
        return `instr(${a}, ${b}) > 0`;
      case 'startswith':
        return `substr(${a}, 1, length(${b})) = ${b}`;
      case 'endswith':
        // Not substr(text, -length): with 0 that would be all of it.
        return `substr(${a}, length(${a}) - length(${b}) + 1) = ${b}`;
    }
  }
}
