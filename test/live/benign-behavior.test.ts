import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plantVictims } from '../helpers/victims.ts';
import { Watch } from '../helpers/watch.ts';

const FILES = 1500;

/** By default thresholds, real tools at work with more files than any threshold. */
const WORK: Readonly<Record<string, string>> = {
  'cp and rm': 'cp -r $S/files $S/copy && rm -r $S/copy',
  tar: 'cd $S && tar -cf all.tar files && mkdir out && tar -xf all.tar -C out && tar -czf all.tgz out && rm -r out',
  cpio: 'cd $S && mkdir out && find files -type f | cpio -pdm out 2> /dev/null && rm -r out',
  'moved to another file system':
    'mkdir $S/other && mount -t tmpfs none $S/other && mv $S/files $S/other/ && umount $S/other',
  find: 'find $S/files -type f -exec grep -c copy {} + > /dev/null',
  'sed -i': 'find $S/files -name "f[0-9][0-9].txt" -exec sed -i s/only/last/ {} +',
  git: `cd $S/files && git init -q . && git add . && git -c user.name=t -c user.email=t@t commit -qm all
    git gc -q && git clone -q . $S/clone && cd $S/clone && git rm -rqf d1 && git -c user.name=t -c user.email=t@t commit -qm less
    git checkout -q HEAD~1 && git gc -q --prune=now && git checkout -q - && git status --short && rm -rf $S/clone`,
  compiler: `cd $S && mkdir c && for i in $(seq 60); do echo "int f$i(void) { return $i; }" > c/f$i.c; done
    cd c && printf 'O = $(patsubst %%.c,%%.o,$(wildcard *.c))\\nall: l.so\\nl.so: $O\\n\\tcc -shared -o $@ $O\\n%%.o: %%.c\\n\\tcc -save-temps -fPIC -c $<\\nclean:\\n\\trm -f *.o *.s *.i l.so\\n' > Makefile
    make -s -j2 && make -s clean && make -s -j2`,
  dpkg: `cd $S && mkdir -p p/DEBIAN && cp -r files p/ && mkdir -p db/var/lib/dpkg/info db/var/lib/dpkg/updates && touch db/var/lib/dpkg/status
    for v in 1 2; do printf 'Package: weir-test\\nVersion: %s\\nArchitecture: all\\nMaintainer: t <t@t>\\nDescription: t\\n' $v > p/DEBIAN/control
    dpkg-deb -b p v$v.deb > /dev/null && dpkg --root=$S/db --force-not-root --force-all --log=/dev/null -i v$v.deb > /dev/null; done`,
  npm: `cd $S && mkdir a b && cp -r files a/ && cp -r files b/ && echo '{"name": "a", "version": "1.0.0"}' > a/package.json
    echo '{"name": "b", "version": "1.0.0"}' > b/package.json && (cd a && $NPM pack -s > /dev/null) && (cd b && $NPM pack -s > /dev/null)
    mkdir app && cd app && echo '{"name": "app", "version": "1.0.0", "dependencies": {"a": "file:../a/a-1.0.0.tgz", "b": "file:../b/b-1.0.0.tgz"}}' > package.json
    $NPM install -s --offline --no-audit && $NPM ci -s --offline --no-audit && rm -r node_modules && $NPM ci -s --offline --no-audit`,
  'sqlite vacuum': `cd $S && $NODE --no-warnings -e '
    const d = new (require("node:sqlite").DatabaseSync)("t.db");
    d.exec("PRAGMA journal_mode = delete; CREATE TABLE t(a, b)");
    for (let i = 0; i < 300; i++) d.exec("INSERT INTO t SELECT value, hex(randomblob(20)) FROM generate_series(1, 20)".replace("generate_series(1, 20)", "(SELECT 1 AS value UNION SELECT 2 UNION SELECT 3)"));
    d.exec("DELETE FROM t WHERE a = 2; VACUUM; PRAGMA journal_mode = wal; INSERT INTO t SELECT a, b FROM t; VACUUM")'`,
  'log rotation': `cd $S && mkdir log && for i in $(seq 30); do seq 50 > log/l$i.log; done
    for i in $(seq 30); do mv log/l$i.log log/l$i.log.1; : > log/l$i.log; gzip log/l$i.log.1; done`,
};

describe('live: harmless work crosses no threshold', function () {
  this.timeout(170_000);
  let watch: Watch;
  before(async () => {
    watch = await Watch.start();
  });
  after(() => watch.stop());

  for (const [name, script] of Object.entries(WORK)) {
    it(name, async () => {
      const folder = join(watch.scratch, 'work');
      const files = join(folder, 'files');
      mkdirSync(folder);
      plantVictims(files, FILES);
      const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
      const text = `set -e\nexport S=${folder} HOME=${folder} NPM=${npm} NODE=${process.execPath}\n${script}\n`;
      const file = join(watch.scratch, 'work.sh');
      writeFileSync(file, text);
      // A tree of its own, as a shell's job is; unshared, for what is mounted.
      const { code, stdout } = await watch.run(
        '/usr/bin/setsid',
        '--wait',
        '/usr/bin/unshare',
        '-m',
        '/bin/sh',
        file,
      );
      assert.equal(code, 0, stdout);
      const rows = await watch.daemon.query(
        'SELECT action, scope, path, converted, extended, deleted, rewritten, directories FROM behavior_events',
      );
      assert.deepEqual(rows, []);
      assert.ok(readdirSync(folder).length > 0);
      rmSync(folder, { recursive: true });
    });
  }

  it('and files were seen all the while', async () => {
    const loss = await watch.lossAtRest('file');
    assert.ok(Number(loss.seen) > FILES);
    const judged = await watch.lossAtRest('behavior');
    assert.equal(judged.seen, 0);
  });
});
