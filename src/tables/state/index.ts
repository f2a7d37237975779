/** Every table that TypeScript makes, one line per area: an area's folder says what is in it. */
import type { StateTable } from '../bridge/table.ts';
import { APPLICATION_TABLES } from './applications/index.ts';
import { CONTAINER_TABLES } from './containers/index.ts';
import { DETECTION_TABLES } from './detections/index.ts';
import { FILE_TABLES } from './files/index.ts';
import { HARDWARE_TABLES } from './hardware/index.ts';
import { NETWORK_TABLES } from './network/index.ts';
import { ownTables } from './own/index.ts';
import { PACKAGE_TABLES } from './packages/index.ts';
import { PROCESS_TABLES } from './processes/index.ts';
import { SYSTEM_TABLES } from './system/index.ts';
import { USER_TABLES } from './users/index.ts';
import { WEIR_TABLES } from './weir/index.ts';

export const STATE_TABLES: readonly StateTable[] = [
  ...APPLICATION_TABLES,
  ...CONTAINER_TABLES,
  ...DETECTION_TABLES,
  ...FILE_TABLES,
  ...HARDWARE_TABLES,
  ...NETWORK_TABLES,
  ...PACKAGE_TABLES,
  ...ownTables(() => STATE_TABLES),
  ...PROCESS_TABLES,
  ...SYSTEM_TABLES,
  ...USER_TABLES,
  ...WEIR_TABLES,
].sort((a, b) => (a.name < b.name ? -1 : 1));
