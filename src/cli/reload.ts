import { WeirError } from '../config/errors.ts';
import { isSet, type Run } from './command.ts';
import { tellDaemon } from './daemon-source.ts';
import { locate } from './location.ts';
import { safeJson, safeText } from './output/safe-text.ts';

interface Change {
  readonly key: string;
  readonly from: unknown; // null: was not set
  readonly to: unknown;
}

interface Answer {
  readonly applied: readonly Change[];
  readonly after_restart: readonly Change[];
  readonly warnings: readonly string[];
}

const MAX_VALUE = 120;

const print = (line: string): void => void process.stdout.write(`${safeText(line)}\n`);

function brief(value: unknown): string {
  if (value === null) return 'not set';
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE - 3)}...`;
}

function tell({ applied, after_restart, warnings }: Answer): void {
  for (const text of warnings) process.stderr.write(`weir: ${safeText(text)}\n`);
  for (const { key, from, to } of applied) print(`${key}: ${brief(from)} -> ${brief(to)}`);
  for (const { key, from, to } of after_restart) {
    print(`${key}: ${brief(from)} -> ${brief(to)} only after a restart of the daemon`);
  }
  if (applied.length + after_restart.length === 0) print('nothing changed');
}

/** Makes a daemon read its configuration again, and says what came of it. */
export async function reloadAndTell(socket: string, json: boolean): Promise<number> {
  let answer: Answer;
  try {
    answer = await tellDaemon<Answer>(socket, '/reload');
  } catch (error) {
    const { code, message } = error as WeirError;
    if (code !== 'CONFIG_INVALID' && code !== 'CONFIG_UNREADABLE' && code !== 'CONFIG_SCOPE') {
      throw error;
    }
    const why = `${message}\nnot reloaded: what ran before goes on`;
    throw new WeirError(code, why, { exitCode: 78, cause: error });
  }
  if (json) print(safeJson(JSON.stringify(answer)));
  else tell(answer);
  return 0;
}

export const run: Run = async (invocation) => {
  const { socket } = await locate(invocation);
  return reloadAndTell(socket, isSet(invocation, 'json'));
};
