import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { runtime } from './modules.mjs';
import { digest, Stamp } from './stamp.mjs';
import { run, step } from './step.mjs';

const INPUTS = ['scripts/list-tables.ts', 'src/tables'];

/** The list of the host's tables; their files load the addon, so that it is built before. */
export function tablesStep(root) {
  const stamp = new Stamp(join(root, 'build/.setup/tables'));
  const product = join(root, 'build/generated/state-tables.json');
  const source = digest(INPUTS.map((path) => join(root, path)));
  return {
    needed: () => !stamp.matches(source) || !existsSync(product),
    run() {
      step('listing the tables', () => {
        const result = run(runtime(root), [join(root, 'scripts/list-tables.ts')]);
        if (!result.ok) {
          throw new SetupFailure(
            `Listing the tables failed:\n${result.tail}`,
            'Correct the cause and run `npm run build`.',
          );
        }
      });
      stamp.write(source);
    },
  };
}
