/** Questions to LXD, or Incus, whose API is the same as far as its tables go. */
import type { TableContext } from '../../bridge/context.ts';
import { asList, asText, at, isObject, type JsonObject, parseObject } from '../../host/json.ts';
import { askSocket } from './socket-client.ts';

const SOCKETS = [
  '/var/snap/lxd/common/lxd/unix.socket',
  '/var/lib/lxd/unix.socket',
  '/var/lib/incus/unix.socket',
];
const NOT_FOUND = 404;

/**
 * What the daemon has under a path of its API; undefined without a warning where no daemon is, or
 * it has nothing there.
 */
export function askLxd(context: TableContext, path: string): unknown {
  const { host } = context;
  return context.once(`lxd ${path}`, () => {
    const socket = SOCKETS.find((each) => host.stat(each)?.isSocket() === true);
    if (socket === undefined) return undefined;
    const checkpoint = (): void => context.checkpoint();
    const { status, body } = askSocket(`${host.root}${socket}`, path, checkpoint);
    if (status === NOT_FOUND) return undefined;
    const answer = parseObject(body);
    if (status === 200 && answer !== undefined) return answer.metadata;
    const said = asText(answer?.error) || (status === 200 ? 'no JSON' : body.slice(0, 200));
    context.warn(`LXD does not answer ${path}: ${status === 0 ? '' : `${status}, `}${said}`);
    return undefined;
  });
}

export function askLxdObject(context: TableContext, path: string): JsonObject | undefined {
  const value = askLxd(context, path);
  return isObject(value) ? value : undefined;
}

/** Things of a kind: what the list of their addresses leads to. */
export function* askLxdEach(
  context: TableContext,
  list: string,
): Iterable<{ readonly url: string; readonly facts: JsonObject }> {
  for (const url of asList(askLxd(context, list)).map(asText)) {
    // What the daemon names is asked of it again, and of nobody else.
    if (!url.startsWith('/1.0/')) continue;
    const facts = askLxdObject(context, url);
    if (facts !== undefined) yield { url, facts };
  }
}

/** Address of an instance or image that the query names. */
export const lxdUrl = (kind: string, name: string): string =>
  `/1.0/${kind}/${encodeURIComponent(name)}`;

/** Entries of an object of texts. */
export function lxdEntries(value: unknown): readonly (readonly [string, string])[] {
  return isObject(value) ? Object.entries(value).map(([key, each]) => [key, asText(each)]) : [];
}

export const lxdText = (facts: unknown, ...keys: readonly string[]): string =>
  asText(at(facts, ...keys));
