import type { TableContext } from '../../bridge/context.ts';
import type { Host } from '../../host/host.ts';
import { userEntries } from './accounts.ts';

/** A user's home, read with no more rights than the user has. */
export interface Home {
  readonly uid: number;
  readonly directory: string;
  readonly host: Host;
}

/**
 * Homes of the users that a query asks about, all of them without a constraint. Two accounts with
 * one uid and home are one.
 */
export function* homes(context: TableContext<'uid'>): Iterable<Home> {
  const asked = context.integers('uid');
  const seen = new Set<string>();
  for (const { uid, gid, directory } of userEntries(context.host)) {
    const key = `${uid} ${directory}`;
    if (directory === '' || seen.has(key) || asked?.includes(uid) === false) continue;
    seen.add(key);
    context.checkpoint();
    yield { uid, directory, host: context.host.as({ uid, gid }) };
  }
}

/** A path below a home, as osquery joins them. */
export function below(directory: string, name: string): string {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}
