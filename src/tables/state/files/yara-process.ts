import { defineTable, integer } from '../../bridge/table.ts';
import { scanner } from './scan.ts';
import { YARA_COLUMNS } from './yara-file.ts';
import { matchColumns, SCAN_SECONDS, scanWith, signatures } from './yara-rules.ts';

export const yaraProcess = defineTable({
  name: 'yara_process',
  description: 'Processes whose memory YARA rules match, and those that they do not',
  columns: { pid: integer('Process id', { required: true, index: true }), ...YARA_COLUMNS },
  examples: [
    `SELECT y.pid, y.matches FROM processes p JOIN yara_process y USING (pid) WHERE p.name = 'weir-none' AND y.sigrule = 'rule marker { strings: $a = "marker" condition: $a }'`,
  ],
  *generate(context) {
    const rules = signatures(context);
    for (const pid of context.integers('pid') ?? []) {
      for (const signature of rules) {
        context.checkpoint();
        if (!context.host.exists(`/proc/${pid}/mem`)) continue;
        const result = scanWith(signature, (each) =>
          scanner().scanProcess(each, pid, SCAN_SECONDS),
        );
        if (result === undefined) continue;
        if (result.error === '') yield { pid, ...matchColumns(signature, result) };
        else context.warn(`process ${pid}: ${result.error}`);
      }
    }
  },
});
