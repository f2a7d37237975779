import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { DockerDaemon } from '../../../helpers/docker-daemon.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const ID = 'ab12'.repeat(16);
const OTHER = 'cd34'.repeat(16);
const IMAGE = 'ef56'.repeat(16);
const NETWORK = '0a1b'.repeat(16);

const ANSWERS = {
  '/containers/json?all=1': [
    {
      Id: ID,
      Names: ['/web', '/alias'],
      Image: 'nginx:1',
      ImageID: `sha256:${IMAGE}`,
      Command: 'nginx -g\n"daemon off;"',
      Created: 1700000000,
      State: 'running',
      Status: 'Up 2 days',
      Labels: { 'com.docker.compose.project': 'shop', odd: 5 },
      Mounts: [
        {
          Type: 'bind',
          Source: '/var/run/docker.sock',
          Destination: '/var/run/docker.sock',
          Mode: 'ro',
          RW: false,
          Propagation: 'rprivate',
        },
      ],
      Ports: [
        { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { PrivatePort: 443, Type: 'tcp' },
      ],
      NetworkSettings: {
        Networks: {
          bridge: {
            NetworkID: NETWORK,
            IPAddress: '172.17.0.2',
            IPPrefixLen: 16,
            MacAddress: '02:42',
          },
        },
      },
    },
    { Id: OTHER, Names: null, Labels: null, Mounts: 'none', NetworkSettings: { Networks: [] } },
    'hostile',
  ],
  [`/containers/${ID}/json`]: {
    Path: 'nginx',
    State: { Pid: 4242, StartedAt: '2024-01-01T00:00:00.5Z', FinishedAt: '0001-01-01T00:00:00Z' },
    Config: { Entrypoint: ['/entry.sh', '-x'], Env: ['A=1', 'B=x=y\nz', 'C'] },
    HostConfig: { Privileged: true, SecurityOpt: ['seccomp=unconfined'], ReadonlyRootfs: false },
  },
  [`/containers/${ID}/changes`]: [
    { Path: '/tmp', Kind: 0 },
    { Path: '/tmp/x', Kind: 1 },
    { Path: '/y', Kind: 2 },
    { Path: '/z', Kind: 99 },
  ],
  [`/containers/${ID}/stats?stream=false`]: {
    name: '/web',
    read: '2024-01-01T00:00:01.000000005Z',
    preread: '2024-01-01T00:00:00.000000001Z',
    pids_stats: { current: 3 },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: 'Read', value: 10 },
        { op: 'read', value: 5 },
        { op: 'Write', value: 1 },
      ],
    },
    cpu_stats: { cpu_usage: { total_usage: 99 }, online_cpus: 2 },
    memory_stats: { usage: 1000, stats: { inactive_file: 7 } },
    networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 3, tx_bytes: 4 }, odd: 5 },
  },
  [`/containers/${ID}/top?ps_args=-eo pid`]: {
    Titles: ['PID'],
    Processes: [['4242'], ['4243'], ['odd']],
  },
  '/info': {
    ID: 'X',
    Containers: 2,
    MemoryLimit: true,
    MemTotal: 1024,
    NCPU: 2,
    DockerRootDir: '/d',
  },
  '/version': { Version: '24.0.7', ApiVersion: '1.43' },
  '/images/json': [
    {
      Id: `sha256:${IMAGE}`,
      Created: 1690000000,
      Size: 2 ** 60,
      RepoTags: ['nginx:1', 'nginx:latest'],
      Labels: { a: 'b' },
    },
    { Id: 'sha256:00', RepoTags: null },
  ],
  [`/images/sha256:${IMAGE}/history`]: [
    { Id: '<missing>', Created: 1, CreatedBy: 'RUN curl x | sh', Size: 5, Tags: null, Comment: '' },
  ],
  [`/images/sha256:${IMAGE}/json`]: { RootFS: { Layers: ['sha256:aa', 'sha256:bb'] } },
  '/networks': [
    {
      Id: NETWORK,
      Name: 'bridge',
      Driver: 'bridge',
      Created: '2024-01-01T00:00:00.123456789+01:00',
      EnableIPv6: false,
      IPAM: { Config: [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }] },
      Labels: { net: 'x' },
    },
  ],
  '/volumes': {
    Volumes: [
      {
        Name: 'data',
        Driver: 'local',
        Mountpoint: '/v/data',
        Options: { type: 'nfs' },
        Labels: { v: 'w' },
      },
    ],
  },
};

describe('tables: docker', () => {
  const root = makeScratch();
  const socket = join(root, 'var/run/docker.sock');
  let daemon: DockerDaemon;
  let set: TableSet;

  before(async () => {
    writeTree(root, { '/proc/4242/ns/pid': { link: 'pid:[4026531836]' } });
    writeTree(root, {
      '/etc/passwd': 'www:x:33:33::/:/bin/sh\n',
      '/proc/uptime': '1000.00 1.00\n',
      '/proc/stat': 'btime 1700000000\n',
      '/proc/meminfo': 'MemTotal:       1000000 kB\n',
      '/proc/4242/stat': `4242 (ng) inx) S 4200 4242 4242 0 -1 0 0 0 0 0 9000 1000 0 0 20 5 3 0 50000 819200 2500${' 0'.repeat(28)}\n`,
      '/proc/4242/status': 'Name:\tnginx\nUid:\t33\t0\t33\t33\nGid:\t33\t33\t33\t33\n',
      '/proc/4242/cmdline': 'nginx: worker\0-g\0',
    });
    daemon = await DockerDaemon.start(socket, ANSWERS);
    set = openTables(findStateTables('containers'), root);
  });
  after(async () => {
    set.close();
    await daemon.stop();
    removeScratch(root);
  });

  it('docker_containers', () => {
    const [web, other, ...rest] = set.all('SELECT * FROM docker_containers');
    assert.deepEqual(web, {
      id: ID,
      name: '/web',
      image: 'nginx:1',
      image_id: IMAGE,
      command: 'nginx -g\n"daemon off;"',
      created: 1700000000,
      state: 'running',
      status: 'Up 2 days',
      pid: 4242,
      path: 'nginx',
      config_entrypoint: '/entry.sh, -x',
      started_at: '2024-01-01T00:00:00.5Z',
      finished_at: '0001-01-01T00:00:00Z',
      privileged: 1,
      security_options: 'seccomp=unconfined',
      env_variables: 'A=1, B=x=y\nz, C',
      readonly_rootfs: 0,
      cgroup_namespace: null,
      ipc_namespace: null,
      mnt_namespace: null,
      net_namespace: null,
      pid_namespace: '4026531836',
      user_namespace: null,
      uts_namespace: null,
    });
    assert.equal(other?.id, OTHER);
    assert.deepEqual(rest, []);
    assert.deepEqual(set.warnings(), []);
  });

  it('identifiers by their beginning, as Docker takes them', () => {
    const sql = 'SELECT id, name FROM docker_containers WHERE id = ?';
    assert.deepEqual(set.all(sql, 'ab12ab'), [{ id: 'ab12ab', name: '/web' }]);
    assert.deepEqual(set.all(sql, 'AB12'), [{ id: 'AB12', name: '/web' }]);
    assert.deepEqual(set.all(sql, ''), []);
    assert.deepEqual(set.all(sql, '../x'), []);
  });

  it('parts of containers', () => {
    const rows = (sql: string) => set.all(sql).map((row) => Object.values(row));
    assert.deepEqual(rows('SELECT key, value FROM docker_container_labels'), [
      ['com.docker.compose.project', 'shop'],
      ['odd', '5'],
    ]);
    assert.deepEqual(rows('SELECT key, value FROM docker_container_envs'), [
      ['A', '1'],
      ['B', 'x=y\nz'],
      ['C', ''],
    ]);
    assert.deepEqual(rows('SELECT type, source, mode, rw FROM docker_container_mounts'), [
      ['bind', '/var/run/docker.sock', 'ro', 0],
    ]);
    assert.deepEqual(rows('SELECT port, host_ip, host_port FROM docker_container_ports'), [
      [80, '0.0.0.0', 8080],
      [443, '', 0],
    ]);
    const networks =
      'SELECT name, network_id, ip_address, ip_prefix_len FROM docker_container_networks';
    assert.deepEqual(rows(networks), [['bridge', NETWORK, '172.17.0.2', 16]]);
    const join = `SELECT c.name, m.source FROM docker_containers c JOIN docker_container_mounts m USING (id)`;
    assert.deepEqual(rows(join), [['/web', '/var/run/docker.sock']]);
  });

  it('what is found out about one container', () => {
    const changes = `SELECT path, change_type FROM docker_container_fs_changes WHERE id = 'ab12'`;
    assert.deepEqual(set.all(changes), [
      { path: '/tmp', change_type: 'C' },
      { path: '/tmp/x', change_type: 'A' },
      { path: '/y', change_type: 'D' },
      { path: '/z', change_type: '' },
    ]);
    assert.throws(() => set.all('SELECT * FROM docker_container_stats'), /id/);
    const stats = `SELECT name, pids, read - preread AS seconds, interval, disk_read, disk_write, cpu_total_usage,
      pre_online_cpus, memory_usage, memory_inactive_file, network_rx_bytes, network_tx_bytes
      FROM docker_container_stats WHERE id = '${ID}'`;
    assert.deepEqual(set.all(stats), [
      {
        name: '/web',
        pids: 3,
        seconds: 1,
        interval: 1_000_000_004,
        disk_read: 15,
        disk_write: 1,
        cpu_total_usage: 99,
        pre_online_cpus: null,
        memory_usage: 1000,
        memory_inactive_file: 7,
        network_rx_bytes: 4,
        network_tx_bytes: 6,
      },
    ]);
    const daemon =
      'SELECT i.id, containers, memory_limit, cpus, root_dir, version FROM docker_info i, docker_version';
    assert.deepEqual(set.all(daemon), [
      { id: 'X', containers: 2, memory_limit: 1, cpus: 2, root_dir: '/d', version: '24.0.7' },
    ]);
  });

  it('images, networks, volumes', () => {
    const rows = (sql: string) => set.all(sql).map((row) => Object.values(row));
    assert.deepEqual(
      rows('SELECT id, created, CAST(size_bytes AS TEXT), tags FROM docker_images'),
      [
        [IMAGE, 1690000000, String(2n ** 60n), 'nginx:1,nginx:latest'],
        ['00', null, null, ''],
      ],
    );
    const history = `SELECT created_by, size FROM docker_image_history WHERE id = '${IMAGE}'`;
    assert.deepEqual(rows(history), [['RUN curl x | sh', 5]]);
    assert.deepEqual(rows('SELECT layer_id, layer_order FROM docker_image_layers'), [
      ['aa', 1],
      ['bb', 2],
    ]);
    assert.deepEqual(rows('SELECT key, value FROM docker_image_labels'), [['a', 'b']]);
    assert.deepEqual(rows('SELECT name, created, subnet FROM docker_networks'), [
      ['bridge', 1704063600, '172.17.0.0/16'],
    ]);
    assert.deepEqual(rows('SELECT id, key FROM docker_network_labels'), [[NETWORK, 'net']]);
    assert.deepEqual(rows('SELECT * FROM docker_volumes'), [['data', 'local', '/v/data', 'nfs']]);
    assert.deepEqual(rows('SELECT * FROM docker_volume_labels'), [['data', 'v', 'w']]);
    assert.deepEqual(set.warnings(), []);
  });

  it('answers that are none', async () => {
    const at = makeScratch();
    const bad = await DockerDaemon.start(join(at, 'var/run/docker.sock'), {
      '/images/json': { raw: '{"message":"out of order"}', status: 500 },
      '/networks': { raw: '[{"Id":' },
      '/volumes': { raw: '{"Volumes":', cut: true },
      '/containers/json?all=1': { not: 'a list' },
    });
    const asked = openTables(findStateTables('containers'), at);
    try {
      for (const [table, warning] of [
        ['docker_images', /Docker does not answer \/images\/json: 500, out of order/],
        ['docker_networks', /Docker does not answer \/networks: 200, no JSON/],
        ['docker_volumes', /Docker does not answer \/volumes: (?:aborted|.*cut off)/],
        ['docker_containers', /^$/],
      ] as const) {
        assert.deepEqual(asked.all(`SELECT * FROM ${table}`), []);
        assert.match(asked.warnings().join(), warning);
      }
      await bad.stop();
      assert.deepEqual(asked.all('SELECT * FROM docker_images'), []);
      assert.match(asked.warnings().join() || 'no socket', /ECONNREFUSED|no socket/);
    } finally {
      asked.close();
      removeScratch(at);
    }
  });

  it('docker_container_processes: those that the daemon names, as /proc shows them', () => {
    const sql = "SELECT * FROM docker_container_processes WHERE id = 'ab12'";
    assert.deepEqual(set.all(sql), [
      {
        id: 'ab12',
        pid: 4242,
        name: 'ng) inx',
        cmdline: 'nginx: worker -g',
        state: 'S',
        uid: 33,
        gid: 33,
        euid: 0,
        egid: 33,
        suid: 33,
        sgid: 33,
        wired_size: 0,
        resident_size: 10_240_000,
        total_size: 819_200,
        start_time: 1_700_000_500,
        parent: 4200,
        pgroup: 4242,
        threads: 3,
        nice: 5,
        user: 'www',
        time: '00:01:40',
        cpu: 20,
        mem: 1,
      },
    ]);
  });

  it('without a socket there is nothing, and nothing to warn about', () => {
    const at = makeScratch();
    const asked = openTables(findStateTables('containers'), at);
    try {
      assert.deepEqual(asked.all('SELECT * FROM docker_containers'), []);
      writeTree(at, { '/var/run/docker.sock': '' });
      writeFileSync(join(at, 'var/run/docker.sock'), 'no socket');
      assert.deepEqual(asked.all('SELECT * FROM docker_images'), []);
      assert.deepEqual(asked.warnings(), []);
    } finally {
      asked.close();
      removeScratch(at);
    }
  });
});
