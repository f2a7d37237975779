import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { eventually } from '../helpers/eventually.ts';
import { Watch } from '../helpers/watch.ts';
import { READ_PATHS } from '../live/deeds/credential-access.ts';

const PACKS = fileURLToPath(new URL('../../queries/weir-*.json', import.meta.url));
const QUIET = ['info', 'low'];
const SCRIPT_MS = 900_000;

/**
 * $S is a folder of its own; $ROOT a copy of the host's root that can be changed and is forgotten;
 * `enter COMMAND` runs there, with paths as they are on a host (those below a chroot are longer).
 */
const PRELUDE = `set -e
PATH=${systemPath()}
umask 022
mkdir -p $S/over && mount -t tmpfs none $S/over && mkdir $S/over/upper $S/over/work $S/over/root
mount -t overlay -o lowerdir=/,upperdir=$S/over/upper,workdir=$S/over/work none $S/over/root
ROOT=$S/over/root
mount -t proc proc $ROOT/proc && mount --bind /dev $ROOT/dev
enter() { unshare --mount /bin/sh -c 'cd $0 && pivot_root . mnt && umount -l /mnt && exec "$@"' $ROOT "$@"; }
`;

/** The checkout, with a Node of its own, may lie in a temporary folder, which is not ordinary. */
function systemPath(): string {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.filter((folder) => !folder.includes('node_modules')).join(':');
}

export interface BenignOptions {
  /** Folders of scripts, beside this file. */
  readonly folders: readonly string[];
  /** The scripts are run again until so much time has gone; 0: once. */
  readonly minutes: number;
}

interface Found {
  readonly rule: string;
  readonly severity: string;
  readonly row: string;
}

/** What ordinary software does on an ordinary day, with all shipped rules on: no alarm. */
export function benign(title: string, { folders, minutes }: BenignOptions): void {
  describe(title, () => {
    const scripts = folders.flatMap((folder) => {
      const path = fileURLToPath(new URL(`${folder}/`, import.meta.url));
      return readdirSync(path).map((name) => join(path, name));
    });
    const end = Date.now() + minutes * 60_000;
    let watch: Watch;
    let results: Database.Database;
    let seen = 0; // id of the last detection that was looked at

    before(async () => {
      watch = await Watch.start({ packs: { '*': PACKS } }, { read_paths: [...READ_PATHS] });
      results = new Database(join(watch.daemon.stateDir, 'results.db'), { readonly: true });
    });

    after(async () => {
      results?.close();
      await watch?.stop();
    });

    function fresh(): (Found & { id: number })[] {
      return results
        .prepare<[number], Found & { id: number }>(
          'SELECT id, rule, severity, row FROM detections WHERE id > ? ORDER BY id',
        )
        .all(seen);
    }

    /** Runs a script, and then what a rule sees: when that is there, all before it was looked at. */
    async function detectionsOf(script: string): Promise<Found[]> {
      seen = fresh().at(-1)?.id ?? seen;
      const scratch = join(watch.scratch, basename(script, '.sh'));
      rmSync(scratch, { recursive: true, force: true });
      mkdirSync(scratch);
      const file = `${scratch}.script`;
      writeFileSync(file, `S=${scratch}\n${PRELUDE}\n${readFileSync(script, 'utf8')}`);
      const { code } = await watch.run('/usr/bin/unshare', '--mount', '/bin/sh', file);
      assert.equal(code, 0, `${script}: ended with ${code}\n${logs(scratch)}`);
      writeFileSync(file, 'mount -t tmpfs none /etc\n: > /etc/ld.so.preload\n');
      await watch.run('/usr/bin/unshare', '--mount', '/bin/sh', file);
      const isMark = ({ rule }: Found): boolean => rule.endsWith('_ld_so_preload_written');
      const found = await eventually(fresh, (all) => all.some(isMark), 60_000);
      seen = found.at(-1)?.id ?? seen;
      assert.ok(found.some(isMark), 'rules are alive');
      return found.filter((one) => !isMark(one));
    }

    function logs(scratch: string): string {
      const names = readdirSync(scratch).filter((name) => name.endsWith('.log'));
      return names.map((name) => readFileSync(join(scratch, name), 'utf8').slice(-3000)).join('\n');
    }

    for (const script of scripts) {
      it(`${basename(script, '.sh')} raises no alarm`, async function () {
        this.timeout(SCRIPT_MS);
        const found = await detectionsOf(script);
        assert.deepEqual(
          found.filter(({ severity }) => !QUIET.includes(severity)),
          [],
        );
      });
    }

    if (minutes === 0) return;
    it(`nor does all of it again, for ${minutes} minutes`, async function () {
      this.timeout((minutes + 15) * 60_000);
      for (let i = 0; Date.now() < end; i++) {
        const found = await detectionsOf(scripts[i % scripts.length] as string);
        assert.deepEqual(
          found.filter(({ severity }) => !QUIET.includes(severity)),
          [],
        );
      }
    });
  });
}
