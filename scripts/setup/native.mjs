import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { runtime } from './modules.mjs';
import { digest, Stamp } from './stamp.mjs';
import { run, step } from './step.mjs';

/** package-lock.json, because node-addon-api and SQLite's headers come from npm packages. */
const ADDON_INPUTS = [
  'addon',
  'bpf/weir.h',
  'package-lock.json',
  'src/sensor/schema.ts',
  'src/tables/events',
  'src/tables/spec.ts',
];

const jobs = () => `-j${availableParallelism()}`;

function builds(what, result) {
  if (result.ok) return;
  throw new SetupFailure(
    `Building ${what} failed:\n${result.tail}`,
    'Correct the cause and run `npm run build`.',
  );
}

/** eBPF objects, one make run; they are loaded and relocated at start on any kernel. */
export function bpfStep(root) {
  const stamp = new Stamp(join(root, 'build/.setup/bpf'));
  const source = digest([join(root, 'bpf')], [process.arch]);
  return {
    needed: () => !stamp.matches(source) || !existsSync(join(root, 'build/bpf')),
    run() {
      buildBpf(root);
      stamp.write(source);
    },
  };
}

function buildBpf(root) {
  const output = join(root, 'build/bpf');
  step('compiling the eBPF programs', () => {
    const result = run('make', ['-s', jobs(), '-C', join(root, 'bpf')]);
    builds('the eBPF programs', result);
    if (!existsSync(output) || !readdirSync(output).some((name) => name.endsWith('.bpf.o'))) {
      throw new SetupFailure('make left no eBPF objects in build/bpf.', 'Look into bpf/Makefile.');
    }
  });
}

/** The addon, with the headers of the Node that it will run in: nothing is downloaded. */
export function addonStep(root) {
  const stamp = new Stamp(join(root, 'build/.setup/addon'));
  const product = join(root, 'build/Release/weir.node');
  const source = digest(
    ADDON_INPUTS.map((path) => join(root, path)),
    [process.arch, root],
  );
  return {
    needed: () => !stamp.matches(source) || !existsSync(product),
    run() {
      buildAddon(root, product);
      stamp.write(source);
    },
  };
}

function buildAddon(root, product) {
  const node = runtime(root);
  step('compiling the addon', () => {
    const env = {
      ...process.env,
      PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    };
    builds('the addon', run(node, [join(root, 'addon/generate.ts')], { env }));
    const gyp = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
    const nodedir = join(root, `node_modules/node-linux-${process.arch}`);
    for (const command of ['configure', 'build']) {
      const args = [gyp, command, '--release', `--nodedir=${nodedir}`];
      if (command === 'build') args.push(jobs());
      builds('the addon', run(node, args, { cwd: join(root, 'addon'), env }));
    }
    // Renamed into place: a daemon that has the old library mapped keeps it.
    mkdirSync(join(root, 'build/Release'), { recursive: true });
    for (const name of ['weir_scan.node', 'weir.node']) {
      const to = join(dirname(product), name);
      copyFileSync(join(root, 'addon/build/Release', name), `${to}.new`);
      renameSync(`${to}.new`, to);
    }
  });
}
