import type { Deed } from './deed.ts';

/** Reads are events only below these; docs/detections.md lists the same. */
export const READ_PATHS: readonly string[] = [
  ...['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/security/opasswd'],
  ...['/root/.ssh/', '/root/.aws/', '/root/.kube/', '/root/.mozilla/'],
];

export const CREDENTIAL_ACCESS: readonly Deed[] = [
  {
    rule: 'shadow_read',
    script: 'hide /etc; by_dpkg ": > /etc/shadow"; read -r x < /etc/shadow || true',
    shows: '"path":"/etc/shadow"',
    near: 'hide /etc; by_dpkg ": > /etc/shadow; read -r x < /etc/shadow || true"',
  },
  {
    rule: 'shadow_named_in_command',
    script: 'fake cp /etc/shadow /opt/x',
    near: 'fake cp /etc/shells /opt/x; fake stat /etc/shadow',
  },
  {
    rule: 'private_key_read',
    script:
      'hide /root; mkdir /root/.ssh; : > /root/.ssh/id_rsa; read -r x < /root/.ssh/id_rsa || true',
    near: 'hide /root; mkdir /root/.ssh; : > /root/.ssh/id_rsa.pub; cat /root/.ssh/id_rsa.pub',
  },
  {
    rule: 'browser_secrets_read',
    script: `hide /root; D=/root/.mozilla/firefox/x.default; mkdir -p $D; : > $D/logins.json
      read -r x < $D/logins.json || true`,
    near: `hide /root; D=/root/.mozilla/firefox/x.default; mkdir -p $D; : > $D/logins.json
      as firefox /bin/dash; /opt/firefox -c "read -r x < $D/logins.json" || true`,
  },
  {
    rule: 'cloud_credentials_read',
    script:
      'hide /root; mkdir /root/.aws; : > /root/.aws/credentials; read -r x < /root/.aws/credentials || true',
    near: 'hide /root; mkdir /root/.aws; : > /root/.aws/config; cat /root/.aws/config',
  },
  {
    rule: 'secrets_copied_by_command',
    script: 'fake cp /home/somebody/.ssh/id_ed25519 /opt/x',
    near: 'fake cp /home/somebody/.ssh/id_ed25519.pub /opt/x',
  },
  {
    rule: 'search_for_keys',
    script: "find /opt -name 'id_rsa*'",
    near: "find /opt -name '*.c'",
  },
  {
    rule: 'search_for_passwords',
    script: 'fake grep -ri password /etc',
    near: 'fake grep -r password src; fake grep root /etc/passwd',
  },
  {
    rule: 'cloud_metadata_asked',
    script: 'as curl $S/deeds; unshare --net /opt/curl connect 169.254.169.254 80',
    shows: '169.254.169.254',
    near: 'as agent $S/deeds; unshare --net /opt/agent connect 169.254.169.254 80',
  },
  {
    rule: 'process_memory_dumped',
    script: 'fake gcore 1',
    near: 'fake gdb ./program core',
  },
  {
    rule: 'process_memory_read',
    script: '$S/deeds read',
    shows: '"bytes":"8"',
    near: 'as strace $S/deeds; /opt/strace read',
  },
  {
    rule: 'login_program_traced',
    script: 'as ssh-agent $S/deeds; /opt/ssh-agent attach',
    shows: '"target_path":"/opt/ssh-agent"',
    also: ['process_taken_hold_of'],
  },
  {
    rule: 'environment_of_process_searched',
    script: 'sleep 60 & cat /proc/$!/environ > /dev/null; kill $!; wait $! || true',
    near: 'cat /proc/self/environ > /dev/null',
  },
  { rule: 'password_cracker_run', script: 'fake john hashes', near: 'fake johnny hashes' },
  {
    rule: 'credential_tool_run',
    script: 'fake python3 lazagne.py all',
    near: 'fake python3 magne.py all',
  },
  {
    rule: 'keys_exported',
    script: 'fake gpg --export-secret-keys somebody',
    near: 'fake gpg --export somebody',
  },
  {
    rule: 'password_guessed_with_su',
    script: `cp /bin/true /opt/su; chmod 755 /opt/su
      setpriv --reuid 4321 --clear-groups sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11; do /opt/su root; done'`,
    near: `cp /bin/true /opt/su
      setpriv --reuid 4321 --clear-groups sh -c 'for i in 1 2 3 4 5 6 7 8 9; do /opt/su root; done'`,
  },
  { rule: 'network_sniffer_run', script: 'fake tcpdump -i lo', near: 'fake tcptraceroute' },
  {
    rule: 'input_recorded',
    script: 'fake evtest /dev/input/event0',
    near: 'fake strace -p 1 -e openat',
  },
];
