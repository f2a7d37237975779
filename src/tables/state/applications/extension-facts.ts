/** What an extension of a browser is called, and what identifies it. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { asText, at, isObject, type JsonObject, jsonObject } from '../../host/json.ts';
import type { Extension } from './chromium.ts';

const ID = /^[a-p]{32}$/;

/** Chromium's way: half of the SHA-256 of the public key, in letters from a to p. */
export function identifierOf(key: string): string {
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex');
  return Array.from(digest.slice(0, 32), (digit) =>
    String.fromCharCode(97 + Number.parseInt(digit, 16)),
  ).join('');
}

/** From its key; else as the profile or the folder calls it. '' when nothing tells. */
export function identifier({ manifest, known, path }: Extension): string {
  const key = asText(manifest.key);
  if (key !== '') return identifierOf(key);
  const folder = posix.basename(posix.dirname(path));
  return known?.id ?? (ID.test(folder) ? folder : '');
}

/** Gives what `__MSG_name__` stands for in the extension's own language. */
export function localized({ profile, path, manifest }: Extension): (value: unknown) => string {
  let messages: JsonObject | undefined;
  const load = (): JsonObject => {
    const locale = asText(manifest.default_locale) || asText(manifest.current_locale) || 'en';
    // The name is the extension's to choose, the folder is not.
    const file = /^[\w@-]+$/.test(locale) ? `${path}/_locales/${locale}/messages.json` : undefined;
    const read = file === undefined ? {} : (jsonObject(profile.host, file) ?? {});
    return Object.fromEntries(Object.entries(read).map(([key, each]) => [key.toLowerCase(), each]));
  };
  return (value) => {
    const text = asText(value);
    const name = /^__MSG_(.+)__$/.exec(text)?.[1];
    if (name === undefined) return text;
    messages ??= load();
    const message = at(messages, name.toLowerCase(), 'message');
    return typeof message === 'string' ? message : text;
  };
}

/** A list of permissions as text; those of some kinds of extension are objects. */
export function listed(value: unknown): string {
  if (!Array.isArray(value)) return '';
  return value.map((each) => (isObject(each) ? JSON.stringify(each) : asText(each))).join(', ');
}
