import type { Deed } from './deed.ts';

export const DISCOVERY: readonly Deed[] = [
  {
    rule: 'discovery_burst',
    script:
      'fake whoami; fake id; fake who; fake ip a; fake ss -tlp; fake ps aux; fake lsof; fake df',
    shows: '"path":"/opt/lsof"',
    near: 'for i in 1 2 3 4; do fake id; fake whoami; fake ps; done; fake uname -a; fake ls',
  },
  {
    rule: 'discovery_by_service_account',
    script: 'cp /bin/true /opt/whoami; setpriv --reuid www-data --clear-groups /opt/whoami',
    near: 'cp /bin/true /opt/php; setpriv --reuid www-data --clear-groups /opt/php; fake whoami',
  },
  {
    rule: 'search_for_setuid_programs',
    script: 'find /opt -perm -4000',
    near: 'find /opt -perm 644',
  },
  {
    rule: 'search_for_writable_places',
    script: 'fake find / -writable -type d',
    near: 'find /opt -type d',
  },
  { rule: 'search_for_capabilities', script: 'fake getcap -r /', near: 'fake getcap /opt/x' },
  { rule: 'network_scanner_run', script: 'fake nmap -sS 192.0.2.0/24', near: 'fake mapper' },
  {
    rule: 'ports_scanned',
    script: 'as x $S/deeds; unshare --net /opt/x scan-ports 40',
    shows: '"remote_port":"2024"',
    near: 'as x $S/deeds; unshare --net /opt/x scan-ports 20',
  },
  {
    rule: 'hosts_scanned',
    script: 'as x $S/deeds; unshare --net /opt/x scan-hosts 40',
    shows: '"remote_address":"192.0.2.25"',
    near: 'as x $S/deeds; unshare --net /opt/x scan-hosts 20',
  },
  {
    rule: 'security_software_searched',
    script: 'fake pgrep auditd',
    near: 'fake pgrep bash',
  },
  {
    rule: 'virtual_machine_or_container_recognised',
    script: 'cat /proc/1/cgroup > /dev/null',
    near: 'cat /proc/self/cgroup > /dev/null',
  },
  {
    rule: 'network_shares_searched',
    script: 'fake showmount -e 192.0.2.1',
    near: 'fake smbclient //server/share',
  },
  { rule: 'directory_searched', script: 'fake ldapsearch -x', near: 'fake ldapmodify -x' },
  {
    rule: 'sudo_rights_listed_by_service',
    script: 'cp /bin/true /opt/sudo; setpriv --reuid www-data --clear-groups /opt/sudo -l',
    near: 'fake sudo -l',
  },
];
