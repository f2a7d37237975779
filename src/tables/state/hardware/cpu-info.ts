import { defineTable, elsewhere, integer, text } from '../../bridge/table.ts';
import { keyValues, whole } from '../../host/parse.ts';
import { processors } from './processors.ts';

export const cpuInfo = defineTable({
  name: 'cpu_info',
  description: 'Processor packages, from /proc/cpuinfo and /sys',
  rows: 1,
  columns: {
    device_id: text('Number of the package'),
    model: text('Model'),
    manufacturer: text('Manufacturer, as the processor says'),
    processor_type: text('Always CPU'),
    cpu_status: integer('1: enabled'),
    number_of_cores: text('Cores'),
    logical_processors: integer('Processors that the kernel sees'),
    address_width: text('Bits of a physical address'),
    current_clock_speed: integer('MHz now'),
    max_clock_speed: integer('MHz at most, where the kernel sets the frequency'),
    socket_designation: text('Number of the socket'),
    availability: elsewhere('TEXT'),
    load_percentage: elsewhere('INTEGER'),
    number_of_efficiency_cores: elsewhere('INTEGER'),
    number_of_performance_cores: elsewhere('INTEGER'),
  },
  examples: ['SELECT model, number_of_cores, logical_processors FROM cpu_info'],
  *generate({ host }) {
    const packages = Map.groupBy(processors(host), (each) => each.get('physical id') ?? '0');
    for (const [id, members] of packages) {
      const first = members[0] ?? keyValues([]);
      const cpu = first.get('processor') ?? '0';
      const max = whole(host.value(`/sys/devices/system/cpu/cpu${cpu}/cpufreq/cpuinfo_max_freq`));
      yield {
        device_id: id,
        model: first.get('model name'),
        manufacturer: first.get('vendor_id') ?? first.get('CPU implementer'),
        processor_type: 'CPU',
        cpu_status: 1,
        number_of_cores: first.get('cpu cores') ?? String(members.length),
        logical_processors: members.length,
        address_width: /(\d+) bits physical/.exec(first.get('address sizes') ?? '')?.[1],
        current_clock_speed: Math.round(Number(first.get('cpu MHz'))),
        max_clock_speed: max === undefined ? undefined : Math.round(max / 1000),
        socket_designation: id,
      };
    }
  },
});
