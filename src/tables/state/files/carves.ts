import { bigint, defineTable, integer, text } from '../../bridge/table.ts';

export const carves = defineTable({
  name: 'carves',
  description:
    'Files that osquery copied to its server. weir has no server and carves nothing: the table is empty, and a query that asks for a carve (carve = 1) fails',
  rows: 1,
  columns: {
    time: bigint('When it was asked for, seconds since 1970'),
    sha256: text('SHA-256 of the archive', { collate: 'nocase' }),
    size: bigint('Bytes of the archive'),
    path: text('Paths that were asked for', { additional: true }),
    status: text('State of it'),
    carve_guid: text('Identifier of it', { index: true, collate: 'nocase' }),
    request_id: text('Identifier of the request'),
    carve: integer('1 asks for a carve', { additional: true }),
  },
  examples: ['SELECT path, status FROM carves'],
  generate(context) {
    if (context.equals('carve')?.includes(1)) {
      throw new Error(
        'weir carves no files: copy them from the host, or read them with the table file',
      );
    }
    return [];
  },
});
