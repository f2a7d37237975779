import { getSystemErrorName } from 'node:util';
import { native } from '../../../native/addon.ts';
import type { MarkedTree } from '../../../native/tables.ts';
import type { TableContext } from '../../bridge/context.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import { ABSENT, type Owner } from '../../host/host.ts';

/** A file with its owner, or a link that was not followed. */
export interface Marked {
  /** In Latin-1: a character per byte (see byte-path.ts). */
  readonly path: string;
  /** undefined for a link. */
  readonly owner: Owner | undefined;
}

/** One of the addon's records (addon/tables/marked_tree.h). */
interface MarkedRecord {
  readonly kind: string;
  readonly numbers: readonly [number, number, number];
  readonly path: string; // Latin-1
}

function* recordsOf(bytes: Buffer): Iterable<MarkedRecord> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at + 13);
    const [a, b, c] = [1, 5, 9].map((offset) => bytes.readUInt32LE(at + offset));
    yield {
      kind: String.fromCharCode(bytes[at] as number),
      numbers: [a, b, c] as [number, number, number],
      path: bytes.toString('latin1', at + 13, end),
    };
    at = end + 1;
  }
}

function warnOf(context: TableContext, path: string, { kind, numbers }: MarkedRecord): void {
  const shown = String(shownPath(path));
  if (kind === 'd') {
    context.warn(`${shown} is too many folders deep; what is in it is left out`);
    return;
  }
  const code = getSystemErrorName(-numbers[0]);
  if (!ABSENT.has(code)) context.warn(`cannot read ${shown}: ${code}`);
}

/**
 * Regular files below a folder whose mode has one of `bits`, in no order; instead of links what
 * they lead to, unless that could be outside the host's root: then the link. Folders are not
 * entered by links. Several threads look.
 *
 * @param folder in Latin-1
 * @param depth folders are not entered below so many
 */
export function* markedFiles(
  context: TableContext,
  folder: string,
  bits: number,
  depth: number,
): Iterable<Marked> {
  const { host } = context;
  const tree = host.withFolder(
    fromBytePath(folder),
    (fd): MarkedTree => native.tables.openMarkedTree(fd, bits, host.followsLinks ? 1 : 0, depth),
  );
  if (tree === undefined) return;
  try {
    for (;;) {
      context.checkpoint();
      const bytes = native.tables.readMarkedTree(tree);
      if (bytes === undefined) return;
      for (const record of recordsOf(bytes)) {
        const path = `${folder}/${record.path}`;
        const [mode, uid, gid] = record.numbers;
        if (record.kind === 'f') yield { path, owner: { mode, uid, gid } };
        else if (record.kind === 'l') yield { path, owner: undefined };
        else warnOf(context, path, record);
      }
    }
  } finally {
    // Also when the query wants no more rows.
    native.tables.closeMarkedTree(tree);
  }
}
