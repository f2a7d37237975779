import { PathPattern } from './path-pattern.ts';

/**
 * osquery's form of a path pattern: `%` is one level, `%%` all levels below; `*`, `**` and `?` mean
 * what they mean in a shell. osquery takes `%%` at the end only; here it may stand anywhere.
 */
export function osqueryPattern(pattern: string): PathPattern {
  return new PathPattern(pattern.replaceAll('%%', '**').replaceAll('%', '*'));
}
