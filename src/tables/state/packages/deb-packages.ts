import {
  bigint,
  defineTable,
  MOUNT_NAMESPACE_ID,
  PID_WITH_NAMESPACE,
  text,
} from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';
import { ADMIN_DIRECTORY } from './dpkg.ts';
import { stanzas } from './stanzas.ts';

const FIELDS = new Set([
  'package',
  'version',
  'source',
  'installed-size',
  'architecture',
  'status',
  'maintainer',
  'section',
  'priority',
]);

/** A file server with everything installed has some 40 MB. */
const LIMIT = { limit: 256 << 20 };

/** The status file, and the folder that images without a package manager have in its place. */
function* files(host: Host, admindir: string): Iterable<string> {
  yield `${admindir}/status`;
  for (const { name, kind } of host.entries(`${admindir}/status.d`)) {
    if (kind !== 'directory' && !name.endsWith('.md5sums')) yield `${admindir}/status.d/${name}`;
  }
}

/** What follows the last hyphen, as dpkg splits versions. */
function revision(version: string): string {
  const hyphen = version.lastIndexOf('-');
  return hyphen < 0 ? '' : version.slice(hyphen + 1);
}

export const debPackages = defineTable({
  name: 'deb_packages',
  description: 'Packages that dpkg knows as installed, or of which it kept something',
  columns: {
    name: text('Name of the package'),
    version: text('Version', { collate: 'version_dpkg' }),
    source: text('Source package, with its version where that differs'),
    size: bigint('Size when installed, in KiB'),
    arch: text('Architecture'),
    revision: text('Debian revision: what follows the last hyphen of the version'),
    status: text('What is wanted, problems, and what is: `install ok installed`'),
    maintainer: text('Who looks after it'),
    section: text('Section of the archive'),
    priority: text('Priority'),
    admindir: text('Folder of dpkg’s database; without a constraint /var/lib/dpkg', {
      additional: true,
      optimized: true,
      operators: ['='],
    }),
    pid_with_namespace: PID_WITH_NAMESPACE,
    mount_namespace_id: MOUNT_NAMESPACE_ID,
  },
  examples: [
    "SELECT name, version FROM deb_packages WHERE status LIKE 'install ok%' ORDER BY name",
    "SELECT name, version FROM deb_packages WHERE name = 'openssl' AND version < '3.0.11-1'",
  ],
  rows: 800,
  *generate(context) {
    for (const admindir of context.texts('admindir') ?? [ADMIN_DIRECTORY]) {
      for (const file of files(context.host, admindir)) {
        for (const stanza of stanzas(context.host.lines(file, LIMIT), FIELDS)) {
          const status = stanza.get('status');
          // Files of status.d have no such field: what is there is installed.
          if (status === undefined && file.endsWith('/status')) continue;
          if (status?.endsWith(' not-installed')) continue;
          const version = stanza.get('version') ?? '';
          yield {
            name: stanza.get('package'),
            version,
            source: stanza.get('source') ?? '',
            size: stanza.get('installed-size'),
            arch: stanza.get('architecture') ?? '',
            revision: revision(version),
            status: status ?? 'install ok installed',
            maintainer: stanza.get('maintainer') ?? '',
            section: stanza.get('section') ?? '',
            priority: stanza.get('priority') ?? '',
            admindir,
          };
        }
      }
    }
  },
});
