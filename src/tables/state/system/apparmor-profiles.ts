import { defineTable, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';

const PROFILES = '/sys/kernel/security/apparmor/policy/profiles';
/** The kernel lets policies nest; a tree that others mount there might be endless. */
const DEPTH = 16;

interface Profile {
  readonly folder: string;
  readonly path: string; // names from the outermost on, joined with //
}

function* profiles(host: Host, folder: string, parent: string, depth: number): Iterable<Profile> {
  for (const { name: entry, kind } of host.entries(folder)) {
    if (kind !== 'directory') continue;
    const own = `${folder}/${entry}`;
    const path = `${parent}${host.value(`${own}/name`) ?? entry}`;
    yield { folder: own, path };
    if (depth > 0) yield* profiles(host, `${own}/profiles`, `${path}//`, depth - 1);
  }
}

export const apparmorProfiles = defineTable({
  name: 'apparmor_profiles',
  description: 'Profiles of AppArmor that the kernel has loaded',
  columns: {
    path: text('Name, behind the names of the profiles that it is in and //', {
      index: true,
      operators: [],
    }),
    name: text('Name'),
    attach: text('Pattern of the executables that it is for'),
    mode: text('enforce, complain, kill, unconfined, ...'),
    sha1: text('SHA-1 of the policy, where the kernel tells it', { collate: 'nocase' }),
    sha256: text('SHA-256 of the policy, where the kernel tells it (Linux 6.8)', {
      collate: 'nocase',
    }),
  },
  examples: ["SELECT name, attach FROM apparmor_profiles WHERE mode = 'complain'"],
  *generate({ host }) {
    for (const { folder, path } of profiles(host, PROFILES, '', DEPTH)) {
      const value = (name: string): string => host.value(`${folder}/${name}`) ?? '';
      yield {
        path,
        name: value('name'),
        attach: value('attach'),
        mode: value('mode'),
        sha1: value('sha1'),
        sha256: value('sha256'),
      };
    }
  },
});
