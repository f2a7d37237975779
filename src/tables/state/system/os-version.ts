import { machine } from 'node:os';
import {
  defineTable,
  elsewhere,
  integer,
  MOUNT_NAMESPACE_ID,
  PID_WITH_NAMESPACE,
  text,
} from '../../bridge/table.ts';
import { keyValues, whole } from '../../host/parse.ts';

export const osVersion = defineTable({
  name: 'os_version',
  description: 'The distribution, from /etc/os-release',
  rows: 1,
  columns: {
    name: text('Name of the distribution'),
    version: text('Version with its code name, as the distribution writes it', {
      collate: 'version',
    }),
    major: integer('First number of the version'),
    minor: integer('Second number of the version; 0 when it has none'),
    patch: integer('Third number of the version; 0 when it has none'),
    build: text('Build of the distribution, where it has one'),
    platform: text('Identifier: debian, ubuntu, rhel'),
    platform_like: text('Identifier of what it is made from'),
    codename: text('Code name'),
    arch: text('Architecture of the kernel'),
    extra: elsewhere('TEXT'),
    install_date: elsewhere('BIGINT'),
    revision: elsewhere('INTEGER'),
    pid_with_namespace: PID_WITH_NAMESPACE,
    mount_namespace_id: MOUNT_NAMESPACE_ID,
  },
  examples: ['SELECT name, version, platform FROM os_version'],
  *generate({ host }) {
    const files = ['/etc/os-release', '/usr/lib/os-release'];
    const release = keyValues(host.lines(files.find((path) => host.exists(path)) ?? ''));
    const version = release.get('VERSION_ID') ?? '';
    const [major, minor, patch] = version.split('.').map((part) => whole(part));
    yield {
      name: release.get('NAME'),
      version: release.get('VERSION') ?? version,
      major: major ?? 0,
      minor: minor ?? 0,
      patch: patch ?? 0,
      build: release.get('BUILD_ID') ?? '',
      platform: release.get('ID'),
      platform_like: release.get('ID_LIKE') ?? release.get('ID'),
      codename: release.get('VERSION_CODENAME') ?? '',
      arch: machine(),
    };
  },
});
