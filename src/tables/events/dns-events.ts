import { column, type EventTableSpec } from '../spec.ts';
import { ACTOR_IDS, EID, OWN, TIME, UPTIME } from './common.ts';

export const DNS_EVENTS: EventTableSpec = {
  name: 'dns_events',
  description:
    'DNS questions that processes send to port 53 (UDP and TCP), and the answers that they get. A question and its answers share op_id',
  class: 'dns',
  columns: [
    column('action', 'TEXT', 'question or answer'),
    column(
      'query',
      'TEXT',
      'Name that is asked for, as zone files write it, without the last dot',
      {
        collate: 'nocase',
      },
    ),
    column('query_type', 'TEXT', 'A, AAAA, TXT, ...; TYPE65280 for those without a name'),
    column('query_class', 'TEXT', 'IN, CH, ...', { hidden: true }),
    column('rcode', 'TEXT', 'Outcome: NOERROR, NXDOMAIN, ...; NULL for a question'),
    column('answers', 'TEXT', 'Answers as a JSON array of name, type, ttl, data; NULL without any'),
    column('answer_count', 'INTEGER', 'Answers that the message says it has; NULL for a question', {
      hidden: true,
    }),
    column('ttl', 'BIGINT', 'Smallest time to live of the answers, seconds; NULL without any'),
    column('error', 'TEXT', 'What is wrong with the message; NULL when it is sound'),
    column('pid', 'BIGINT', 'Process id of the process that asked'),
    column('path', 'TEXT', 'Executable of the process'),
    column('remote_address', 'TEXT', 'Address of the server'),
    column('remote_port', 'INTEGER', 'Port of the server: 53', { hidden: true }),
    column('local_address', 'TEXT', 'Own address'),
    column('local_port', 'INTEGER', 'Own port'),
    column('family', 'INTEGER', 'Address family: 2 IPv4, 10 IPv6', { hidden: true }),
    column('protocol', 'INTEGER', 'IP protocol: 6 TCP, 17 UDP'),
    column('id', 'INTEGER', 'Id of the message, the same in question and answer', { hidden: true }),
    column('flags', 'INTEGER', 'Second word of the message: QR, opcode, AA, TC, RD, RA, rcode', {
      hidden: true,
    }),
    column('bytes', 'BIGINT', 'Bytes of the packet that completed the message', { hidden: true }),
    ...ACTOR_IDS,
    column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
    column('parent', 'BIGINT', 'Process id of the parent'),
    TIME,
    UPTIME,
    EID,
    ...OWN,
    column('net_ns', 'BIGINT', 'Network namespace', { hidden: true }),
    column('syscall', 'TEXT', 'Never known: packets carry no call', { hidden: true }),
  ],
  examples: [
    "SELECT path, query, rcode, answers FROM dns_events WHERE action = 'answer' AND query LIKE '%.example'",
    "SELECT q.path, q.query, (a.ntime - q.ntime) / 1000000 AS ms FROM dns_events q JOIN dns_events a USING (op_id) WHERE q.action = 'question' AND a.action = 'answer'",
  ],
};
