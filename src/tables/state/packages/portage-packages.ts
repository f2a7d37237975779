import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { configuration, installed, parseAtom } from './portage.ts';

export const portagePackages = defineTable({
  name: 'portage_packages',
  description: 'Packages that portage has installed',
  columns: {
    package: text('Category and name'),
    version: text('Version', { collate: 'version' }),
    slot: text('Slot'),
    build_time: bigint('When it was built, seconds since 1970'),
    repository: text('Repository that it came from'),
    eapi: bigint('EAPI of its ebuild'),
    size: bigint('Size when installed, in bytes'),
    world: integer('1 when it was asked for by name'),
  },
  examples: ['SELECT package, version FROM portage_packages WHERE world = 1'],
  *generate({ host }) {
    const world = new Set<string>();
    for (const [atom = ''] of configuration(host, '/var/lib/portage/world'))
      world.add(parseAtom(atom).package);
    for (const { package: name, version, folder } of installed(host)) {
      yield {
        package: name,
        version,
        slot: host.value(`${folder}/SLOT`),
        build_time: host.value(`${folder}/BUILD_TIME`),
        repository: host.value(`${folder}/repository`),
        eapi: host.value(`${folder}/EAPI`),
        size: host.value(`${folder}/SIZE`),
        world: world.has(name),
      };
    }
  },
});
