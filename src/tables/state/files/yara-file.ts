import { defineTable, integer, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import { askedPaths } from './asked-paths.ts';
import { isKernelStream } from './kernel-stream.ts';
import { scanner } from './scan.ts';
import { matchColumns, SCAN_SECONDS, scanWith, signatures } from './yara-rules.ts';

/** Columns that yara_process has too. */
export const YARA_COLUMNS = {
  matches: text('Names of the rules that match, comma-separated'),
  count: integer('How many'),
  sig_group: text('Signature group of yara.signatures', { additional: true, operators: ['='] }),
  sigfile: text('File of rules; below /etc/weir/yara or /etc/osquery/yara without a leading /', {
    additional: true,
    operators: ['='],
  }),
  sigrule: text('Text of rules', { hidden: true, additional: true, operators: ['='] }),
  strings: text('Strings that were found, as identifier:offset, at most 1,000 of a rule'),
  tags: text('Tags of the rules that match'),
  sigurl: text('Not supported: rules are not fetched', {
    hidden: true,
    additional: true,
    operators: ['='],
  }),
  pid_with_namespace: PID_WITH_NAMESPACE,
} as const;

export const yaraFile = defineTable({
  name: 'yara_file',
  aliases: ['yara'],
  description: 'Files that YARA rules match, and those that they do not, by name or pattern',
  columns: { path: text('Path', { required: true, index: true }), ...YARA_COLUMNS },
  examples: [
    `SELECT path, matches FROM yara_file WHERE path LIKE '/usr/local/bin/%' AND count > 0 AND sigrule = 'rule shell { strings: $a = "/bin/sh" condition: $a }'`,
  ],
  *generate(context) {
    const { host } = context;
    const rules = signatures(context);
    for (const { path } of askedPaths(context)) {
      const at = fromBytePath(path);
      const stat = host.stat(at);
      if (stat?.isFile() !== true || isKernelStream(context, path, stat)) continue;
      for (const signature of rules) {
        context.checkpoint();
        const result = scanWith(signature, (each) =>
          host.withDescriptor(at, (fd) => scanner().scanDescriptor(each, fd, SCAN_SECONDS)),
        );
        if (result === undefined) continue;
        if (result.error === '')
          yield { path: shownPath(path), ...matchColumns(signature, result) };
        else context.warn(`${String(shownPath(path))}: ${result.error}`);
      }
    }
  },
});
