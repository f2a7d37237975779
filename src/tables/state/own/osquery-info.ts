import { createHash } from 'node:crypto';
import { OSQUERY_VERSION } from '../../../config/version.ts';
import { defineTable, integer, text } from '../../bridge/table.ts';
import { hostUuid } from '../hardware/host-uuid.ts';

/** POSIX and Linux, in osquery's bits. */
const PLATFORM_MASK = 0x1 | 0x8;

/** Seconds since 1970, the same on every thread. */
function startTime(): number {
  return Math.round(Date.now() / 1000 - process.uptime());
}

/** A UUID made from what only this run of the process has. */
function instanceId(bootId: string, start: string): string {
  const hash = createHash('sha256').update(`${bootId} ${process.pid} ${start}`).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

export const osqueryInfo = defineTable({
  name: 'osquery_info',
  description: 'weir itself, in the words of osquery',
  rows: 1,
  columns: {
    pid: integer('Process id'),
    uuid: text("The machine's UUID, as in system_info", { collate: 'nocase' }),
    instance_id: text('Id of this run of the process'),
    version: text('Version of the osquery whose tables these are; weir_health has that of weir', {
      collate: 'version',
    }),
    config_hash: text('Not known to queries: always empty', { collate: 'nocase' }),
    config_valid: integer('Always 1: weir does not run with a configuration that is wrong'),
    extensions: text('Always inactive: weir has no extensions'),
    build_platform: text('Always linux'),
    build_distro: text('Always linux'),
    start_time: integer('Start of the process, seconds since 1970'),
    watcher: integer('Always -1: nothing watches it but the init system'),
    platform_mask: integer('Always 9: POSIX and Linux'),
  },
  examples: ['SELECT pid, version, start_time FROM osquery_info'],
  *generate(context) {
    const { host } = context;
    const bootId = host.value('/proc/sys/kernel/random/boot_id') ?? '';
    // Field 22, after a name that may have blanks and parentheses.
    const start =
      host
        .value('/proc/self/stat')
        ?.replace(/^.*\) /s, '')
        .split(' ')[19] ?? '';
    yield {
      pid: process.pid,
      uuid: hostUuid(context),
      instance_id: instanceId(bootId, start),
      // Discovery queries of packs compare it.
      version: OSQUERY_VERSION,
      config_hash: '',
      config_valid: 1,
      extensions: 'inactive',
      build_platform: 'linux',
      build_distro: 'linux',
      start_time: startTime(),
      watcher: -1,
      platform_mask: PLATFORM_MASK,
    };
  },
});
