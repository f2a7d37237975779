/**
 * Makes a checkout ready: distribution packages, npm packages, eBPF objects, addon. Plain
 * JavaScript without dependencies, because it runs first, on whatever Node (20 or newer) the
 * machine has; everything after it runs on the Node of the lock file.
 *
 *   node scripts/setup.mjs start|test|benign|kernels|build|package|install|packages|check|bench|fuzz
 *
 * It may be run again at any time: a step whose inputs did not change is not run and says nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupFailure } from './setup/failure.mjs';
import { checkHost } from './setup/host.mjs';
import { modulesStep } from './setup/modules.mjs';
import { addonStep, bpfStep } from './setup/native.mjs';
import { PACKAGES, packagesStep } from './setup/packages.mjs';
import { tablesStep } from './setup/tables.mjs';

const USAGE =
  'usage: node scripts/setup.mjs start|test|benign|kernels|build|package|install|packages|check|bench|fuzz\n';
const PURPOSES = {
  start: { live: true, native: true, packages: PACKAGES.build },
  test: { live: true, native: true, packages: [...PACKAGES.build, ...PACKAGES.test] },
  benign: { live: true, native: true, packages: [...PACKAGES.build, ...PACKAGES.test] },
  kernels: { live: false, native: true, packages: [...PACKAGES.build, ...PACKAGES.kernels] },
  build: { live: false, native: true, packages: PACKAGES.build },
  package: { live: false, native: true, packages: [...PACKAGES.build, ...PACKAGES.package] },
  install: {
    live: false,
    native: true,
    packages: [...PACKAGES.build, ...PACKAGES.package, ...PACKAGES.packages],
  },
  packages: {
    live: true,
    native: true,
    packages: [...PACKAGES.build, ...PACKAGES.package, ...PACKAGES.kernels, ...PACKAGES.packages],
  },
  check: { live: false, native: false, packages: PACKAGES.check },
  bench: { live: true, native: true, packages: [...PACKAGES.build, ...PACKAGES.bench] },
  fuzz: { live: false, native: false, packages: [...PACKAGES.build, ...PACKAGES.fuzz] },
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Two set-ups of one checkout must not build over each other: the second waits for the first. */
function againUnderLock() {
  const state = join(root, 'build/.setup');
  try {
    mkdirSync(state, { recursive: true });
  } catch (error) {
    const remedy = 'Run this as the owner of the checkout, or in a checkout of your own.';
    throw new SetupFailure(`${state} cannot be made: ${error.code}.`, remedy, 77);
  }
  const args = [join(state, 'lock'), process.execPath, ...process.argv.slice(1)];
  const env = { ...process.env, WEIR_SETUP_LOCKED: '1' };
  const { status, error } = spawnSync('flock', args, { stdio: 'inherit', env });
  if (error) throw new SetupFailure(`flock: ${error.message}.`, 'Install util-linux.');
  return status ?? 1;
}

function setUp(purpose) {
  const { live, native, packages } = PURPOSES[purpose];
  checkHost(live);
  const installing = packagesStep(root, purpose, packages);
  const steps = [
    installing,
    modulesStep(root),
    ...(native ? [bpfStep(root), addonStep(root), tablesStep(root)] : []),
  ];
  if (!steps.some((each) => each.needed())) return 0;
  if (process.env.WEIR_SETUP_LOCKED !== '1') {
    if (installing.needed()) installing.check();
    return againUnderLock();
  }
  for (const each of steps) if (each.needed()) each.run();
  return 0;
}

function main() {
  const purpose = process.argv[2] ?? '';
  if (!Object.hasOwn(PURPOSES, purpose) || process.argv.length > 3) {
    process.stderr.write(USAGE);
    return 64;
  }
  try {
    return setUp(purpose);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    process.stderr.write(`setup: ${error.message}\n       ${error.remedy}\n`);
    return error.exitCode;
  }
}

process.exitCode = main();
