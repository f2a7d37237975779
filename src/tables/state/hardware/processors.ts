import type { Host } from '../../host/host.ts';
import { keyValues } from '../../host/parse.ts';

/** What /proc/cpuinfo says about each processor, by its own names. */
export function processors(host: Host): Map<string, string>[] {
  const text = host.text('/proc/cpuinfo') ?? '';
  return text
    .split(/\n\s*\n/)
    .map((block) => keyValues(block.split('\n'), ':'))
    .filter((values) => values.has('processor'));
}
