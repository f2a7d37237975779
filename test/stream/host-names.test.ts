import assert from 'node:assert/strict';
import { HostNames } from '../../src/stream/host-names.ts';
import { eventBatch, type Row, selectedValues } from '../helpers/batch.ts';

const SECOND = 1_000_000_000n;

const answer = (query: string, data: string, more: Row = {}): Row => ({
  action: 'answer',
  query,
  answers: JSON.stringify([
    { name: query, type: 'CNAME', ttl: 1, data: 'real.example' },
    { name: 'real.example', type: data.includes(':') ? 'AAAA' : 'A', ttl: 300, data },
  ]),
  net_ns: 1,
  process_id: 10n,
  boottime_ns: 5n * SECOND,
  ...more,
});

const socket = (remote_address: string | null, more: Row = {}): Row => ({
  remote_address,
  net_ns: 1,
  process_id: 10n,
  boottime_ns: 6n * SECOND,
  ...more,
});

function names(hosts: HostNames, ...rows: readonly Row[]) {
  const batch = eventBatch('socket', rows);
  hosts.fill(batch);
  return selectedValues(batch, 'remote_hostname');
}

function learnt(...rows: readonly Row[]): HostNames {
  const hosts = new HostNames();
  hosts.learn(eventBatch('dns', rows));
  return hosts;
}

describe('HostNames', () => {
  it('names the address that an answer had, by the name that was asked for', () => {
    const hosts = learnt(answer('www.example', '192.0.2.1'), answer('six.example', '2001:db8::1'));
    const found = names(
      hosts,
      socket('192.0.2.1'),
      socket('2001:db8::1'),
      socket('192.0.2.2'),
      socket(null),
    );
    assert.deepEqual(found, ['www.example', 'six.example', null, null]);
  });

  it('knows nothing before the answer, nor after its time to live', () => {
    const hosts = learnt(answer('www.example', '192.0.2.1'));
    const at = (seconds: bigint) => socket('192.0.2.1', { boottime_ns: seconds * SECOND });
    assert.deepEqual(names(hosts, at(4n), at(5n), at(304n), at(305n)), [
      null,
      'www.example',
      'www.example',
      null,
    ]);
  });

  it('a short time to live counts as a minute', () => {
    const answers = JSON.stringify([{ name: 'a', type: 'A', ttl: 0, data: '192.0.2.1' }]);
    const hosts = learnt(answer('a', '192.0.2.1', { answers }));
    const at = (seconds: bigint) => socket('192.0.2.1', { boottime_ns: seconds * SECOND });
    assert.deepEqual(names(hosts, at(64n), at(65n)), ['a', null]);
  });

  it('prefers what the process itself asked for', () => {
    const hosts = learnt(
      answer('mine.example', '192.0.2.1'),
      answer('theirs.example', '192.0.2.1', { process_id: 20n }),
    );
    assert.deepEqual(
      names(
        hosts,
        socket('192.0.2.1'),
        socket('192.0.2.1', { process_id: 20n }),
        socket('192.0.2.1', { process_id: 30n }),
      ),
      ['mine.example', 'theirs.example', 'theirs.example'],
    );
  });

  it('a name holds in its network namespace only', () => {
    const hosts = learnt(answer('www.example', '10.0.0.1'));
    assert.deepEqual(names(hosts, socket('10.0.0.1', { net_ns: 2 })), [null]);
  });

  it('is bounded: by addresses, and by names for one', () => {
    const hosts = new HostNames(3);
    const rows = ['1', '2', '1', '3', '4'].map((n) => answer(`n${n}.example`, `192.0.2.${n}`));
    hosts.learn(eventBatch('dns', rows));
    assert.equal(hosts.size, 3);
    const found = names(hosts, ...['1', '2', '3', '4'].map((n) => socket(`192.0.2.${n}`)));
    assert.deepEqual(found, ['n1.example', null, 'n3.example', 'n4.example']);
    const many = Array.from({ length: 40 }, (_, i) =>
      answer(`n${i}.example`, '192.0.2.9', { process_id: BigInt(i) }),
    );
    hosts.learn(eventBatch('dns', many));
    const first = names(hosts, socket('192.0.2.9', { process_id: 0n }));
    assert.deepEqual(first, ['n39.example']);
  });
});
