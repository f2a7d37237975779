import type { EventBatch } from '../sensor/batch.ts';
import { BoundedMap } from './bounded-map.ts';

/** What one answer said of an address. Times are nanoseconds since boot. */
interface Seen {
  readonly name: string;
  readonly netNs: number;
  readonly process: string;
  readonly since: number;
  readonly until: number;
}

interface Answer {
  readonly type: string;
  readonly ttl: number;
  readonly data: string;
}

/** Programs connect a while after they asked, and many answers allow them seconds only. */
const LEAST_TTL_S = 60;
/** Addresses that are remembered; the one learnt longest ago makes room. */
const MAX_ADDRESSES = 16_384;
/** A name has at most 1,016 characters as text, and an address 16 of them. */
const MAX_BYTES = 8 << 20;
/** Of a name beside its text. */
const NAME_BYTES = 128;
/** Names, namespaces and processes for one address: the addresses of large sites have many. */
const MAX_FOR_ADDRESS = 16;

/**
 * Names for remote addresses, from the answers to DNS questions that were seen: `learn` takes them
 * from batches of class dns, `fill` sets `remote_hostname` in batches of class socket. A name holds
 * in the network namespace that it was answered in, for the answer's time to live (a minute at
 * least), and never for what happened before the answer. What the process itself asked for last is
 * preferred to what others asked for.
 */
export class HostNames {
  readonly #byAddress: BoundedMap<string, Seen[]>;

  constructor(maxAddresses: number = MAX_ADDRESSES, maxBytes: number = MAX_BYTES) {
    const limits = { entries: maxAddresses, bytes: maxBytes };
    this.#byAddress = new BoundedMap('host_names', limits, (_, seen) =>
      seen.reduce((sum, { name }) => sum + NAME_BYTES + 2 * name.length, 0),
    );
  }

  /** Addresses that have names. */
  get size(): number {
    return this.#byAddress.size;
  }

  learn(batch: EventBatch): void {
    if (batch.className !== 'dns') return;
    const answers = batch.codes('answers');
    const queries = batch.codes('query');
    const spaces = batch.u32('net_ns');
    for (let r = 0; r < batch.rows; r++) {
      const json = batch.text('answers', answers[r] as number);
      const name = batch.text('query', queries[r] as number);
      if (json === null || name === null) continue;
      const since = timeOf(batch, r);
      const process = processOf(batch, r);
      for (const { type, ttl, data } of JSON.parse(json) as Answer[]) {
        if (type !== 'A' && type !== 'AAAA') continue;
        const until = since + Math.max(ttl, LEAST_TTL_S) * 1e9;
        this.#add(data, { name, netNs: spaces[r] as number, process, since, until });
      }
    }
  }

  #add(address: string, seen: Seen): void {
    const others = (this.#byAddress.get(address) ?? []).filter(
      (one) =>
        one.until > seen.since &&
        (one.netNs !== seen.netNs || one.process !== seen.process || one.name !== seen.name),
    );
    this.#byAddress.set(address, [...others.slice(1 - MAX_FOR_ADDRESS), seen]);
  }

  fill(batch: EventBatch): void {
    if (batch.className !== 'socket' || this.#byAddress.size === 0) return;
    // Most addresses have no name: one look-up for each of the batch, none for each row.
    const known = Array.from({ length: batch.dictionarySize('remote_address') }, (_, code) =>
      this.#byAddress.get(batch.text('remote_address', code) ?? ''),
    );
    if (known.every((seen) => seen === undefined)) return;
    const addresses = batch.codes('remote_address');
    const spaces = batch.u32('net_ns');
    const values = [''];
    const codes = new Uint32Array(batch.rows);
    const codeOf = new Map<string, number>();
    for (let r = 0; r < batch.rows; r++) {
      const seen = known[addresses[r] as number];
      if (seen === undefined) continue;
      const name = choose(seen, spaces[r] as number, processOf(batch, r), timeOf(batch, r));
      if (name === undefined) continue;
      const code = codeOf.get(name) ?? values.push(name) - 1;
      codeOf.set(name, code);
      codes[r] = code;
    }
    if (values.length > 1) batch.setColumn('remote_hostname', codes, values);
  }
}

/** The last name that holds; of the process's own, if there is one. */
function choose(
  seen: readonly Seen[],
  netNs: number,
  process: string,
  time: number,
): string | undefined {
  const holds = (one: Seen) => one.netNs === netNs && one.since <= time && time < one.until;
  const own = seen.findLast((one) => one.process === process && holds(one));
  return (own ?? seen.findLast(holds))?.name;
}

function processOf(batch: EventBatch, row: number): string {
  const halves = batch.halves('process_id');
  return `${halves[2 * row]} ${halves[2 * row + 1]}`;
}

/** Nanoseconds since boot; beyond 104 days of them the last few are rounded away. */
function timeOf(batch: EventBatch, row: number): number {
  const halves = batch.halves('boottime_ns');
  return (halves[2 * row + 1] as number) * 2 ** 32 + (halves[2 * row] as number);
}
