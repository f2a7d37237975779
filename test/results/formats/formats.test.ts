import assert from 'node:assert/strict';
import { ecsFormat } from '../../../src/results/formats/ecs.ts';
import { ocsfFormat } from '../../../src/results/formats/ocsf.ts';
import { type LineFormat, osqueryFormat } from '../../../src/results/log-line.ts';
import type { LoggedRun, RuleInfo } from '../../../src/results/types.ts';

const RULE: RuleInfo = { severity: 'high', attack: ['T1059.004', 'T1105'], description: 'A shell' };
const RUN: LoggedRun = {
  id: 7,
  name: 'pack_p_q',
  kind: 'events',
  unixTime: 1_800_000_000,
  epoch: 0,
  counter: 3,
  numerics: false,
  decorations: { site: 'here' },
  rule: null,
};

const EXEC = {
  ntime: '1799999999123456789',
  pid: '42',
  path: '/usr/bin/bash',
  cmdline: 'bash -i',
  json_cmdline: '["bash","-i"]',
  uid: '0',
  username: 'root',
  parent: '41',
  parent_path: '/usr/sbin/nginx',
  exec_id: '-5',
};
const CONNECT = {
  time: '1799999999',
  action: 'connect',
  status: 'failed',
  pid: '42',
  path: '/usr/bin/nc',
  family: '2',
  protocol: '6',
  local_address: '10.0.0.1',
  local_port: '5000',
  remote_address: '10.0.0.2',
  remote_port: '443',
};
const ACCEPT = { ...CONNECT, action: 'accept', status: 'succeeded' };
const RENAME = {
  operation: 'rename',
  executable: '/bin/mv',
  pid: '42',
  path: '/tmp/a',
  dest_path: '/tmp/b',
};
const MOVED = { action: 'MOVED_TO', target_path: '/tmp/b', path: '/bin/mv', pid: '42' };
const IN_POD = {
  ...EXEC,
  container_id: 'c0ffee',
  container_name: 'web',
  container_runtime: 'containerd',
  container_image: 'registry:5000/shop/web:1.2@sha256:ab',
  pod_name: 'shop-7d4b',
  pod_namespace: 'prod',
  pod_uid: '0a1b',
};
const STATE = { name: 'sshd', state: 'active' };
const ALL = { EXEC, IN_POD, CONNECT, ACCEPT, RENAME, MOVED, STATE };

/** A document, with what stands at a path such as `event.at('kind')` or `evidences.0.process`. */
class Document {
  readonly root: unknown;

  constructor(text: string) {
    this.root = JSON.parse(text);
  }

  at(path: string): unknown {
    let value = this.root;
    for (const step of path.split('.')) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[step];
    }
    return value;
  }

  all(...paths: readonly string[]): readonly unknown[] {
    return paths.map((path) => this.at(path));
  }
}

function line(format: LineFormat, columns: object, run: Partial<LoggedRun> = {}): Document {
  const rows = [{ action: 'added', columns: JSON.stringify(columns) }] as const;
  const piece = { run: { ...RUN, ...run }, firstIndex: 2, rows, last: true };
  const [made] = format.lines('store', piece);
  assert.equal(made?.id, 'store-7-2');
  assert.ok(!made.text.includes('\n'));
  return new Document(made.text);
}

describe('ECS lines', () => {
  const format = ecsFormat({ hostIdentifier: 'h', version: '1.2.3' });

  it('have what every ECS event has', () => {
    for (const columns of Object.values(ALL)) {
      const event = line(format, columns);
      assert.match(String(event.at('@timestamp')), /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.match(String(event.at('ecs.version')), /^9\.\d+\.\d+$/);
      assert.ok(['event', 'state', 'alert'].includes(String(event.at('event.kind'))));
      assert.ok(Array.isArray(event.at('event.type')));
      assert.equal(event.at('host.name'), 'h');
      assert.deepEqual(event.at('weir.columns'), columns);
      assert.deepEqual(event.at('labels'), { site: 'here' });
    }
  });

  it('tell a process', () => {
    const event = line(format, EXEC);
    assert.equal(event.at('@timestamp'), '2027-01-15T07:59:59.123Z');
    const told = event.all('event.kind', 'event.category', 'event.type', 'event.action');
    assert.deepEqual(told, ['event', ['process'], ['start'], 'exec']);
    assert.deepEqual(event.at('process'), {
      pid: 42,
      entity_id: '-5',
      executable: '/usr/bin/bash',
      name: 'bash',
      command_line: 'bash -i',
      args: ['bash', '-i'],
      parent: { pid: 41, executable: '/usr/sbin/nginx', name: 'nginx' },
    });
    assert.deepEqual(event.at('user'), { id: '0', name: 'root' });
  });

  it('tell a container and its pod', () => {
    const event = line(format, IN_POD);
    assert.deepEqual(event.at('container'), {
      id: 'c0ffee',
      name: 'web',
      runtime: 'containerd',
      image: { name: 'registry:5000/shop/web', tag: ['1.2'] },
    });
    assert.deepEqual(event.at('orchestrator'), {
      type: 'kubernetes',
      namespace: 'prod',
      resource: { type: 'pod', name: 'shop-7d4b', id: '0a1b' },
    });
    assert.deepEqual(line(format, EXEC).all('container', 'orchestrator'), [undefined, undefined]);
  });

  it('tell a connection from either end', () => {
    const out = line(format, CONNECT);
    assert.deepEqual(out.at('source'), { address: '10.0.0.1', ip: '10.0.0.1', port: 5000 });
    assert.deepEqual(out.at('destination'), { address: '10.0.0.2', ip: '10.0.0.2', port: 443 });
    assert.deepEqual(out.all('network.transport', 'network.type', 'network.direction'), [
      'tcp',
      'ipv4',
      'egress',
    ]);
    assert.equal(out.at('event.outcome'), 'failure');
    const into = line(format, ACCEPT);
    assert.equal(into.at('source.ip'), '10.0.0.2');
    assert.equal(into.at('network.direction'), 'ingress');
  });

  it('tell a file, in the words of either table', () => {
    const weir = line(format, RENAME);
    assert.deepEqual(weir.at('file'), { path: '/tmp/a', name: 'a', target_path: '/tmp/b' });
    assert.equal(weir.at('process.executable'), '/bin/mv');
    const osquery = line(format, MOVED);
    assert.deepEqual(osquery.at('file'), { path: '/tmp/b', name: 'b' });
    assert.equal(osquery.at('process.executable'), '/bin/mv');
    assert.deepEqual([weir.at('event.action'), osquery.at('event.action')], ['rename', 'rename']);
  });

  it('tell a detection', () => {
    const event = line(format, EXEC, { rule: RULE });
    assert.deepEqual([event.at('event.kind'), event.at('event.severity')], ['alert', 73]);
    assert.deepEqual(event.at('rule'), {
      name: 'pack_p_q',
      description: 'A shell',
      ruleset: 'weir',
    });
    assert.deepEqual(event.at('threat'), {
      framework: 'MITRE ATT&CK',
      technique: { id: ['T1059', 'T1105'], subtechnique: { id: ['T1059.004'] } },
    });
  });

  it('tell state as state', () => {
    const event = line(format, STATE, { kind: 'differential' });
    assert.deepEqual([event.at('event.kind'), event.at('event.action')], ['state', 'added']);
    assert.equal(event.at('process'), undefined);
  });
});

/** What OCSF's schema requires of each class, and of the objects that weir fills. */
const BASE = [
  'activity_id',
  'category_uid',
  'class_uid',
  'metadata',
  'severity_id',
  'time',
  'type_uid',
];
const REQUIRED: Readonly<Record<number, readonly string[]>> = {
  0: [],
  1001: ['actor', 'device', 'file'],
  1007: ['actor', 'device', 'process'],
  2004: ['finding_info'],
  4001: [],
};

function checkOcsf(event: Document): void {
  const [classUid, activity] = event.all('class_uid', 'activity_id').map(Number) as [
    number,
    number,
  ];
  for (const key of [...BASE, ...(REQUIRED[classUid] ?? ['unknown class'])]) {
    assert.notEqual(event.at(key), undefined, `${classUid} lacks ${key}`);
  }
  assert.equal(event.at('type_uid'), classUid * 100 + activity);
  assert.equal(event.at('category_uid'), Math.floor(classUid / 1000));
  assert.match(String(event.at('metadata.version')), /^1\.\d+\.\d+$/);
  assert.ok(event.at('metadata.product.name'));
  assert.ok(Number.isSafeInteger(event.at('time')));
  assert.equal(event.at('device.type_id'), 0);
  if (classUid === 4001) {
    assert.ok(event.at('src_endpoint') ?? event.at('dst_endpoint'));
    assert.ok(Number.isInteger(event.at('connection_info.direction_id')));
  }
  checkObjects(event.root);
}

/** Files have a name and a type, processes a pid or uid, attacks a technique, wherever they stand. */
function checkObjects(value: unknown, key = ''): void {
  if (Array.isArray(value)) {
    for (const item of value) checkObjects(item, key.replace(/s$/, ''));
    return;
  }
  if (typeof value !== 'object' || value === null || key === 'unmapped') return;
  const fields = value as Readonly<Record<string, unknown>>;
  if (key === 'file' || key === 'file_result') {
    assert.equal(typeof fields.name, 'string');
    assert.equal(typeof fields.type_id, 'number');
  }
  if (key === 'process' || key === 'parent_process') assert.ok(fields.pid ?? fields.uid);
  if (key === 'attack') assert.ok(fields.technique);
  if (key === 'finding_info') assert.ok(fields.uid);
  if (key === 'actor') assert.ok(fields.process);
  for (const [name, inner] of Object.entries(fields)) checkObjects(inner, name);
}

describe('OCSF lines', () => {
  const format = ocsfFormat({ hostIdentifier: 'h', version: '1.2.3' });

  it('have what the schema requires, whatever the columns are', () => {
    const partial = Object.values(ALL).flatMap((columns) =>
      Object.keys(columns).map((left) =>
        Object.fromEntries(Object.entries(columns).filter(([name]) => name !== left)),
      ),
    );
    for (const columns of [
      ...Object.values(ALL),
      ...partial,
      {},
      { target_path: '/' },
      { pid: '' },
    ]) {
      for (const rule of [null, RULE]) {
        for (const kind of ['events', 'differential', 'snapshot'] as const) {
          checkOcsf(line(format, columns, { rule, kind }));
        }
      }
    }
  });

  it('tell a container and its pod', () => {
    assert.deepEqual(line(format, IN_POD).at('process.container'), {
      uid: 'c0ffee',
      name: 'web',
      runtime: 'containerd',
      image: {
        name: 'registry:5000/shop/web',
        tag: '1.2',
        uid: 'registry:5000/shop/web:1.2@sha256:ab',
      },
      orchestrator: 'Kubernetes',
      pod_uuid: '0a1b',
    });
  });

  it('are of the class of their table', () => {
    const types = Object.values(ALL).map((columns) => line(format, columns).at('type_uid'));
    assert.deepEqual(types, [100_701, 100_701, 400_104, 400_101, 100_105, 100_105, 99]);
  });

  it('tell a process with its parent as the actor', () => {
    const event = line(format, EXEC);
    assert.deepEqual(event.at('process.parent_process'), {
      pid: 41,
      name: 'nginx',
      path: '/usr/sbin/nginx',
      file: { name: 'nginx', path: '/usr/sbin/nginx', type_id: 1 },
    });
    assert.deepEqual(event.at('actor.process'), event.at('process.parent_process'));
    assert.equal(event.at('time'), 1_799_999_999_123);
  });

  it('tell a detection with its evidence', () => {
    const event = line(format, CONNECT, { rule: RULE });
    assert.deepEqual([event.at('type_uid'), event.at('severity_id')], [200_401, 4]);
    assert.deepEqual(event.at('finding_info.attacks'), [
      { technique: { uid: 'T1059' }, sub_technique: { uid: 'T1059.004' } },
      { technique: { uid: 'T1105' } },
    ]);
    assert.deepEqual(event.at('evidences.0.dst_endpoint'), { ip: '10.0.0.2', port: 443 });
  });
});

describe('lines of a suppressed row', () => {
  const run = { ...RUN, rule: RULE };
  const [ecs, ocsf] = [
    ecsFormat({ hostIdentifier: 'h', version: '1' }),
    ocsfFormat({ hostIdentifier: 'h', version: '1' }),
  ];
  const plain = osqueryFormat({ hostIdentifier: 'h' });

  const lines = (format: LineFormat): { severity: string | null; text: string }[] => {
    const row = { action: 'added', columns: JSON.stringify(EXEC) } as const;
    const rows = [row, { ...row, suppressed: true }];
    return [...format.lines('s', { run, firstIndex: 0, rows, last: true })];
  };

  it('are there, and nobody is alarmed', () => {
    for (const format of [ecs, ocsf, plain]) {
      assert.deepEqual(
        lines(format).map(({ severity }) => severity),
        ['high', null],
      );
    }
    assert.deepEqual(
      lines(ecs).map(({ text }) => new Document(text).at('event.kind')),
      ['alert', 'event'],
    );
    assert.deepEqual(
      lines(ocsf).map(({ text }) => new Document(text).at('is_alert')),
      [true, undefined],
    );
  });
});
