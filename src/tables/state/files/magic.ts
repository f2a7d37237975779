import { defineTable, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import { askedPaths } from './asked-paths.ts';
import { isKernelStream } from './kernel-stream.ts';
import { scanner } from './scan.ts';

export const magic = defineTable({
  name: 'magic',
  description: 'Kinds of files, as file(1) tells them from their contents',
  columns: {
    path: text('Path; by name or pattern as in `file`', { required: true, index: true }),
    magic_db_files: text('Databases, colon-separated; without a constraint the system’s', {
      additional: true,
      operators: ['='],
    }),
    data: text('What it is'),
    mime_type: text('MIME type'),
    mime_encoding: text('MIME encoding'),
  },
  examples: ["SELECT path, data FROM magic WHERE path LIKE '/usr/local/bin/%'"],
  *generate(context) {
    const { host } = context;
    const databases = context.texts('magic_db_files') ?? [''];
    for (const { path } of askedPaths(context)) {
      const at = fromBytePath(path);
      if (host.stat(at)?.isFile() !== true || isKernelStream(context, path)) continue;
      for (const magic_db_files of databases) {
        const kind = host.withDescriptor(at, (fd) => scanner().magic(fd, magic_db_files));
        if (kind === undefined) continue;
        // A database that cannot be loaded is wrong for every file.
        if (kind.error !== '') throw new Error(kind.error);
        yield {
          path: shownPath(path),
          magic_db_files,
          data: kind.data,
          mime_type: kind.mimeType,
          mime_encoding: kind.mimeEncoding,
        };
      }
    }
  },
});
