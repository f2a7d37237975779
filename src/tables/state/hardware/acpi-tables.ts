import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { defineTable, integer, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';

const FOLDER = '/sys/firmware/acpi/tables';

/** Tables, also those in the folders dynamic and data. */
function* files(host: Host, folder: string): Iterable<string> {
  for (const { name, kind } of host.entries(folder)) {
    const path = posix.join(folder, name);
    if (kind === 'directory') yield* files(host, path);
    else yield path;
  }
}

export const acpiTables = defineTable({
  name: 'acpi_tables',
  description: 'Tables that the firmware gave the kernel (ACPI)',
  rows: 20,
  columns: {
    name: text('Signature, with a number where there are several'),
    size: integer('Bytes; -1 when it may not be read'),
    md5: text('MD5 of the contents', { collate: 'nocase' }),
  },
  examples: ["SELECT name, md5 FROM acpi_tables WHERE name LIKE 'SSDT%'"],
  *generate({ host }) {
    for (const path of files(host, FOLDER)) {
      const bytes = host.bytes(path);
      yield {
        name: posix.basename(path),
        size: bytes?.length ?? -1,
        md5: bytes === undefined ? '' : createHash('md5').update(bytes).digest('hex'),
      };
    }
  },
});
