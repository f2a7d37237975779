import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';
import { connect } from 'node:net';
import { Watch } from '../helpers/watch.ts';

const NOBODY = 65_534;
const SOMEBODY = 61_234;
/** Of Debian's /etc/group, so that nothing has to be added to it. */
const GROUP = { name: 'staff', id: 50 };

describe('live: who may control', () => {
  let watch: Watch;

  before(async () => {
    const query = { timeout_ms: 3000 };
    watch = await Watch.start({ control: { group: GROUP.name }, query });
    // For this test everybody may ask; usually it is the group weir.
    chmodSync(watch.daemon.stateDir, 0o711);
    chownSync(watch.daemon.socket, 0, NOBODY);
    chmodSync(watch.daemon.socket, 0o666);
  });
  after(() => watch?.stop());

  /** A request by somebody else, in Perl, which every user of a Debian can run. */
  function request(
    path: string,
    body: string,
    uid: number,
    gids: readonly number[] = [],
  ): Promise<string> {
    const script = `use IO::Socket::UNIX; my ($socket, $path, $body) = @ARGV;
      my $s = IO::Socket::UNIX->new($socket) or die "$!";
      printf $s "POST %s HTTP/1.1\\r\\nhost: weir\\r\\nconnection: close\\r\\ncontent-length: %d\\r\\n\\r\\n%s",
        $path, length $body, $body;
      $s->flush; print while <$s>;`;
    const perl = ['/usr/bin/perl', '-e', script, watch.daemon.socket, path, body];
    const as = ['--reuid', `${uid}`, '--regid', `${NOBODY}`];
    const groups = gids.length === 0 ? ['--clear-groups'] : ['--groups', gids.join(',')];
    return new Promise((resolve, reject) =>
      execFile('setpriv', [...as, ...groups, ...perl], (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      ),
    );
  }

  const CONTROL = [
    ['/reload', ''],
    ['/provider', '{"provider": "ebpf"}'],
    ['/exclusions/add', '{"uid": 61234}'],
    ['/exclusions/remove', '{"ids": ["none"]}'],
    ['/detections/status', '{"ids": [1], "status": "closed"}'],
    ['/detections/suppress', '{"rule": "r", "conditions": [], "seconds": 60, "reason": "x"}'],
    ['/detections/unsuppress', '{"ids": [1]}'],
  ] as const;

  it('others may ask', async () => {
    assert.match(await request('/query', 'SELECT 41 + 1 AS n', SOMEBODY), /42/);
  });

  it('others may not ask for more time than is configured, those who control may', async () => {
    const forever = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
      SELECT max(i) FROM n`;
    for (const timeout_ms of [0, 60_000]) {
      const endless = JSON.stringify({ sql: forever, timeout_ms });
      assert.match(await request('/query', endless, SOMEBODY), /SQL_TIMEOUT.*3000 ms/);
    }
    const sooner = JSON.stringify({ sql: forever, timeout_ms: 50 });
    assert.match(await request('/query', sooner, SOMEBODY), /SQL_TIMEOUT.*50 ms/);
    const longer = JSON.stringify({ sql: forever, timeout_ms: 3500 });
    assert.match(await request('/query', longer, SOMEBODY, [GROUP.id]), /SQL_TIMEOUT.*3500 ms/);
  });

  for (const [path, body] of CONTROL) {
    it(`others may not ${path}`, async () => {
      const answer = await request(path, body, SOMEBODY);
      assert.match(answer, /NOT_PERMITTED.*user id 61234 may ask, not change/);
    });

    it(`members of the group may ${path}`, async () => {
      const answer = await request(path, body, SOMEBODY, [GROUP.id]);
      assert.doesNotMatch(answer, /NOT_PERMITTED/);
      assert.notEqual(answer, '');
    });
  }

  it('a caller that leaves at once does no harm', async () => {
    for (let i = 0; i < 50; i++) {
      const socket = connect(watch.daemon.socket);
      socket.on('error', () => {});
      socket.write('POST /reload HTTP/1.1\r\nhost: weir\r\ncontent-length: 0\r\n\r\n');
      socket.destroySoon();
      if (i % 2 === 0) socket.destroy();
    }
    assert.equal(await watch.daemon.value('SELECT 1'), 1);
  });
});
