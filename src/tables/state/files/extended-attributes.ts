import { defineTable, integer, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import { askedPaths } from './asked-paths.ts';
import { capabilityText } from './capability-text.ts';

const CAPABILITIES = 'security.capability';

/** Printable text with at most a zero byte at its end is shown as it is. */
function shown(key: string, bytes: Buffer): { readonly value: string; readonly base64: number } {
  const capabilities = key === CAPABILITIES ? capabilityText(bytes) : undefined;
  if (capabilities !== undefined) return { value: capabilities, base64: 0 };
  const value = bytes.toString('latin1').replace(/\0$/, '');
  if (/^[\x20-\x7e]+$/.test(value)) return { value, base64: 0 };
  return { value: bytes.toString('base64'), base64: 1 };
}

export const extendedAttributes = defineTable({
  name: 'extended_attributes',
  description: 'Extended attributes of files, with capabilities in words',
  rows: 1,
  columns: {
    path: text('File', { required: true, optimized: true }),
    directory: text('Its folder', { required: true, optimized: true }),
    key: text('Name of the attribute'),
    value: text('Its value'),
    base64: integer('1 when the value is in base64, since it is no text'),
  },
  examples: [
    "SELECT path, value FROM extended_attributes WHERE directory = '/usr/bin' AND key = 'security.capability'",
  ],
  *generate(context) {
    for (const { path, directory } of askedPaths(context)) {
      context.checkpoint();
      const names = context.host.xattrs(fromBytePath(path)) ?? new Map<string, Buffer>();
      for (const [key, bytes] of names) {
        yield { path: shownPath(path), directory: shownPath(directory), key, ...shown(key, bytes) };
      }
    }
  },
});
