import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { DockerDaemon } from '../../../helpers/docker-daemon.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const sync = (metadata: unknown) => ({ type: 'sync', status_code: 200, metadata });

const ANSWERS = {
  '/1.0/instances': sync([
    '/1.0/instances/web1',
    'http://elsewhere.example/',
    '/1.0/instances/gone',
  ]),
  '/1.0/instances/web1': sync({
    name: 'web1',
    status: 'Running',
    stateful: false,
    ephemeral: true,
    created_at: '2026-01-02T03:04:05Z',
    architecture: 'x86_64',
    config: { 'volatile.base_image': 'f00d', 'limits.cpu': '2' },
    expanded_devices: {
      eth0: { type: 'nic', network: 'lxdbr0', name: 'eth0' },
      root: { type: 'disk', path: '/', pool: 'default' },
    },
  }),
  '/1.0/instances/web1/state': sync({ pid: 4242, processes: 17 }),
  '/1.0/instances/web1/metadata': sync({
    properties: { os: 'Debian', description: 'Debian 12', architecture: 'amd64' },
  }),
  '/1.0/images': sync(['/1.0/images/f00d']),
  '/1.0/images/f00d': sync({
    fingerprint: 'f00d',
    architecture: 'x86_64',
    properties: { os: 'Debian', release: 'bookworm', description: 'Debian 12' },
    aliases: [{ name: 'debian' }, { name: 'd12' }],
    filename: 'd.tar.xz',
    size: 123,
    auto_update: true,
    cached: false,
    public: true,
    update_source: { server: 'https://i.example', protocol: 'simplestreams', alias: '12' },
  }),
  '/1.0/networks': sync(['/1.0/networks/lxdbr0']),
  '/1.0/networks/lxdbr0': sync({
    name: 'lxdbr0',
    type: 'bridge',
    managed: true,
    config: { 'ipv4.address': '10.1.1.1/24', 'ipv6.address': 'none' },
    used_by: ['/1.0/instances/web1', '/1.0/profiles/default'],
  }),
  '/1.0/networks/lxdbr0/state': sync({
    counters: { bytes_received: 1, bytes_sent: 2, packets_received: 3, packets_sent: 4 },
    hwaddr: '00:16:3e:00:00:01',
    state: 'up',
    mtu: 1500,
  }),
  '/1.0/storage-pools': sync(['/1.0/storage-pools/default']),
  '/1.0/storage-pools/default': sync({
    name: 'default',
    driver: 'zfs',
    config: { source: 'default', size: '30GiB' },
  }),
  '/1.0/storage-pools/default/resources': sync({
    space: { used: 10, total: 20 },
    inodes: { used: 1, total: 2 },
  }),
  '/1.0/certificates': sync(['/1.0/certificates/abcd']),
  '/1.0/certificates/abcd': sync({
    name: 'c',
    type: 'client',
    fingerprint: 'abcd',
    certificate: 'PEM',
  }),
  '/1.0/cluster': sync({
    server_name: 'n1',
    enabled: true,
    member_config: [
      { entity: 'storage-pool', name: 'local', key: 'source', value: '', description: 'where' },
    ],
  }),
  '/1.0/cluster/members': { raw: '{"type":"error","error":"not clustered"}', status: 500 },
};

describe('tables: LXD', () => {
  let root: string;
  let daemon: DockerDaemon;
  let set: TableSet;

  before(async () => {
    root = makeScratch();
    const socket = join(root, 'var/snap/lxd/common/lxd/unix.socket');
    daemon = await DockerDaemon.start(socket, ANSWERS);
    set = openTables(findStateTables('containers'), root);
  });

  after(async () => {
    set.close();
    await daemon.stop();
    removeScratch(root);
  });

  it('instances, their settings and devices', () => {
    const instance = {
      name: 'web1',
      status: 'Running',
      stateful: 0,
      ephemeral: 1,
      created_at: '2026-01-02T03:04:05Z',
      base_image: 'f00d',
      architecture: 'amd64',
      os: 'Debian',
      description: 'Debian 12',
      pid: 4242,
      processes: 17,
    };
    assert.deepEqual(set.all('SELECT * FROM lxd_instances'), [instance]);
    const named = "SELECT * FROM lxd_instances WHERE name IN ('web1', '../networks', 'none')";
    assert.deepEqual(set.all(named), [instance]);
    assert.deepEqual(set.all("SELECT key, value FROM lxd_instance_config WHERE name = 'web1'"), [
      { key: 'volatile.base_image', value: 'f00d' },
      { key: 'limits.cpu', value: '2' },
    ]);
    const devices = "SELECT device, device_type, key FROM lxd_instance_devices WHERE name = 'web1'";
    assert.deepEqual(set.all(devices), [
      { device: 'eth0', device_type: 'nic', key: 'network' },
      { device: 'eth0', device_type: 'nic', key: 'name' },
      { device: 'root', device_type: 'disk', key: 'path' },
      { device: 'root', device_type: 'disk', key: 'pool' },
    ]);
    const joined = 'SELECT c.key FROM lxd_instances i JOIN lxd_instance_config c USING (name)';
    assert.equal(set.all(joined).length, 2);
  });

  it('images', () => {
    const sql = `SELECT id, os, release, aliases, size, auto_update, cached, public,
      update_source_server AS server, expires_at FROM lxd_images`;
    const image = { os: 'Debian', release: 'bookworm', aliases: 'debian,d12', size: 123 };
    const rest = {
      auto_update: 1,
      cached: 0,
      public: 1,
      server: 'https://i.example',
      expires_at: '',
    };
    assert.deepEqual(set.all(sql), [{ id: 'f00d', ...image, ...rest }]);
    assert.deepEqual(set.all(`${sql} WHERE id = 'f00d'`), [{ id: 'f00d', ...image, ...rest }]);
  });

  it('networks, storage, certificates, the cluster', () => {
    assert.deepEqual(set.all('SELECT * FROM lxd_networks'), [
      {
        name: 'lxdbr0',
        type: 'bridge',
        managed: 1,
        ipv4_address: '10.1.1.1/24',
        ipv6_address: 'none',
        used_by: 'web1,/1.0/profiles/default',
        bytes_received: 1,
        bytes_sent: 2,
        packets_received: 3,
        packets_sent: 4,
        hwaddr: '00:16:3e:00:00:01',
        state: 'up',
        mtu: 1500,
      },
    ]);
    const pool = { name: 'default', driver: 'zfs', source: 'default', size: '30GiB' };
    const used = { space_used: 10, space_total: 20, inodes_used: 1, inodes_total: 2 };
    assert.deepEqual(set.all('SELECT * FROM lxd_storage_pools'), [{ ...pool, ...used }]);
    assert.deepEqual(set.all('SELECT * FROM lxd_certificates'), [
      { name: 'c', type: 'client', fingerprint: 'abcd', certificate: 'PEM' },
    ]);
    assert.deepEqual(set.all('SELECT server_name, enabled, member_config_key FROM lxd_cluster'), [
      { server_name: 'n1', enabled: 1, member_config_key: 'source' },
    ]);
    set.warnings();
    assert.deepEqual(set.all('SELECT * FROM lxd_cluster_members'), []);
    assert.match(
      set.warnings().join(),
      /LXD does not answer \/1\.0\/cluster\/members: 500, not clustered/,
    );
  });

  it('without a daemon there is nothing, and no warning', () => {
    const empty = makeScratch();
    const none = openTables(findStateTables('containers'), empty);
    assert.deepEqual(none.all('SELECT * FROM lxd_instances'), []);
    assert.deepEqual(none.warnings(), []);
    none.close();
    removeScratch(empty);
  });
});
