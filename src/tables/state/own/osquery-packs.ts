import { defineTable, integer, text } from '../../bridge/table.ts';
import { osqueryState } from './osquery-state.ts';

export const osqueryPacks = defineTable({
  name: 'osquery_packs',
  description: 'Packs of the configuration; empty without a daemon',
  columns: {
    name: text('Name of the pack'),
    platform: text('Platforms that it is for; empty: all'),
    version: text('Lowest version of osquery that it is for', { collate: 'version' }),
    shard: integer('Percentage of hosts that it is for'),
    discovery_cache_hits: integer('Times that its discovery queries need not be asked anew'),
    discovery_executions: integer('Times that they were asked'),
    active: integer('1 when its queries run on this host'),
  },
  examples: ['SELECT name, active FROM osquery_packs'],
  *generate(context) {
    for (const pack of osqueryState(context)?.packs ?? []) {
      yield {
        name: pack.name,
        platform: pack.platform,
        version: pack.version,
        shard: pack.shard,
        discovery_cache_hits: pack.discoveryHits,
        discovery_executions: pack.discoveryRuns,
        active: pack.active,
      };
    }
  },
});
