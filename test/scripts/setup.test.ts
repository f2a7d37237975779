import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupFailure } from '../../scripts/setup/failure.mjs';
import { checkHost } from '../../scripts/setup/host.mjs';
import { digest, Stamp } from '../../scripts/setup/stamp.mjs';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOST = { platform: 'linux', arch: 'x64', node: '20.1.0', uid: 0, btf: true };

describe('set-up', () => {
  let scratch: string;

  beforeEach(() => {
    scratch = makeScratch();
  });
  afterEach(() => removeScratch(scratch));

  const refusals = [
    { what: 'another system', host: { platform: 'darwin' }, live: false, code: 1, text: /Linux/ },
    { what: 'another processor', host: { arch: 'ia32' }, live: false, code: 1, text: /ia32/ },
    { what: 'an old Node', host: { node: '18.20.4' }, live: false, code: 1, text: /18\.20\.4/ },
    { what: 'a user who is not root', host: { uid: 1000 }, live: true, code: 77, text: /root/ },
    { what: 'a kernel without BTF', host: { btf: false }, live: true, code: 1, text: /btf/ },
  ];
  for (const { what, host, live, code, text } of refusals) {
    it(`refuses ${what} in one sentence with a way out`, () => {
      assert.throws(
        () => checkHost(live, { ...HOST, ...host }),
        (error) => {
          assert.ok(error instanceof SetupFailure);
          assert.equal(error.exitCode, code);
          assert.match(error.message, text);
          assert.match(error.remedy, /^[A-Z].*\.$/);
          return true;
        },
      );
    });
  }

  it('builds without root and without BTF', () => {
    checkHost(false, { ...HOST, uid: 1000, btf: false });
    assert.throws(() => checkHost(true, { ...HOST, uid: 1000, btf: false }), SetupFailure);
  });

  it('a stamp holds until a name or a content changes', () => {
    mkdirSync(join(scratch, 'in/build'), { recursive: true });
    const input = join(scratch, 'in');
    writeFileSync(join(input, 'a'), '1');
    const stamp = new Stamp(join(scratch, 'deep/stamp'));
    assert.equal(stamp.matches(digest([input])), false);
    stamp.write(digest([input]));
    writeFileSync(join(input, 'build/product'), 'left out');
    assert.equal(stamp.matches(digest([input])), true);
    writeFileSync(join(input, 'a'), '2');
    assert.equal(stamp.matches(digest([input])), false);
    stamp.write(digest([input]));
    writeFileSync(join(input, 'b'), '');
    assert.equal(stamp.matches(digest([input])), false);
  });

  /** The set-up of a checkout that has nothing but what npm needs. */
  function bareCheckout(): string {
    for (const path of ['scripts', 'package.json', 'package-lock.json']) {
      cpSync(join(ROOT, path), join(scratch, path), { recursive: true });
    }
    chmodSync(scratch, 0o755);
    return join(scratch, 'scripts/setup.mjs');
  }

  it('says that it needs root, as a user who is not', () => {
    const result = spawnSync(process.execPath, [bareCheckout(), 'start'], {
      uid: 65_534,
      gid: 65_534,
      encoding: 'utf8',
    });
    // A Node below a folder that only root may enter cannot be started by anybody else.
    if (result.error) assert.equal((result.error as NodeJS.ErrnoException).code, 'EACCES');
    else {
      assert.equal(result.status, 77, result.stderr);
      assert.match(result.stderr, /root/);
    }
  });

  it('says whose checkout it is to a user who may not write there', () => {
    const setup = bareCheckout();
    const result = spawnSync(process.execPath, [setup, 'check'], {
      uid: 65_534,
      gid: 65_534,
      encoding: 'utf8',
    });
    // A Node below a folder that only root may enter cannot be started by anybody else.
    if (result.error) assert.equal((result.error as NodeJS.ErrnoException).code, 'EACCES');
    else {
      assert.equal(result.status, 77, result.stderr);
      assert.match(result.stderr, /as root: apt-get|owner of the checkout/);
      assert.doesNotMatch(result.stderr, /^\s+at /m);
    }
  });

  it('says that the registry cannot be reached', () => {
    const result = spawnSync(process.execPath, [bareCheckout(), 'check'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        npm_config_registry: 'http://127.0.0.1:1/',
        npm_config_cache: join(scratch, 'cache'),
        npm_config_fetch_retries: '0',
      },
    });
    assert.equal(result.status, 1, result.stderr);
    assert.match(result.stderr, /npm cannot reach its registry/);
    assert.match(result.stderr, /npm config set registry/);
  });

  it('shows its usage when asked for something else', () => {
    const result = spawnSync(process.execPath, [join(ROOT, 'scripts/setup.mjs'), 'dance']);
    assert.equal(result.status, 64);
  });
});
