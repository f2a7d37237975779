/** Questions to the Docker daemon, and what its tables share. */
import type { TableContext } from '../../bridge/context.ts';
import type { Cell } from '../../bridge/table.ts';
import { asList, asText, at, isObject, type JsonObject } from '../../host/json.ts';
import { askSocket } from './socket-client.ts';

const SOCKET = '/var/run/docker.sock';
const NOT_FOUND = 404;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * The daemon's answer; undefined when there is none: where no daemon is, or what was asked about
 * does not exist, without a warning.
 *
 * @param path of the Engine API
 */
export function ask(context: TableContext, path: string): unknown {
  const { host } = context;
  return context.once(`docker ${path}`, () => {
    if (host.stat(SOCKET)?.isSocket() !== true) return undefined;
    const checkpoint = (): void => context.checkpoint();
    const { status, body } = askSocket(`${host.root}${SOCKET}`, path, checkpoint);
    if (status === NOT_FOUND) return undefined;
    const value = status === 200 ? parsed(body) : undefined;
    if (value === undefined) {
      const said =
        asText(at(parsed(body), 'message')) || (status === 200 ? 'no JSON' : body.slice(0, 200));
      context.warn(`Docker does not answer ${path}: ${status === 0 ? '' : `${status}, `}${said}`);
    }
    return value;
  });
}

export function askObject(context: TableContext, path: string): JsonObject | undefined {
  const value = ask(context, path);
  return isObject(value) ? value : undefined;
}

export function askList(context: TableContext, path: string): readonly JsonObject[] {
  return asList(ask(context, path)).filter(isObject);
}

/** A number as it is, NULL for anything else. */
export function number(value: unknown): Cell {
  if (typeof value !== 'number') return undefined;
  return Number.isSafeInteger(value) || !Number.isInteger(value) ? value : BigInt(value);
}

/** Identifiers of images have the kind of digest before them. */
export function bare(id: unknown): string {
  return asText(id).replace(/^sha256:/, '');
}

/**
 * Names of a thing in its rows: as the query calls it. Docker takes the beginning of an identifier
 * for it, and so do osquery's tables.
 *
 * @param asked undefined: the whole identifier
 */
export function names(id: string, asked: readonly string[] | undefined): readonly string[] {
  if (asked === undefined) return [id];
  return asked.filter((each) => each !== '' && id.startsWith(each.toLowerCase()));
}

/** Seconds since 1970 of RFC 3339. */
export function seconds(time: unknown): Cell {
  const milliseconds = Date.parse(asText(time));
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** Entries of an object of texts: labels. */
export function pairs(value: unknown): readonly (readonly [string, string])[] {
  return isObject(value) ? Object.entries(value).map(([key, each]) => [key, asText(each)]) : [];
}

export function joined(value: unknown): string {
  return asList(value).map(asText).join(', ');
}

export interface Container {
  /** As the query calls it. */
  readonly id: string;
  readonly facts: JsonObject;
}

/** Containers that the query asks about, also those that do not run. */
export function* containers(context: TableContext<'id'>): Iterable<Container> {
  const asked = context.texts('id');
  for (const facts of askList(context, '/containers/json?all=1')) {
    for (const id of names(asText(facts.Id), asked)) yield { id, facts };
  }
}

/** What the daemon knows of one container, or a part of it. */
export function ofContainer(context: TableContext, { facts }: Container, part: string): unknown {
  return ask(context, `/containers/${encodeURIComponent(asText(facts.Id))}/${part}`);
}

export interface Image {
  readonly id: string;
  readonly facts: JsonObject;
}

export function* images(context: TableContext<'id'>): Iterable<Image> {
  const asked = context.texts('id');
  for (const facts of askList(context, '/images/json')) {
    for (const id of names(bare(facts.Id), asked)) yield { id, facts };
  }
}
