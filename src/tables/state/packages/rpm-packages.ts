import {
  bigint,
  defineTable,
  integer,
  MOUNT_NAMESPACE_ID,
  PID_WITH_NAMESPACE,
  text,
} from '../../bridge/table.ts';
import { installedRpms } from './rpm-database.ts';
import { TAG } from './rpm-header.ts';

export const rpmPackages = defineTable({
  name: 'rpm_packages',
  description: 'Packages that rpm has installed, from its SQLite database (rpm 4.16 and newer)',
  columns: {
    name: text('Name', { index: true, optimized: true }),
    version: text('Version', { index: true, collate: 'version_rhel', operators: [] }),
    release: text('Release', { index: true, operators: [] }),
    source: text('Source package'),
    size: bigint('Size when installed, in bytes'),
    sha1: text('SHA-1 of its header', { collate: 'nocase' }),
    arch: text('Architecture', { index: true, operators: [] }),
    epoch: integer('Epoch; 0 when it has none', { index: true, operators: [] }),
    install_time: integer('When it was installed, seconds since 1970'),
    vendor: text('Who made it'),
    package_group: text('Group'),
    pid_with_namespace: PID_WITH_NAMESPACE,
    mount_namespace_id: MOUNT_NAMESPACE_ID,
  },
  examples: [
    'SELECT name, version, release, arch FROM rpm_packages ORDER BY install_time DESC LIMIT 20',
    "SELECT name FROM rpm_packages WHERE name = 'openssl-libs' AND version < '3.0.7'",
  ],
  rows: 1000,
  *generate(context) {
    const values = context.texts('name');
    const wanted =
      values === undefined ? ({ by: 'all' } as const) : { by: 'Name' as const, values };
    for (const header of installedRpms(context, wanted)) {
      yield {
        name: header.text(TAG.name),
        version: header.text(TAG.version),
        release: header.text(TAG.release),
        source: header.text(TAG.sourceRpm) ?? '',
        size: header.number(TAG.longSize) ?? header.number(TAG.size),
        sha1: header.text(TAG.sha1) ?? '',
        arch: header.text(TAG.arch) ?? '',
        epoch: header.number(TAG.epoch) ?? 0,
        install_time: header.number(TAG.installTime),
        vendor: header.text(TAG.vendor) ?? '',
        package_group: header.text(TAG.group) ?? '',
      };
    }
  },
});
