/**
 * A Debian 12 as debootstrap's minbase leaves it, with Node and npm and a clone of this checkout's last
 * commit: what somebody has who was told to run `npm start`. It shares kernel, /sys and network with
 * this host; mirrors of apt and npm are those that this host uses.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { mirrors } from '../kernels/fetch.mjs';
import { FOLDER, ROOT } from './builds.ts';
import { makeRoot, Root } from './root.ts';

const TEMPLATE = join(FOLDER, 'debian-12-bare');
const SUITE = 'bookworm';
const PREFIX = 'usr/local';
/** Of apt's settings those that say how this host reaches its mirrors. */
const REACHING = /^Acquire::(https?|Check-|Retries|ForceIPv)/;

/** No LANG, no HOME, no TERM: less than any login gives. */
export const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** Where the clone is, as seen from inside. */
export const CHECKOUT = '/srv/weir';

const MOUNTS = `
mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount --rbind /sys "$0/sys" && mount --rbind /dev "$0/dev" &&
mount -t tmpfs tmpfs "$0/run" && exec chroot "$0" /bin/sh -c "cd ${CHECKOUT} && $1"`;

/** A program of this host's own: not what `npm test` puts before it. */
function ofTheHost(name: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = folders.filter((folder) => !folder.includes('node_modules')).join(delimiter);
  const args = ['-c', 'command -v "$0"', name];
  return execFileSync('sh', args, { encoding: 'utf8', env: { PATH: path } }).trim();
}

/** Node's binary and npm, as an archive from nodejs.org would put them. */
function installNode(root: string): void {
  const bin = join(root, PREFIX, 'bin');
  copyFileSync(realpathSync(ofTheHost('node')), join(bin, 'node'));
  const npm = dirname(dirname(realpathSync(ofTheHost('npm'))));
  cpSync(npm, join(root, PREFIX, 'lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  }
}

function useMirrors(root: string): void {
  const { main, security } = mirrors();
  const lines = [`deb ${main} ${SUITE} main`];
  if (security !== undefined) lines.push(`deb ${security} ${SUITE}-security main`);
  writeFileSync(join(root, 'etc/apt/sources.list'), `${lines.join('\n')}\n`);
  const settings = execFileSync('apt-config', ['dump', 'Acquire'], { encoding: 'utf8' });
  const reaching = settings.split('\n').filter((line) => REACHING.test(line));
  writeFileSync(join(root, 'etc/apt/apt.conf.d/90mirror'), `${reaching.join('\n')}\n`);

  const npm = (key: string): string =>
    execFileSync(ofTheHost('npm'), ['config', 'get', key], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  const npmrc = ['registry', 'proxy', 'https-proxy'].map((key) => `${key}=${npm(key)}`);
  const authorities = [npm('cafile'), process.env.NODE_EXTRA_CA_CERTS ?? ''];
  const authority = authorities.find((path) => path.startsWith('/'));
  if (authority !== undefined) {
    copyFileSync(authority, join(root, PREFIX, 'etc/npm-authorities.pem'));
    npmrc.push(`cafile=/${PREFIX}/etc/npm-authorities.pem`);
  }
  const said = npmrc.filter((line) => !line.endsWith('=null') && !line.endsWith('='));
  writeFileSync(join(root, PREFIX, 'etc/npmrc'), `${said.join('\n')}\n`);
}

export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

export class BareMachine {
  readonly path: string;

  constructor(path: string) {
    mkdirSync(FOLDER, { recursive: true });
    makeRoot(TEMPLATE, SUITE, '');
    this.path = new Root(TEMPLATE, path).path;
    // What debootstrap has read; images of bare systems have none.
    const lists = join(path, 'var/lib/apt/lists');
    for (const name of readdirSync(lists)) rmSync(join(lists, name), { recursive: true });
    mkdirSync(join(path, PREFIX, 'lib/node_modules'), { recursive: true });
    installNode(path);
    useMirrors(path);
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', ROOT, join(path, CHECKOUT)]);
  }

  #words(command: string): readonly string[] {
    // A mount namespace of its own: nothing stays mounted, whatever happens.
    return ['--mount', 'sh', '-c', MOUNTS, this.path, command];
  }

  /** Runs a shell command in the checkout; what it says on both outputs, in their order. */
  run(command: string): Ended {
    const { status, stdout } = spawnSync('unshare', this.#words(`${command} 2>&1`), {
      encoding: 'utf8',
      env: ENVIRONMENT,
      maxBuffer: 64 << 20,
    });
    return { status, output: stdout };
  }

  /** Starts one in a terminal, without a shell that would end by Ctrl-C itself. */
  start(command: string): Terminal {
    return new Terminal(
      this.#words(`exec script --quiet --return --command 'exec ${command}' /dev/null`),
    );
  }
}

/** A command in a terminal, which is gone when `close` returns or this process ends. */
export class Terminal {
  readonly #child;
  readonly ended: Promise<number | null>;
  output = '';

  constructor(words: readonly string[]) {
    this.#child = spawn('unshare', words, { stdio: 'pipe', env: ENVIRONMENT });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** The terminal goes away, which ends what runs in it. */
  close(): void {
    this.#child.kill('SIGKILL');
  }
}
