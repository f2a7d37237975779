import { isDeepStrictEqual } from 'node:util';
import type { JsonPath } from './key-path.ts';
import { isFields } from './layers.ts';
import { pathText } from './problems.ts';

export interface Leaf {
  readonly path: JsonPath;
  readonly key: string; // the path as text
  readonly value: unknown; // a list is one value, and so is an empty object
}

/** Every setting of a document, in its order. */
export function leavesOf(value: unknown, path: JsonPath = []): Leaf[] {
  if (isFields(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  }
  return value === undefined ? [] : [{ path, key: pathText(path), value }];
}

export interface Change {
  readonly key: string;
  readonly from: unknown; // undefined: was not there
  readonly to: unknown; // undefined: is not there any more
}

/** What another configuration says otherwise, setting by setting. */
export function changesBetween(from: object, to: object): readonly Change[] {
  const before = new Map(leavesOf(from).map(({ key, value }) => [key, value]));
  const after = new Map(leavesOf(to).map(({ key, value }) => [key, value]));
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys]
    .map((key) => ({ key, from: before.get(key), to: after.get(key) }))
    .filter(({ from: old, to: now }) => !isDeepStrictEqual(old, now));
}
