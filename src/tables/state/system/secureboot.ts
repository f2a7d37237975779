import { defineTable, elsewhere, integer } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';

/** Variables of the firmware that UEFI itself defines. */
const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** A variable's file has four bytes of attributes, then its value; -1 when there is none. */
function flag(host: Host, name: string): number {
  const bytes = host.bytes(`/sys/firmware/efi/efivars/${name}-${GLOBAL}`, { quiet: true });
  return bytes?.length === 5 ? (bytes[4] as number) : -1;
}

export const secureboot = defineTable({
  name: 'secureboot',
  description: 'Secure Boot, from the variables of UEFI',
  rows: 1,
  columns: {
    secure_boot: integer('1 when it is on; -1 when not known, as without UEFI'),
    secure_mode: elsewhere('INTEGER'),
    description: elsewhere('TEXT'),
    kernel_extensions: elsewhere('INTEGER'),
    mdm_operations: elsewhere('INTEGER'),
    setup_mode: integer('1 when keys can be set; -1 when not known'),
  },
  examples: ['SELECT secure_boot, setup_mode FROM secureboot'],
  *generate({ host }) {
    yield { secure_boot: flag(host, 'SecureBoot'), setup_mode: flag(host, 'SetupMode') };
  },
});
