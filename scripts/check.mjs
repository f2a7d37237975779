/**
 * `npm run check`: types, lint and format of TypeScript and JavaScript, format of C and C++, and
 * that generated documents are up to date. With --fix (`npm run format`) it corrects what tools can.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const fix = process.argv.includes('--fix');
const tool = (name) => join(root, 'node_modules/.bin', name);

function run(program, args) {
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function sources(...patterns) {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns];
  const { stdout, status } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error('git ls-files failed: npm run check needs a git checkout.');
  return stdout.split('\n').filter((path) => path !== '' && !path.startsWith('build/'));
}

const native = sources(
  'addon/*.cc',
  'addon/*.h',
  'bpf/*.c',
  'bpf/*.h',
  'bench/*.c',
  'test/*.c',
  'test/*.cc',
  'test/*.h',
);
const checks = {
  types: () => run(tool('tsc'), ['--noEmit', '-p', '.']),
  lint: () => run(tool('biome'), ['check', '--error-on-warnings', ...(fix ? ['--write'] : [])]),
  'C and C++ format': () =>
    run('clang-format', [...(fix ? ['-i'] : ['--dry-run', '-Werror']), ...native]),
  'generated documents': () => run(tool('node'), ['scripts/docs.ts', ...(fix ? [] : ['--check'])]),
};

const failed = Object.entries(checks).filter(([, check]) => !check());
for (const [name] of failed) process.stderr.write(`check: ${name}: not in order\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
