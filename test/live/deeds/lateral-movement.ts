import type { Deed } from './deed.ts';

export const LATERAL_MOVEMENT: readonly Deed[] = [
  {
    rule: 'ssh_by_service',
    script: 'cp /bin/true /opt/ssh; setpriv --reuid www-data --clear-groups /opt/ssh host',
    near: 'fake ssh host',
  },
  {
    rule: 'ssh_password_given_by_program',
    script: 'fake sshpass -e ssh host',
    near: 'fake expect script.exp',
  },
  {
    rule: 'ssh_without_host_check',
    script: 'fake ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null host',
    near: 'fake ssh -o StrictHostKeyChecking=yes host',
  },
  {
    rule: 'ssh_to_many_hosts',
    script: 'cp /bin/true /opt/ssh; for i in 1 2 3 4 5 6 7 8 9 10 11; do /opt/ssh host$i; done',
    near: 'cp /bin/true /opt/ssh; for i in 1 2 3 4 5 6 7 8 9 10 11; do /opt/ssh host; done',
  },
  {
    rule: 'ssh_agent_of_other_used',
    script: 'as x $S/deeds; hide /tmp; mkdir /tmp/ssh-x; /opt/x unix /tmp/ssh-x/agent.1',
    near: 'as ssh-add $S/deeds; hide /tmp; mkdir /tmp/ssh-x; /opt/ssh-add unix /tmp/ssh-x/agent.1',
  },
  {
    rule: 'remote_execution_tool_run',
    script: 'fake python3 wmiexec.py host',
    near: 'fake python3 exec.py host',
  },
  {
    rule: 'known_hosts_read_by_tool',
    script: 'fake cat /root/.ssh/known_hosts',
    near: 'fake cat /etc/hosts',
  },
  {
    rule: 'ssh_client_configuration_written',
    script: 'mkdir -p /opt/.ssh; : > /opt/.ssh/config',
    near: 'mkdir -p /opt/.ssh; : > /opt/.ssh/known_hosts; : > /opt/config',
  },
  {
    rule: 'copied_program_run',
    script: 'as sftp-server /bin/cp; /opt/sftp-server /bin/true /opt/sentbin; /opt/sentbin',
    near: 'as sftp-server /bin/cp; /opt/sftp-server /bin/true /opt/sentfile; cat /opt/sentfile > /dev/null',
  },
  {
    rule: 'copied_script_run',
    script: `as sftp-server /bin/dash; /opt/sftp-server -c 'echo "#!/bin/sh" > /opt/sent'
      chmod +x /opt/sent; /opt/sent`,
    near: `as sftp-server /bin/dash; /opt/sftp-server -c 'echo text > /opt/text'; cat /opt/text > /dev/null`,
  },
  {
    rule: 'shell_in_container',
    script: 'fake docker exec -it web sh',
    near: 'fake docker exec web nginx -t',
  },
  { rule: 'remote_desktop_served', script: 'fake x11vnc -display :0', near: 'fake vncviewer' },
  {
    rule: 'sshd_on_other_port',
    script:
      'hide /usr/local; cp $S/deeds /usr/local/sshd; unshare --net /usr/local/sshd listen 0.0.0.0 4022',
    near: 'hide /usr/local; cp $S/deeds /usr/local/sshd; unshare --net /usr/local/sshd listen 0.0.0.0 22',
  },
  {
    rule: 'network_share_mounted',
    script:
      'mkdir /opt/m; unshare --net mount -i -t cifs //192.0.2.1/x /opt/m 2> /dev/null || true',
    near: 'mkdir /opt/m; mount -t tmpfs none /opt/m',
  },
];
