/** Manual pages, made from the definitions of the commands: weir.8 and weir-COMMAND.8. */
import type { CommandSpec, FlagSpec } from '../src/cli/command.ts';

const HELP: FlagSpec = { name: 'help', type: 'boolean', short: 'h', summary: 'show usage' };

const EXITS: readonly (readonly [string, string])[] = [
  ['0', 'fine'],
  ['1', 'failed; a bad query too'],
  ['64', 'wrong usage'],
  ['77', 'not permitted'],
  ['78', 'bad configuration'],
];

/** A text as roff has it: no line begins with a control character, hyphens are minus signs. */
export function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .split('\n')
    .map((line) => line.replace(/^(?=[.'])/, '\\&'))
    .join('\n');
}

function heading(name: string, version: string, time: number): string {
  const day = new Date(time * 1000).toISOString().slice(0, 10);
  return `.TH ${name.toUpperCase()} 8 "${day}" "weir ${version}" "weir"`;
}

function definitions(rows: readonly (readonly [string, string])[]): string[] {
  return rows.flatMap(([term, text]) => ['.TP', `.B ${roff(term)}`, roff(text)]);
}

function flagTerm(flag: FlagSpec): string {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  return `${short}--${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}`;
}

function commandPage(command: CommandSpec, version: string, time: number): string {
  const name = `weir-${command.name}`;
  const args = command.args === '' ? '' : ` ${command.args}`;
  return [
    heading(name, version, time),
    '.SH NAME',
    `${roff(name)} \\- ${roff(command.summary)}`,
    '.SH SYNOPSIS',
    `.B weir ${roff(command.name)}`,
    roff(`[OPTIONS]${args}`),
    '.SH DESCRIPTION',
    roff(command.details),
    '.SH OPTIONS',
    ...definitions([...command.flags, HELP].map((flag) => [flagTerm(flag), flag.summary] as const)),
    '.SH EXIT STATUS',
    ...definitions(EXITS),
    ...(command.examples.length === 0 ? [] : ['.SH EXAMPLES']),
    ...command.examples.flatMap((example) => ['.PP', '.nf', roff(example), '.fi']),
    '.SH SEE ALSO',
    '.BR weir (8)',
    '',
  ].join('\n');
}

function overviewPage(commands: readonly CommandSpec[], version: string, time: number): string {
  return [
    heading('weir', version, time),
    '.SH NAME',
    'weir \\- watch a Linux host with eBPF and ask about it in SQL',
    '.SH SYNOPSIS',
    '.B weir',
    'COMMAND [OPTIONS]',
    '.SH DESCRIPTION',
    roff(
      'weir turns kernel events into rows of SQL tables with the names that osquery gave them\n' +
        '(process_events, socket_events, file_events and others), live and in history. Queries that\n' +
        'keep asking become detections. It says what it missed: see the table weir_loss.',
    ),
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      '.TP',
      `.BR weir\\-${roff(command.name)} (8)`,
      roff(command.summary),
    ]),
    '.SH FILES',
    ...definitions([
      ['/etc/weir/weir.json', 'configuration'],
      ['/etc/weir/weir.d', 'more of it, by the administrator'],
      ['/usr/share/weir/packs', 'packs that come with weir'],
      ['/var/lib/weir', 'events, results, logs'],
      ['/run/weir/weir.sock', 'where the daemon answers, for root and the group weir'],
    ]),
    '.SH EXIT STATUS',
    ...definitions(EXITS),
    '.SH SEE ALSO',
    'Tables, configuration, packs and the rest are described in /usr/share/doc/weir.',
    '',
  ].join('\n');
}

/** File name to page. `time`: seconds since 1970, of the release. */
export function manualPages(
  commands: readonly CommandSpec[],
  version: string,
  time: number,
): Record<string, string> {
  const pages: Record<string, string> = { 'weir.8': overviewPage(commands, version, time) };
  for (const command of commands) {
    pages[`weir-${command.name}.8`] = commandPage(command, version, time);
  }
  return pages;
}
