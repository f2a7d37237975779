import { defineTable, integer, text } from '../../bridge/table.ts';
import { exactText } from '../../host/host.ts';
import { processFiles } from '../../host/proc-files.ts';
import { askedPids } from './pids.ts';

/** Strings between NULs, to the first empty one. */
function* strings(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const nul = bytes.indexOf(0, at);
    const end = nul < 0 ? bytes.length : nul;
    if (end === at) return;
    yield bytes.subarray(at, end);
    at = end + 1;
  }
}

export const processEnvs = defineTable({
  name: 'process_envs',
  description: 'Environment that each process was started with, as its memory has it now',
  rows: 5000,
  columns: {
    pid: integer('Process id', { index: true, optimized: true }),
    key: text('Name of the variable'),
    value: text('Its value'),
  },
  examples: ["SELECT pid, value FROM process_envs WHERE key = 'LD_PRELOAD'"],
  *generate(context) {
    const warn = (message: string): void => context.warn(message);
    for (const files of processFiles(context.host, askedPids(context), ['environ'], warn)) {
      for (const variable of strings(files.bytes('environ') ?? Buffer.alloc(0))) {
        const equals = variable.indexOf(0x3d);
        const end = equals < 0 ? variable.length : equals;
        yield {
          pid: files.pid,
          key: exactText(variable.subarray(0, end)),
          value: exactText(variable.subarray(equals < 0 ? 0 : end + 1)),
        };
      }
    }
  },
});
