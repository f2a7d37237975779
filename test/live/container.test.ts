import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRoot } from '../helpers/busybox-root.ts';
import { ContainerCgroups } from '../helpers/container-cgroups.ts';
import { Podman } from '../helpers/podman.ts';
import { PROVIDERS } from '../helpers/providers.ts';
import { Watch } from '../helpers/watch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

/** A folder that runc takes: a root with nothing but busybox, and where its cgroup shall be. */
function bundle(folder: string, cgroupsPath: string, script: string): string {
  busyboxRoot(folder);
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

/** What LXC needs to know of a container without a network. */
function lxcConfig(root: string, name: string): string {
  const settings = { 'uts.name': name, 'rootfs.path': `dir:${root}`, 'net.0.type': 'empty' };
  const lines = Object.entries({ ...settings, 'mount.auto': 'proc:mixed' });
  return lines.map(([key, value]) => `lxc.${key} = ${value}\n`).join('');
}

const SCRIPT = '/bin/busybox sleep 0.3; : > /inside; /bin/busybox sleep 0.6';

for (const provider of PROVIDERS) {
  describe(`live: containers with ${provider}`, () => {
    const cgroups = new ContainerCgroups();
    let watch: Watch;
    before(async () => {
      // Where there is no cgroup v1, runc moves its container to another cgroup2.
      watch = await Watch.start({ provider, collect: {} });
    });
    after(async () => {
      await watch?.stop();
      await cgroups.remove();
    });

    it('of runc: rows of processes and files have its id and name, also after it died', async () => {
      const id = `${provider}-${process.pid}`;
      const hex = Buffer.from(id).toString('hex').padEnd(64, '0');
      const script = '/bin/busybox sleep 0.3; : > /inside; /bin/busybox sleep 0.3';
      const folder = bundle(join(watch.scratch, 'bundle'), `${cgroups.path}/${hex}`, script);
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

    it('an exclusion leaves out one, by the first letters of its id, and counts it', async () => {
      const exclusions = (...words: readonly string[]) =>
        JSON.parse(
          execFileSync(
            WEIR,
            ['exclusions', ...words, '--json', '--state-dir', watch.daemon.stateDir],
            {
              encoding: 'utf8',
            },
          ),
        );
      const [out, seen] = ['excluded', 'watched'].map((word) =>
        Buffer.from(`${word}-${provider}-${process.pid}`).toString('hex').padEnd(64, '0'),
      ) as [string, string];
      const { id } = exclusions('add', '--container', out.slice(0, 40), '--reason', 'noise');
      for (const hex of [out, seen]) {
        const folder = bundle(join(watch.scratch, hex), `${cgroups.path}/${hex}`, SCRIPT);
        execFileSync('runc', ['run', '--bundle', folder, hex], { stdio: 'inherit' });
      }
      const rows = (hex: string) => `SELECT DISTINCT container_id FROM process_events
        WHERE cmdline LIKE '/bin/busybox sleep 0._' AND container_id = '${hex}'`;
      assert.equal((await watch.rows(rows(seen), 1)).length, 1);
      assert.deepEqual(await watch.daemon.query(rows(out)), []);
      const [{ suppressed }] = exclusions('list').filter((each: { id: string }) => each.id === id);
      assert.ok(suppressed > 0);
      execFileSync(WEIR, ['exclusions', 'remove', id, '--state-dir', watch.daemon.stateDir]);
    });

    it('of podman: with its name and image', async () => {
      const podman = new Podman(join(watch.scratch, 'podman'), cgroups.path);
      try {
        const name = `shop-${provider}`;
        const id = podman.run(name, SCRIPT);
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
        const busy = `SELECT label FROM weir_hot_sources WHERE kind = 'container' AND name = '${id}'`;
        assert.deepEqual(await watch.rows(busy, 1), [{ label: `${name} of ${podman.image}` }]);
      } finally {
        podman.remove();
      }
    });

    /** Rows of a container whose name is its id. */
    const tells = async (name: string, runtime: string) => {
      const known = { container_id: name, container_name: name, container_runtime: runtime };
      const columns = Object.keys(known).join(', ');
      const execs = `SELECT ${columns} FROM process_events
        WHERE container_id = '${name}' AND cmdline LIKE '/bin/busybox sleep 0._'`;
      assert.deepEqual(await watch.rows(execs, 2), [known, known]);
      const files = `SELECT DISTINCT ${columns} FROM process_file_events
        WHERE operation = 'create' AND path LIKE '%/inside' AND container_id = '${name}'`;
      assert.deepEqual(await watch.rows(files, 1), [known]);
    };

    it('of LXC', async () => {
      const name = `lxc-${provider}-${process.pid}`;
      const folder = join(watch.scratch, 'lxc');
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'config'), lxcConfig(busyboxRoot(folder), name));
      const command = ['/bin/busybox', 'sh', '-c', SCRIPT];
      execFileSync('lxc-start', ['-F', '-P', folder, '-n', name, '--', ...command]);
      await tells(name, 'lxc');
    });

    it('of systemd-nspawn', async () => {
      const name = `nspawn-${provider}`;
      const root = busyboxRoot(join(watch.scratch, 'nspawn'));
      // The scope is what systemd would make; it need not run here.
      const enter = cgroups.make(`machine-nspawn\\x2d${provider}.scope`);
      const nspawn = `exec systemd-nspawn --quiet --register=no --keep-unit -M ${name} -D '${root}'`;
      const script = `${enter} && ${nspawn} /bin/busybox sh -c '${SCRIPT}'`;
      try {
        execFileSync('sh', ['-c', script], { stdio: 'pipe' });
        await tells(name, 'systemd-nspawn');
      } finally {
        // systemd-nspawn removes it only where /run is no disk.
        rmSync(`/run/systemd/nspawn/propagate/${name}`, { recursive: true, force: true });
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
