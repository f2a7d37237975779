import type { PassResult, RuleThreadData } from '../../src/detect/streaming/messages.ts';
import { RuleEngine } from '../../src/detect/streaming/rule-engine.ts';
import { RuleSieve } from '../../src/detect/streaming/rule-sieve.ts';
import type { Connection } from '../../src/sql/connection.ts';

/** The sieve of the main thread and the engine of the rule thread without a thread between them. */
export class SievedEngine {
  readonly #engine: RuleEngine;
  readonly #sieve: RuleSieve;
  #position: bigint;
  #caughtUp = true;

  /** All rules begin at the position of the first. */
  constructor(connection: Connection, data: RuleThreadData, now?: () => number) {
    this.#engine = new RuleEngine(connection, data, now);
    this.#sieve = new RuleSieve(data.path, data.rules);
    this.#position = data.rules[0]?.position ?? 0n;
    this.#pass(this.#position);
  }

  /** The result, and how many rules ran for it. */
  pass(upto: bigint): PassResult & { readonly ran: number } {
    const result = this.#pass(upto);
    return { ...result, ran: result.outcomes.filter(({ ran }) => ran).length };
  }

  #pass(upto: bigint): PassResult {
    const after = this.#position;
    const suspects = this.#caughtUp ? this.#sieve.suspects(after, upto) : null;
    const result = this.#engine.pass({ after, upto, suspects });
    this.#position = upto;
    this.#caughtUp = result.caughtUp;
    return result;
  }
}
