import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFiles } from './check.ts';
import { WeirError } from './errors.ts';
import { parseJsonc } from './jsonc.ts';
import type { JsonPath } from './key-path.ts';
import { isFields, LOCAL_LAYER, upperFolder } from './layers.ts';
import { pathText, problemText } from './problems.ts';
import { replaceFile } from './replace-file.ts';

type Fields = Record<string, unknown>;

/** Where `weir config set` writes: 90-local.json in the folder of layers above a file. */
export function localLayer(file: string): string {
  return join(upperFolder(file), LOCAL_LAYER);
}

/**
 * Sets a key in the local layer of a configuration, or takes it out (value undefined). The whole
 * configuration is checked first, as it would be then; nothing is written when it has errors.
 *
 * @returns whether the file changed
 * @throws WeirError CONFIG_INVALID, CONFIG_UNREADABLE (78), CONFIG_NOT_WRITTEN, NOT_PERMITTED (77)
 */
export function changeLocal(file: string, path: JsonPath, value: unknown): boolean {
  const target = localLayer(file);
  const before = existsSync(target) ? readFileSync(target, 'utf8') : '{}\n';
  const root = parseJsonc(before).value;
  const after = changed(isFields(root) ? root : {}, path, value);
  const text = `${JSON.stringify(after, null, 2)}\n`;
  if (JSON.stringify(after) === JSON.stringify(root)) return false;
  const { problems } = checkFiles(file, true, new Map([[target, text]]));
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const lines = errors.map((problem) => problemText(problem));
    throw new WeirError('CONFIG_INVALID', `${lines.join('\n')}\nnothing is written`, {
      exitCode: 78,
    });
  }
  replaceFile(target, text);
  return true;
}

function changed(root: Readonly<Fields>, path: JsonPath, value: unknown): Fields {
  const [step, ...rest] = path;
  if (typeof step !== 'string') {
    const message = `${pathText(path)}: a place in a list cannot be set; set the whole list`;
    throw new WeirError('USAGE', message, { exitCode: 64 });
  }
  const copy: Fields = { ...root };
  if (rest.length > 0) {
    const inner = copy[step];
    const next = changed(isFields(inner) ? inner : {}, rest, value);
    if (value === undefined && Object.keys(next).length === 0) delete copy[step];
    else copy[step] = next;
  } else if (value === undefined) {
    delete copy[step];
  } else {
    copy[step] = value;
  }
  return copy;
}
