import type { TableContext } from '../../bridge/context.ts';
import { defineTable, integer, text } from '../../bridge/table.ts';
import { meaningful, whole, words } from '../../host/parse.ts';
import { programOutput } from '../../host/program.ts';
import { maskText } from './addresses.ts';
import { option, parseRules } from './iptables-rules.ts';

const at = (name: string): string[] => [`/usr/sbin/${name}`, `/sbin/${name}`];

/** Both ways at once are possible, and each program shows only its own. */
function save(context: Pick<TableContext, 'host' | 'once' | 'warn'>): string {
  const { host } = context;
  const byNftables = at('iptables-nft-save');
  if (!byNftables.some((path) => host.exists(path))) {
    return programOutput(context, at('iptables-save'), ['-c']);
  }
  // Names of the tables that there are the old way.
  const old = (host.value('/proc/net/ip_tables_names') ?? '') !== '';
  return [
    programOutput(context, byNftables, ['-c']),
    old ? programOutput(context, at('iptables-legacy-save'), ['-c']) : '',
  ].join('\n');
}

/** Any, as osquery shows it. */
const ANY = '0.0.0.0';

function addressOf(given: string): readonly [address: string, mask: string] {
  if (given === '') return [ANY, ANY];
  const [address = '', mask = '32'] = given.split('/');
  return [address, mask.includes('.') ? mask : maskText(whole(mask) ?? 32, 4)];
}

/** A name with + at its end stands for all that begin so: the mask has a byte for each letter. */
function interfaceOf(given: string): readonly [name: string, mask: string] {
  if (given === '') return ['all', ''];
  const name = given.replace(/^!/, '');
  return [given, 'FF'.repeat(name.endsWith('+') ? name.length - 1 : name.length + 1)];
}

/** As osquery: first and last port. */
function ports(given: string): string {
  if (given === '') return '';
  return /[:,]/.test(given) ? given : `${given}:${given.replace(/^!/, '')}`;
}

export const iptables = defineTable({
  name: 'iptables',
  description:
    'Rules of the packet filter for IPv4, from iptables-save where that is installed: those that iptables shows, be it by nftables or the old way',
  rows: 50,
  columns: {
    filter_name: text('Table: filter, nat, mangle, raw'),
    chain: text('Chain'),
    policy: text('Policy of the chain; empty for those that a user made'),
    target: text('What is done with the packet'),
    protocol: integer('Number of the protocol; 0 for any'),
    src_port: text('Source ports, as first:last, or several with commas between them'),
    dst_port: text('Destination ports, as first:last, or several with commas between them'),
    src_ip: text('Source address; ! before it: any other'),
    src_mask: text('Mask of the source'),
    iniface: text('Interface that it comes in by, or all'),
    iniface_mask: text('Letters of its name that count'),
    dst_ip: text('Destination address; ! before it: any other'),
    dst_mask: text('Mask of the destination'),
    outiface: text('Interface that it goes out by, or all'),
    outiface_mask: text('Letters of its name that count'),
    match: text('yes when the rule has further conditions'),
    packets: integer('Packets that met it'),
    bytes: integer('Bytes of those'),
  },
  examples: ["SELECT chain, target, src_ip FROM iptables WHERE filter_name = 'filter'"],
  *generate(context) {
    const numbers = new Map(
      meaningful(context.host.lines('/etc/protocols')).map((line) => {
        const [name = '', number = ''] = words(line);
        return [name, number];
      }),
    );
    for (const rule of parseRules(save(context))) {
      const of = (...names: readonly string[]): string => option(rule.words, ...names);
      const [src_ip, src_mask] = addressOf(of('-s', '--source'));
      const [dst_ip, dst_mask] = addressOf(of('-d', '--destination'));
      const [iniface, iniface_mask] = interfaceOf(of('-i', '--in-interface'));
      const [outiface, outiface_mask] = interfaceOf(of('-o', '--out-interface'));
      const protocol = of('-p', '--protocol').replace(/^!/, '');
      yield {
        filter_name: rule.table,
        chain: rule.chain,
        policy: rule.policy,
        target: of('-j', '-g', '--jump', '--goto'),
        protocol: protocol === '' || protocol === 'all' ? 0 : (numbers.get(protocol) ?? protocol),
        src_port: ports(of('--sport', '--sports', '--source-port')),
        dst_port: ports(of('--dport', '--dports', '--destination-port')),
        src_ip,
        src_mask,
        iniface,
        iniface_mask,
        dst_ip,
        dst_mask,
        outiface,
        outiface_mask,
        match: rule.words.includes('-m') ? 'yes' : 'no',
        packets: rule.packets,
        bytes: rule.bytes,
      };
    }
  },
});
