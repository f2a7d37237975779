import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { run, step } from './step.mjs';

const UNREACHABLE =
  /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E50[234]\b/;

function locked(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** True when node_modules holds what the lock file says, as far as npm knows. */
function modulesMatch(root) {
  if (!existsSync(runtime(root))) return false;
  const wanted = locked(join(root, 'package-lock.json'));
  const present = locked(join(root, 'node_modules/.package-lock.json'));
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    // Optional packages of other platforms are left out by npm.
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** The Node that weir runs on, from the lock file. */
export function runtime(root) {
  return join(root, `node_modules/node-linux-${process.arch}/bin/node`);
}

export function modulesStep(root) {
  return { needed: () => !modulesMatch(root), run: () => installModules(root) };
}

function installModules(root) {
  // npm itself must not run on the Node inside node_modules, which it is about to replace.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);
  step('npm ci', () => {
    // No package of ours needs its install script: binaries lie inside the packages.
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    args.push('--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000');
    const env = { ...process.env, PATH: path, NODE_ENV: '' };
    // `npm start` under sudo and the like hands its own settings down; none may drop packages.
    for (const name of ['npm_config_omit', 'npm_config_production', 'npm_config_prefix']) {
      delete env[name];
    }
    const result = run('npm', args, { cwd: root, env });
    if (!result.ok && UNREACHABLE.test(result.output)) {
      throw new SetupFailure(
        `npm cannot reach its registry:\n${result.tail}`,
        'Check the network, or name a mirror with `npm config set registry URL`, or copy ' +
          'node_modules from a machine of the same architecture.',
      );
    }
    if (!result.ok) {
      throw new SetupFailure(`npm ci failed:\n${result.tail}`, 'Correct the cause and try again.');
    }
    if (!existsSync(runtime(root))) {
      throw new SetupFailure(
        `npm left out the optional package node-linux-${process.arch}, the Node that weir runs on.`,
        'Remove `omit=optional` from the npm configuration and try again.',
      );
    }
  });
}
