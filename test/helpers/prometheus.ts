import assert from 'node:assert/strict';

export interface Family {
  readonly type: string;
  readonly help: string;
  /** Value by labels, as they stand there. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`, 's');
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`, 's');
/** A label's value has no bare quote, backslash or end of line. */
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;

function labelsOf(text: string, line: string): string {
  const names = new Set<string>();
  for (let rest = text; rest !== ''; ) {
    const [all = '', name = ''] = LABEL.exec(rest) ?? [];
    assert.notEqual(all, '', `labels: ${line}`);
    assert.ok(!names.has(name), `label ${name} twice: ${line}`);
    names.add(name);
    rest = rest.slice(all.length);
  }
  return text;
}

/**
 * Reads Prometheus' text format 0.0.4 as strictly as its own tool checks it: every family together,
 * with HELP and TYPE before its samples, each series once, counters and only counters end in _total.
 */
export function parsePrometheus(text: string): ReadonlyMap<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line ends, too');
  const families = new Map<string, Family & { samples: Map<string, number> }>();
  let help: { name: string; text: string } | undefined;
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped, words = ''] = HELP.exec(line) ?? [];
    const [, typed, type = ''] = TYPE.exec(line) ?? [];
    if (helped !== undefined) {
      assert.ok(!families.has(helped), `a second ${helped}`);
      help = { name: helped, text: words };
    } else if (typed !== undefined) {
      assert.equal(help?.name, typed, `HELP before TYPE: ${line}`);
      assert.equal(type === 'counter', typed.endsWith('_total'), line);
      families.set(typed, { type, help: help?.text ?? '', samples: new Map() });
      current = typed;
    } else {
      const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
      assert.equal(name, current, `a sample of another family: ${line}`);
      assert.match(value, NUMBER, line);
      const series = labelsOf(labels, line);
      const samples = families.get(current)?.samples ?? new Map<string, number>();
      assert.ok(!samples.has(series), `twice: ${line}`);
      samples.set(series, Number(value));
    }
  }
  return families;
}
