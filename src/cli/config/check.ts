import { checkConfigFile } from '../../config/check.ts';
import { fileToRead } from '../../config/load.ts';
import { checkConfiguredQueries } from '../../detect/check-config.ts';
import { problemLines, reportProblems } from '../check-file.ts';
import { type Invocation, text } from '../command.ts';

/** `weir config check [FILE]`: every problem of a configuration; 78 when one is an error. */
export async function check(invocation: Invocation, [asked]: readonly string[]): Promise<number> {
  const { file } = fileToRead({ file: asked ?? text(invocation, 'config') });
  if (file === undefined) {
    process.stdout.write('there is no configuration: the built-in defaults hold\n');
    return 0;
  }
  const own = problemLines(asked ?? file, checkConfigFile(file, asked === undefined));
  // What is in packs and schedule is only known once the document around them is right.
  const wrong = own.some(({ severity }) => severity === 'error');
  return reportProblems(asked ?? file, wrong ? own : [...own, ...checkConfiguredQueries(file)]);
}
