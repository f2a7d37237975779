import { z } from 'zod';
import { problemsOf } from '../../config/problems.ts';
import { parseCondition } from './condition.ts';
import { type Expression, join } from './expression.ts';
import { SigmaRefusal } from './refusal.ts';
import { isMap, selectionExpression } from './selection.ts';

/** More than SQL of the allowed length can hold. */
const MOST_COMPARISONS = 100_000;
const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
const texts = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : (value ?? undefined)),
  z.array(z.coerce.string()).default([]),
);
const word = z.string().min(1).nullish();

/** What all documents have; keys that weir does not use (author, date, ...) are left alone. */
const common = {
  title: z.string().min(1),
  id: word,
  name: word,
  status: word,
  description: word,
  level: z.enum(LEVELS).nullish(),
  tags: texts,
  falsepositives: texts,
  references: texts,
};
const ruleSchema = z.looseObject({
  ...common,
  logsource: z.looseObject({ product: word, category: word, service: word }),
  detection: z.looseObject({
    condition: z.union([z.string(), z.array(z.string()).min(1)], { error: 'text or a list of it' }),
    timeframe: z.undefined({ error: 'timeframes belong to correlation rules' }).optional(),
  }),
});

const whole = z.number().int().min(0).max(1_000_000_000);
const correlationSchema = z.looseObject({
  ...common,
  correlation: z.strictObject({
    type: z.enum(['event_count', 'value_count', 'temporal', 'temporal_ordered']),
    rules: texts.pipe(z.array(z.string().min(1)).min(1).max(32)),
    'group-by': texts,
    timespan: z.string().regex(/^[1-9]\d{0,5}[smhdwM]$/, { error: 'a time such as 5m or 1h' }),
    generate: z.boolean().default(false),
    aliases: z.record(z.string(), z.record(z.string(), z.string())).default({}),
    condition: z
      .strictObject({
        gt: whole.optional(),
        gte: whole.optional(),
        lt: whole.optional(),
        lte: whole.optional(),
        eq: whole.optional(),
        neq: whole.optional(),
        field: z.string().min(1).optional(),
      })
      .optional(),
  }),
});

type Common = Pick<z.output<typeof ruleSchema>, keyof typeof common>;

export interface SigmaRule extends Common {
  readonly kind: 'rule';
  readonly logsource: z.output<typeof ruleSchema>['logsource'];
  readonly condition: Expression;
}

export interface SigmaCorrelation extends Common {
  readonly kind: 'correlation';
  readonly correlation: z.output<typeof correlationSchema>['correlation'];
}

export type SigmaDocument = SigmaRule | SigmaCorrelation;

/**
 * A document of a rule file.
 *
 * @param value as YAML has it
 * @throws SigmaRefusal
 */
export function readDocument(value: unknown): SigmaDocument {
  if (!isMap(value)) throw new SigmaRefusal('no rule: a map with title, logsource and detection');
  if ('action' in value) {
    throw new SigmaRefusal('action: collections of the first Sigma are not read; write each rule');
  }
  if ('filter' in value) throw new SigmaRefusal('filter: Sigma filters are not read');
  if ('correlation' in value) {
    return { kind: 'correlation', ...parsed(correlationSchema, value) };
  }
  const rule = parsed(ruleSchema, value);
  return { kind: 'rule', ...rule, condition: conditionOf(rule.detection) };
}

function parsed<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [problem] = problemsOf(result.error, schema);
  const where = problem === undefined || problem.path === '' ? '' : `${problem.path}: `;
  throw new SigmaRefusal(`${where}${problem?.message ?? 'wrong'}`);
}

/** Several conditions are alternatives. */
function conditionOf(detection: z.output<typeof ruleSchema>['detection']): Expression {
  const { condition, ...rest } = detection;
  const selections = new Map<string, Expression>();
  for (const [name, value] of Object.entries(rest)) {
    try {
      if (value !== undefined) selections.set(name, selectionExpression(value));
    } catch (error) {
      if (!(error instanceof SigmaRefusal)) throw error;
      throw new SigmaRefusal(`detection.${name}: ${error.message}`);
    }
  }
  const conditions = typeof condition === 'string' ? [condition] : condition;
  const of = conditions.map((text) => parseCondition(text, selections));
  const whole = join('or', of);
  // A condition may name a long selection many times.
  if (comparisons(whole, new Map()) > MOST_COMPARISONS) {
    throw new SigmaRefusal(`more than ${MOST_COMPARISONS} comparisons`);
  }
  return whole;
}

/** Selections are shared, so what was counted is remembered. */
function comparisons(expression: Expression, known: Map<Expression, number>): number {
  if (expression.op === 'test') return 1;
  const before = known.get(expression);
  if (before !== undefined) return before;
  const parts = expression.op === 'not' ? [expression.of] : expression.of;
  const count = parts.reduce((sum, part) => sum + comparisons(part, known), 0);
  known.set(expression, count);
  return count;
}
