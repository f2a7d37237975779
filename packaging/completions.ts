/** Completions for bash, zsh and fish, made from the definitions of the commands. */
import type { CommandSpec, FlagSpec } from '../src/cli/command.ts';

const FILE_VALUES = /^(FILE|DIR|FOLDER)/;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Words that may follow a command: "check FILE" offers check, "get|set" offers both. */
function subcommands(command: CommandSpec): string[] {
  const first = command.args.split(' ')[0] ?? '';
  return /^[a-z|-]+$/.test(first) ? first.split('|') : [];
}

function flagsOf(command: CommandSpec): string[] {
  return [...command.flags.map((flag) => `--${flag.name}`), '--help'];
}

function bash(commands: readonly CommandSpec[]): string {
  const cases = commands.map(
    (command) =>
      `    ${command.name}) words='${[...flagsOf(command), ...subcommands(command)].join(' ')}' ;;`,
  );
  const names = commands.map((command) => command.name).join(' ');
  return `# bash completion for weir
_weir() {
  local words='' current=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]}
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '${names} --help --version' -- "$current")
    return
  fi
  case $command in
${cases.join('\n')}
    *) return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  # Files for everything that is not an option.
  if [[ $current != -* ]]; then
    local files
    mapfile -t files < <(compgen -f -- "$current")
    COMPREPLY+=("\${files[@]}")
  fi
}
complete -o filenames -F _weir weir
`;
}

function zshFlag(flag: FlagSpec): string {
  const about = flag.summary.replaceAll(/[[\]:]/g, ' ');
  if (flag.value === undefined) return quoted(`--${flag.name}[${about}]`);
  const value = FILE_VALUES.test(flag.value) ? `${flag.value}:_files` : `${flag.value}:`;
  return quoted(`--${flag.name}[${about}]:${value}`);
}

function zsh(commands: readonly CommandSpec[]): string {
  const names = commands.map((command) => `    ${quoted(`${command.name}:${command.summary}`)}`);
  const cases = commands.map((command) => {
    const words = subcommands(command);
    const first = words.length === 0 ? [] : [quoted(`1:action:(${words.join(' ')})`)];
    const options = [...command.flags.map(zshFlag), quoted('--help[show usage]'), ...first];
    return `    ${command.name}) _arguments ${options.join(' ')} ${quoted('*:file:_files')} ;;`;
  });
  return `#compdef weir
_weir() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
_weir "$@"
`;
}

function fish(commands: readonly CommandSpec[]): string {
  const lines = ['complete -c weir -f'];
  for (const command of commands) {
    const when = `-n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
    lines.push(
      `complete -c weir -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
    );
    for (const flag of command.flags) {
      const value = flag.value === undefined ? '' : FILE_VALUES.test(flag.value) ? ' -r -F' : ' -x';
      lines.push(`complete -c weir ${when} -l ${flag.name} -d ${quoted(flag.summary)}${value}`);
    }
    const words = subcommands(command);
    if (words.length > 0) lines.push(`complete -c weir ${when} -a ${quoted(words.join(' '))}`);
    if (/FILE|DIR/.test(command.args)) lines.push(`complete -c weir ${when} -F`);
  }
  return `${lines.join('\n')}\n`;
}

export function completions(commands: readonly CommandSpec[]): {
  bash: string;
  zsh: string;
  fish: string;
} {
  return { bash: bash(commands), zsh: zsh(commands), fish: fish(commands) };
}
