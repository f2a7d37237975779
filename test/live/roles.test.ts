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
    watch = await Watch.start({ control: { group: GROUP.name } });
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
    ['/detections/status', '{"ids": [1], "status": "closed"}'],
    ['/detections/suppress', '{"rule": "r", "conditions": [], "seconds": 60, "reason": "x"}'],
    ['/detections/unsuppress', '{"ids": [1]}'],
  ] as const;

  it('others may ask', async () => {
    assert.match(await request('/query', 'SELECT 41 + 1 AS n', SOMEBODY), /42/);
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
