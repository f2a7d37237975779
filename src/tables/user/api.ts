/** What a user's table file may import as `weir/table`. Changes here break other people's files. */
export type { Constraint, TableContext } from '../bridge/context.ts';
export {
  bigint,
  defineTable,
  double,
  integer,
  type StateTable,
  text,
  unsigned,
} from '../bridge/table.ts';
export { exactText } from '../host/host.ts';
export { keyValues, meaningful, unquote, whole, words } from '../host/parse.ts';
