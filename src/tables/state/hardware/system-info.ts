import { availableParallelism, hostname, machine } from 'node:os';
import { bigint, defineTable, elsewhere, integer, text } from '../../bridge/table.ts';
import { keyValues } from '../../host/parse.ts';
import { hostUuid } from './host-uuid.ts';
import { processors } from './processors.ts';
import { type SmbiosStructure, smbios } from './smbios.ts';

const SYSTEM = 1;
const BOARD = 2;

/** Vendor, model, version, serial number: at the same places for systems and boards. */
function identity(structure: SmbiosStructure | undefined): readonly string[] {
  const [vendor = '', model = '', version = '', serial = ''] = [0x04, 0x05, 0x06, 0x07].map(
    (offset) => structure?.text(offset) ?? '',
  );
  // Lenovo has the model's name in the version, as osquery knows too.
  const swapped = structure?.type === SYSTEM && vendor.toLowerCase() === 'lenovo';
  return swapped ? [vendor, version, model, serial] : [vendor, model, version, serial];
}

export const systemInfo = defineTable({
  name: 'system_info',
  description: 'The machine: names, processors, memory, hardware',
  rows: 1,
  columns: {
    hostname: text('Name of the host'),
    uuid: text("The machine's UUID, from the firmware; else from /etc/machine-id", {
      collate: 'nocase',
    }),
    cpu_type: text('Architecture: x86_64, aarch64'),
    cpu_subtype: text('Number of the model'),
    cpu_brand: text('Name of the model'),
    cpu_physical_cores: integer('Cores'),
    cpu_logical_cores: integer('Processors that the kernel sees'),
    cpu_sockets: integer('Sockets'),
    cpu_microcode: text('Revision of the microcode'),
    physical_memory: bigint('Bytes of memory'),
    hardware_vendor: text('Manufacturer of the machine'),
    hardware_model: text('Model of the machine'),
    hardware_version: text('Version of the machine'),
    hardware_serial: text('Serial number of the machine'),
    board_vendor: text('Manufacturer of the board'),
    board_model: text('Model of the board'),
    board_version: text('Version of the board'),
    board_serial: text('Serial number of the board'),
    computer_name: text('Name of the host'),
    local_hostname: text('Name of the host'),
    emulated_cpu_type: elsewhere('TEXT'),
  },
  examples: ['SELECT hostname, hardware_vendor, hardware_model, cpu_brand FROM system_info'],
  *generate(context) {
    const cpus = processors(context.host);
    const [system] = smbios(context, SYSTEM);
    const [board] = smbios(context, BOARD);
    const [first] = cpus;
    const sockets = new Set(cpus.map((cpu) => cpu.get('physical id') ?? '0'));
    const cores = new Set(
      cpus.map((cpu) => `${cpu.get('physical id')} ${cpu.get('core id') ?? cpu.get('processor')}`),
    );
    const memory = keyValues(context.host.lines('/proc/meminfo'), ':').get('MemTotal');
    const [vendor, model, version, serial] = identity(system);
    const [boardVendor, boardModel, boardVersion, boardSerial] = identity(board);
    const name = hostname();
    yield {
      hostname: name,
      uuid: hostUuid(context),
      cpu_type: machine(),
      cpu_subtype: first?.get('model') ?? first?.get('CPU part') ?? '',
      cpu_brand: first?.get('model name') ?? '',
      cpu_physical_cores: cores.size,
      cpu_logical_cores: cpus.length > 0 ? cpus.length : availableParallelism(),
      cpu_sockets: sockets.size,
      cpu_microcode: first?.get('microcode') ?? '',
      physical_memory: memory === undefined ? undefined : Number.parseInt(memory, 10) * 1024,
      hardware_vendor: vendor,
      hardware_model: model,
      hardware_version: version,
      hardware_serial: serial,
      board_vendor: boardVendor,
      board_model: boardModel,
      board_version: boardVersion,
      board_serial: boardSerial,
      computer_name: name,
      local_hostname: name,
    };
  },
});
