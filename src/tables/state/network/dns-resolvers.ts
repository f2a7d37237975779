import { hostname } from 'node:os';
import { bigint, defineTable, integer, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { words } from '../../host/parse.ts';
import { resolverOptions } from './resolver-options.ts';

/** As many as glibc's resolver uses, resolv.h: of name servers and of the sort list. */
const MAXNS = 3;
const MAXRESOLVSORT = 10;

/** Bits of the mask of an entry of the sort list: given as a mask, a length, or by the class. */
function sortEntry(entry: string): { readonly address: string; readonly netmask: number } {
  const [address = '', mask] = entry.split(/[/&]/);
  if (mask?.includes('.')) {
    const bits = mask.split('.').reduce((sum, part) => sum + ones(Number(part) & 0xff), 0);
    return { address, netmask: bits };
  }
  if (mask !== undefined) return { address, netmask: Number(mask) };
  const first = Number(address.split('.')[0]);
  return { address, netmask: first < 128 ? 8 : first < 192 ? 16 : 24 };
}

function ones(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}

/** The domain that the host's own name is in, which is searched when the file names none. */
function ownDomain(): string[] {
  const [, ...domain] = hostname().split('.');
  return domain.length === 0 ? [] : [domain.join('.')];
}

export const dnsResolvers = defineTable({
  name: 'dns_resolvers',
  description: 'Whom programs ask for names, from /etc/resolv.conf as the C library reads it',
  rows: 4,
  columns: {
    id: integer('Place among those of its type, from 0'),
    type: text('nameserver, sortlist or search'),
    address: text('Address of the server or net; domain to search'),
    netmask: text('Length of the net: 32 for servers'),
    options: bigint('Options of the resolver as bits, as in resolv.h'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: ["SELECT address FROM dns_resolvers WHERE type = 'nameserver'"],
  *generate({ host }) {
    const servers: string[] = [];
    const sorted: string[] = [];
    const set: string[] = [];
    let search: string[] | undefined;
    for (const line of host.lines('/etc/resolv.conf')) {
      // A remark begins in the first column; elsewhere the C library takes it as a value.
      if (/^[#;]/.test(line)) continue;
      const [keyword, ...values] = words(line);
      if (keyword === 'nameserver' && values[0] !== undefined) servers.push(values[0]);
      if (keyword === 'sortlist') sorted.push(...values);
      if (keyword === 'options') set.push(...values);
      // The last of these counts.
      if (keyword === 'domain') search = values.slice(0, 1);
      if (keyword === 'search') search = values;
    }
    const options = resolverOptions(set);
    // Without a server the C library asks this host.
    const asked = servers.length === 0 ? ['127.0.0.1'] : servers.slice(0, MAXNS);
    for (const [id, address] of asked.entries()) {
      yield { id, type: 'nameserver', address, netmask: '32', options };
    }
    for (const [id, entry] of sorted.slice(0, MAXRESOLVSORT).entries()) {
      yield { id, type: 'sortlist', ...sortEntry(entry), options };
    }
    for (const [id, address] of (search ?? ownDomain()).entries()) {
      yield { id, type: 'search', address, options };
    }
  },
});
