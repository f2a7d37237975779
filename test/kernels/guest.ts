/**
 * What is run inside the machine: the daemon with a configuration, workloads, questions; and reading what
 * it printed. An answer is a line of its own: NAME JSON.
 */
import assert from 'node:assert/strict';
import { run } from './machine.mjs';

export type Answer = Readonly<Record<string, unknown>>;

/** Names and queries whose rows are wanted. */
export type Queries = Readonly<Record<string, string>>;

/** A line for ask.mjs. Shell in the query is run when the questions are written. */
function line(name: string, sql: string): string {
  return `${name}\t${sql.replaceAll(/\s+/g, ' ')}`;
}

export interface Session {
  /** In front of every name, with a point behind it. */
  readonly prefix?: string;
  readonly config?: object;
  /** Shell; in it /tmp/life is an empty folder. */
  readonly work: string;
  readonly queries: Queries;
}

/**
 * Shell function: what a daemon wrote before it ended in a bad way, and what the kernel says of it: the
 * registers and where in which library a fatal signal met it (machine.mjs asks it to).
 */
const LAST_WORDS = `last_words() {
  echo "daemon ended with $1"
  cat /tmp/ready /tmp/log
  dmesg | tail -n 40
}`;

/**
 * Shell that starts a daemon on a new state, does the work, asks, and stops the daemon; how it ended is
 * the answer `stopped`. A daemon that does not get ready ends the machine with 3.
 */
export function session({ prefix, config = {}, work, queries }: Session): string {
  const named = (name: string) => (prefix === undefined ? name : `${prefix}.${name}`);
  return `
${LAST_WORDS}
rm -rf /tmp/state /tmp/life; mkdir -p /tmp/state /tmp/life
printf '%s\\n' '${JSON.stringify({ debounce: { window_ms: 0 }, ...config }).replaceAll("'", '\\u0027')}' > /tmp/config
bin/weir.js daemon --state-dir /tmp/state --config /tmp/config >/tmp/ready 2>/tmp/log &
daemon=$!
for i in $(seq 480); do grep -q ready /tmp/ready && break; kill -0 $daemon || break; sleep 0.5; done
grep -q ready /tmp/ready || { kill -0 $daemon && kill -ABRT $daemon; wait $daemon; last_words $?; exit 3; }
${work}
cat >/tmp/queries <<END
${Object.entries(queries)
  .map(([name, sql]) => line(named(name), sql))
  .join('\n')}
END
node_modules/.bin/node test/kernels/ask.mjs /tmp/state/weir.sock /tmp/queries
kill $daemon
wait $daemon
code=$?
[ $code = 0 ] || last_words $code
echo "${named('stopped')} [{\\"code\\": $code}]"
`;
}

/** Every class's sum, and what of it was lost. */
export const LOSS =
  "SELECT group_concat(class || ':' || balance || ':' || (lost_ring + lost_map + lost_decode + lost_queue + lost_store), ' ') AS sums FROM weir_loss";

/** What a machine printed. */
export class Said {
  readonly output: string;
  readonly #rows = new Map<string, readonly Answer[]>();

  constructor(output: string) {
    this.output = output;
    for (const line of output.split('\n')) {
      const [, name, json] = /^([\w.]+) (\[.*\])$/.exec(line) ?? [];
      if (name !== undefined && json !== undefined) this.#rows.set(name, JSON.parse(json));
    }
  }

  /** What was printed while a part ran. */
  part(name: string): string {
    const from = this.output.indexOf(` s until ${name}\n`);
    const to = this.output.indexOf('\ntook ', from);
    return from < 0 ? this.output : this.output.slice(from, to < 0 ? undefined : to);
  }

  rows(name: string): readonly Answer[] {
    return this.#rows.get(name) ?? assert.fail(`no answer ${name}: ${this.output}`);
  }

  /** The first row. */
  answer(name: string): Answer {
    return this.rows(name)[0] ?? assert.fail(`no row for ${name}: ${this.output}`);
  }

  /** What `session` tells of every daemon: nothing lost, and it ended well. */
  endedWell(prefix?: string): void {
    const named = (name: string) => (prefix === undefined ? name : `${prefix}.${name}`);
    for (const sum of String(this.answer(named('loss')).sums).split(' ')) {
      assert.match(sum, /^\w+:0:0$/);
    }
    assert.equal(this.answer(named('stopped')).code, 0, this.part(prefix ?? ''));
  }
}

export interface Machine {
  readonly kernel: string;
  readonly image: string;
  readonly script: string;
  readonly seconds?: number;
  readonly files?: readonly string[];
  readonly alike?: readonly string[];
  /** Further arguments of QEMU. */
  readonly more?: readonly string[];
}

/**
 * Runs a script in the machine. Emulation on a busy host goes wrong now and then: a machine whose script did
 * not come to a good end is started once more, and that is said.
 */
export function runMachine({ kernel, image, script, ...options }: Machine): Said {
  const start = () => run(kernel, image, script, options);
  let ended = start();
  if (ended.status !== 0) {
    const how = ended.status === null ? 'did not come to its end' : `ended with ${ended.status}`;
    console.error(`${kernel}: the machine ${how}, once more:\n${ended.output}${ended.stderr}`);
    ended = start();
  }
  assert.equal(ended.status, 0, ended.output + ended.stderr);
  return new Said(ended.output);
}

/** The numbers that SQLite gave as text, as numbers. */
export function numbers(row: Answer): Answer {
  const number = (value: unknown) =>
    typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, number(value)]));
}
