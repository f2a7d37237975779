import { type Expression, join } from './expression.ts';
import { fieldExpression } from './modifiers.ts';
import { quoted, SigmaRefusal } from './refusal.ts';

/**
 * A search identifier of a rule: a map (all of its fields), a list of maps (any of them), or
 * keywords, which are looked for in all texts of an event.
 *
 * @throws SigmaRefusal
 */
export function selectionExpression(value: unknown): Expression {
  if (isMap(value)) return mapExpression(value);
  if (Array.isArray(value)) {
    if (value.length === 0) throw new SigmaRefusal('an empty list');
    return join(
      'or',
      value.map((item) => (isMap(item) ? mapExpression(item) : keyword(item))),
    );
  }
  return keyword(value);
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keyword(value: unknown): Expression {
  if (value === null || Array.isArray(value)) {
    throw new SigmaRefusal(`${quoted(value)} is no keyword`);
  }
  return fieldExpression(null, ['contains'], value);
}

function mapExpression(map: Readonly<Record<string, unknown>>): Expression {
  const entries = Object.entries(map);
  if (entries.length === 0) throw new SigmaRefusal('an empty selection');
  return join(
    'and',
    entries.map(([key, value]) => {
      try {
        return entryExpression(key, value);
      } catch (error) {
        if (!(error instanceof SigmaRefusal) || key === '') throw error;
        throw new SigmaRefusal(`${key}: ${error.message}`);
      }
    }),
  );
}

function entryExpression(key: string, value: unknown): Expression {
  const [field = '', ...modifiers] = key.split('|');
  if (field !== '') return fieldExpression(field, modifiers, value);
  // Keywords with modifiers, such as '|all'. They stand anywhere in a text unless it is a regex.
  const unfit = modifiers.find((modifier) => modifier !== 'all' && modifier !== 're');
  if (unfit !== undefined) throw new SigmaRefusal(`modifier ${unfit} needs a field`);
  const regex = modifiers.includes('re');
  return fieldExpression(null, regex ? modifiers : ['contains', ...modifiers], value);
}
