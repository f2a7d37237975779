import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../helpers/eventually.ts';
import { Podman } from '../helpers/podman.ts';
import { PROVIDERS } from '../helpers/providers.ts';
import { Watch } from '../helpers/watch.ts';

/** A folder that runc takes: a root with nothing but busybox, and where its cgroup shall be. */
function bundle(folder: string, cgroupsPath: string, script: string): string {
  const bin = join(folder, 'rootfs/bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync('/bin/busybox', join(bin, 'busybox'));
  execFileSync('runc', ['spec'], { cwd: folder });
  const file = join(folder, 'config.json');
  const spec = JSON.parse(readFileSync(file, 'utf8'));
  spec.process.terminal = false;
  // A file system that a mount namespace has for itself is watched a little later without eBPF.
  spec.root.readonly = false;
  spec.process.args = ['/bin/busybox', 'sh', '-c', script];
  spec.linux.cgroupsPath = cgroupsPath;
  writeFileSync(file, JSON.stringify(spec));
  return folder;
}

/** In every hierarchy; runtimes take only their own folders away. */
const PARENT = `/weir-test-containers-${process.pid}`;

function removeParents(): boolean {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    if (!after.startsWith('cgroup')) continue;
    const folder = join(before.split(' ')[4] as string, PARENT);
    if (!existsSync(folder)) continue;
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) rmdirSync(join(folder, entry.name));
      }
      rmdirSync(folder);
    } catch {
      return false;
    }
  }
  return true;
}

for (const provider of PROVIDERS) {
  describe(`live: containers with ${provider}`, () => {
    let watch: Watch;
    before(async () => {
      // Where there is no cgroup v1, runc moves its container to another cgroup2.
      watch = await Watch.start({ provider, collect: {} });
    });
    after(async () => {
      await watch?.stop();
      // podman's monitor ends a little later than podman.
      assert.ok(await eventually(removeParents, (done) => done));
    });

    it('of runc: rows of processes and files have its id and name, also after it died', async () => {
      const id = `${provider}-${process.pid}`;
      const hex = Buffer.from(id).toString('hex').padEnd(64, '0');
      const script = '/bin/busybox sleep 0.3; : > /inside; /bin/busybox sleep 0.3';
      const folder = bundle(join(watch.scratch, 'bundle'), `${PARENT}/${hex}`, script);
      execFileSync('runc', ['run', '--bundle', folder, id], { stdio: 'inherit' });
      const sql = `SELECT path, container_id FROM process_events
        WHERE path LIKE '%/bin/busybox' AND cmdline = '/bin/busybox sleep 0.3'
          AND container_id = '${hex}'`;
      const rows = await watch.rows(sql, 2);
      assert.equal(rows.length, 2);
      const files = `SELECT DISTINCT container_id FROM process_file_events
        WHERE operation = 'create' AND path LIKE '%/inside' AND container_id IS NOT NULL`;
      assert.deepEqual(await watch.rows(files, 1), [{ container_id: hex }]);
      // runc writes its state when its first process already runs.
      const named = `SELECT DISTINCT container_name, container_runtime FROM process_events
        WHERE container_id = '${hex}' AND container_name IS NOT NULL`;
      assert.deepEqual(await watch.rows(named, 1), [
        { container_name: id, container_runtime: 'runc' },
      ]);
    });

    it('of podman: with its name and image', async () => {
      const podman = new Podman(join(watch.scratch, 'podman'), PARENT);
      try {
        const name = `shop-${provider}`;
        const script = '/bin/busybox sleep 0.3; : > /inside; /bin/busybox sleep 0.6';
        const id = podman.run(name, script);
        const known = {
          container_name: name,
          container_image: podman.image,
          container_runtime: 'podman',
        };
        const columns = Object.keys(known).join(', ');
        const sql = `SELECT ${columns} FROM process_events
          WHERE container_id = '${id}' AND cmdline LIKE '/bin/busybox sleep 0._'`;
        assert.deepEqual(await watch.rows(sql, 2), [known, known]);
        const files = `SELECT DISTINCT ${columns} FROM process_file_events
          WHERE operation = 'create' AND path LIKE '%/inside' AND container_id = '${id}'`;
        assert.deepEqual(await watch.rows(files, 1), [known]);
      } finally {
        podman.remove();
      }
    });

    it('none on the host', async () => {
      await watch.run('/usr/bin/sleep', '0.2');
      const sql =
        "SELECT container_id, container_name FROM process_events WHERE cmdline = '/usr/bin/sleep 0.2'";
      assert.deepEqual(await watch.rows(sql, 1), [{ container_id: null, container_name: null }]);
    });
  });
}
