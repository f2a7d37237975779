import { defineTable, text } from '../../bridge/table.ts';
import { mountList } from './mount-list.ts';

const ROOT_KEYS = [
  'checkreqprot',
  'deny_unknown',
  'enforce',
  'mls',
  'policyvers',
  'reject_unknown',
];
const SCOPES = ['booleans', 'policy_capabilities', 'initial_contexts'];

/** A boolean has its present value and the one that waits to be committed. */
function shown(scope: string, value: string): string {
  if (scope !== 'booleans') return value;
  return value.startsWith('1') ? 'on' : 'off';
}

export const selinuxSettings = defineTable({
  name: 'selinux_settings',
  description: 'State of SELinux, from selinuxfs; none where it is not used',
  rows: 400,
  columns: {
    scope: text('booleans, class, initial_contexts, policy_capabilities; empty for the main ones'),
    key: text('Name; for class with /perms behind it'),
    value: text('Value: on or off for booleans, a permission for class'),
  },
  examples: ["SELECT value FROM selinux_settings WHERE scope = '' AND key = 'enforce'"],
  *generate({ host }) {
    const root = mountList(host).find(({ type }) => type === 'selinuxfs')?.path;
    if (root === undefined) return;
    for (const key of ROOT_KEYS) {
      const value = host.value(`${root}/${key}`);
      if (value !== undefined) yield { scope: '', key, value };
    }
    for (const scope of SCOPES) {
      for (const key of host.names(`${root}/${scope}`)) {
        const value = host.value(`${root}/${scope}/${key}`)?.replaceAll('\0', '');
        if (value !== undefined) yield { scope, key, value: shown(scope, value) };
      }
    }
    for (const name of host.names(`${root}/class`)) {
      for (const value of host.names(`${root}/class/${name}/perms`)) {
        yield { scope: 'class', key: `${name}/perms`, value };
      }
    }
  },
});
