import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAuditRecord } from '../../src/feeds/audit-record.ts';
import { auditRow } from '../../src/feeds/audit-row.ts';
import type { HostRow } from '../../src/feeds/feed.ts';

/** Records as hosts wrote them, without the line's `type=`. */
const row = (type: number, text: string): HostRow | undefined =>
  auditRow(parseAuditRecord(type, text));

const known = (found: HostRow | undefined): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(found ?? {}).filter(
      ([name, value]) => value !== undefined && !['message', 'source', 'time_ns'].includes(name),
    ),
  );

describe('feeds: audit records', () => {
  it('a login by ssh', () => {
    const text = `audit(1700000000.123:456): pid=2714 uid=0 auid=1000 ses=3 subj=unconfined msg='op=login id=1000 exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=/dev/pts/0 res=success'`;
    const found = row(1112, text);
    assert.deepEqual(known(found), {
      topic: 'user',
      number: 1112,
      type: 'USER_LOGIN',
      pid: 2714,
      uid: 0,
      auid: 1000,
      session: 3,
      path: '/usr/sbin/sshd',
      address: '203.0.113.9',
      terminal: '/dev/pts/0',
    });
    assert.equal(found?.time_ns, 1_700_000_000_123_000_000n);
    assert.match(String(found?.message), /^op=login id=1000 .* res=success$/);
  });

  it('a name with spaces comes as hexadecimal digits, and a digit name does not', () => {
    const text = (acct: string): string =>
      `audit(1.000:1): pid=1 uid=0 auid=4294967295 ses=4294967295 msg='op=PAM:authentication acct=${acct} exe=2F746D702F6120622F7375 hostname=? addr=? terminal=? res=failed'`;
    assert.deepEqual(known(row(1100, text('6120622063'))), {
      topic: 'user',
      number: 1100,
      type: 'USER_AUTH',
      pid: 1,
      uid: 0,
      auid: 4294967295,
      session: 4294967295,
      path: '/tmp/a b/su',
      address: '',
      terminal: '',
    });
    assert.equal(parseAuditRecord(1100, text('6120622063')).fields.get('acct'), 'a b c');
    assert.equal(parseAuditRecord(1100, text('"dead"')).fields.get('acct'), 'dead');
  });

  it('what a program adds to its message takes back nothing that the kernel wrote', () => {
    const text = `audit(1.000:1): pid=7 uid=33 auid=33 ses=1 msg='pid=1 uid=0 auid=0 exe="/bin/su" res=success'`;
    const found = row(1112, text);
    assert.deepEqual([found?.pid, found?.uid, found?.auid], [7, 33, 33]);
  });

  it('seccomp: names of architecture, call and action', () => {
    const text =
      'audit(1588703361.452:26): auid=1000 uid=1001 gid=1002 ses=4 subj=kernel pid=12682 comm="fire fox" exe="/usr/lib/firefox/firefox" sig=31 arch=c000003e syscall=110 compat=0 ip=0x7fe1e1d4e4d9 code=0x80000000';
    assert.deepEqual(known(row(1326, text)), {
      topic: 'seccomp',
      number: 1326,
      auid: 1000,
      uid: 1001,
      gid: 1002,
      session: 4,
      pid: 12682,
      comm: 'fire fox',
      path: '/usr/lib/firefox/firefox',
      signal: 31,
      arch: 'X86_64',
      syscall: 'getppid',
      compat: 0,
      ip: '0x7fe1e1d4e4d9',
      code: 'KILL_PROCESS',
    });
    const other = 'audit(1.000:1): pid=1 arch=c00000b7 syscall=221 code=0x50001';
    assert.deepEqual(
      [row(1326, other)?.syscall, row(1326, other)?.code, row(1326, other)?.arch],
      ['execve', 'ERRNO', 'AARCH64'],
    );
    const unknown = 'audit(1.000:1): pid=1 arch=4000001c syscall=221 code=0x12340000';
    assert.deepEqual(
      [row(1326, unknown)?.syscall, row(1326, unknown)?.code, row(1326, unknown)?.arch],
      ['221', '0x12340000', '4000001c'],
    );
  });

  it('AppArmor: a refusal, and a change of policy', () => {
    const denied =
      'audit(1588703361.452:1): apparmor="DENIED" operation="open" profile="/usr/sbin/cups-browsed" name="/etc/shadow" pid=1033 comm="cups-browsed" requested_mask="r" denied_mask="r" fsuid=7 ouid=0';
    assert.deepEqual(known(row(1400, denied)), {
      topic: 'apparmor',
      number: 1400,
      type: 'AA',
      verdict: 'DENIED',
      operation: 'open',
      profile: '/usr/sbin/cups-browsed',
      name: '/etc/shadow',
      pid: 1033,
      comm: 'cups-browsed',
      requested_mask: 'r',
      denied_mask: 'r',
      fs_uid: 7,
      object_uid: 0,
    });
    const status =
      'audit(1.000:2): apparmor="STATUS" info="same as current profile, skipping" operation="profile_replace" profile="unconfined" name="snap.a" pid=8 comm="apparmor_parser"';
    assert.equal(row(1400, status)?.info, 'same as current profile, skipping');
    const capable =
      'audit(1.000:3): apparmor="DENIED" operation="capable" class="cap" profile="x" pid=8 comm="x" capability=21  capname="sys_admin"';
    assert.deepEqual(
      [row(1400, capable)?.capability, row(1400, capable)?.capname],
      [21, 'sys_admin'],
    );
    const dbus = `audit(1.000:4): pid=1 uid=101 auid=4294967295 ses=4294967295 msg='apparmor="DENIED" operation="dbus_method_call"  bus="system" name="org.x" mask="send" pid=99 label="snap.x" exe="/usr/bin/dbus-daemon"'`;
    assert.deepEqual([row(1107, dbus)?.topic, row(1107, dbus)?.label], ['apparmor', 'snap.x']);
  });

  it('SELinux: what the kernel and what programs refuse', () => {
    const avc =
      'audit(1395177286.929:1638): avc:  denied  { read } for  pid=6591 comm="httpd" name="webpages" dev="0:37" ino=2112 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:nfs_t:s0 tclass=dir';
    const found = row(1400, avc);
    assert.deepEqual([found?.topic, found?.type, found?.pid], ['selinux', 'AVC', 6591]);
    assert.match(String(found?.message), /^avc: {2}denied .* tclass=dir$/);
    const user = `audit(1.000:1): pid=1 uid=0 auid=1 ses=1 subj=x msg='avc:  denied  { start } for auid=0 tclass=service exe="/usr/lib/systemd/systemd"'`;
    assert.deepEqual([row(1107, user)?.topic, row(1107, user)?.type], ['selinux', 'USER_AVC']);
    assert.equal(row(1404, 'audit(1.0:1): enforcing=0 old_enforcing=1')?.type, 'MAC_STATUS');
  });

  it('other kinds make no row', () => {
    assert.equal(row(1300, 'audit(1.000:1): arch=c000003e syscall=59'), undefined);
    assert.equal(row(1199, 'audit(1.000:1): pid=1')?.type, '1199');
  });

  it('comes to an end with long words, quotes and messages within messages', () => {
    for (const piece of ['a', "msg='", '"', "'", '=', 'a=', ' a="', "' "]) {
      const record = parseAuditRecord(1112, `audit(1.000:1): ${piece.repeat(300_000)}`);
      assert.ok(record.fields.size <= 64);
    }
    const cut = parseAuditRecord(1112, "audit(1.000:1): pid=1 msg='op=login");
    assert.deepEqual([cut.message, cut.fields.get('pid')], ['', '1']);
  });

  it('takes whatever bytes come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), fc.string(), (type, text) => {
        for (const each of [text, `audit(1.000:1): ${text}`, `audit(1.000:1): msg='${text}'`]) {
          const found = row(type, each);
          for (const id of ['pid', 'uid', 'gid', 'auid'] as const) {
            const value = found?.[id];
            assert.ok(value === undefined || (Number(value) >= 0 && Number(value) <= 0xffffffff));
          }
        }
      }),
    );
  });
});
