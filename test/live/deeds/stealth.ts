import type { Deed } from './deed.ts';

const write = (rule: string, hidden: string, file: string): Deed => {
  const make = `hide ${hidden}; mkdir -p ${file.slice(0, file.lastIndexOf('/'))}`;
  return { rule, script: `${make}; : > ${file}`, near: `${make}; by_dpkg ': > ${file}'` };
};

export const STEALTH: readonly Deed[] = [
  {
    rule: 'exec_without_file',
    script: 'cp /bin/true $S/gone; exec 3<$S/gone; rm $S/gone; /proc/self/fd/3 --gone',
    shows: '--gone',
    near: 'cp /bin/true $S/there; exec 3<$S/there; /proc/self/fd/3 --there',
  },
  {
    rule: 'script_without_file',
    script: '$S/deeds script-memory',
    shows: '/memfd:deed',
    near: 'printf "#!/bin/sh\\n" > /opt/script; chmod +x /opt/script; /opt/script',
  },
  {
    rule: 'memory_file_made_by_interpreter',
    script: 'as python3 $S/deeds; /opt/python3 memfd',
    near: 'as player $S/deeds; /opt/player memfd',
  },
  {
    rule: 'kernel_thread_name_worn',
    script: 'bash -c \'exec -a "[kworker/0:1]" true\'',
    near: '[ -n yes ]; /usr/bin/[ -n yes ]',
  },
  {
    rule: 'system_name_in_wrong_place',
    script: 'hide /srv; cp /bin/true /srv/sshd; /srv/sshd',
    near: 'hide /srv; cp /bin/true /srv/sshd-watcher; /srv/sshd-watcher',
  },
  {
    rule: 'deceptive_program_name',
    script: "cp /bin/true '/opt/report.pdf.exe'; '/opt/report.pdf.exe'; mkdir /opt/...",
    also: ['deceptive_folder_made'],
    near: 'cp /bin/true /opt/pdf; /opt/pdf',
  },
  { rule: 'deceptive_folder_made', script: "mkdir '/opt/.. '", near: 'mkdir /opt/.cache' },
  {
    rule: 'file_hidden_in_dev',
    script: 'hide /dev; : > /dev/.x',
    near: 'echo > /dev/null; : > /dev/shm/weir-test-x; rm /dev/shm/weir-test-x',
  },
  {
    rule: 'own_program_removed',
    script: 'as once $S/deeds; /opt/once remove-self',
    near: 'as once $S/deeds; rm /opt/once',
  },
  {
    rule: 'log_removed',
    script: 'hide /var; mkdir /var/log; : > /var/log/auth.log; rm /var/log/auth.log',
    shows: '"path":"/var/log/auth.log"',
    near: 'hide /var; mkdir /var/log; : > /var/log/apt.log; mv /var/log/apt.log /var/log/apt.old',
  },
  {
    rule: 'login_records_written',
    script: 'hide /var; mkdir /var/log; : > /var/log/wtmp',
    near: 'hide /var; mkdir /var/log; cat /var/log/wtmp 2> /dev/null || true; : > $S/wtmp',
  },
  {
    rule: 'shell_history_removed',
    script: 'hide /root; : > /root/.bash_history; rm /root/.bash_history',
    near: 'hide /root; : >> /root/.bash_history',
  },
  {
    rule: 'shell_history_switched_off',
    script: "bash -c 'unset HISTFILE; true'",
    near: "bash -c 'HISTSIZE=1000; true'",
  },
  {
    rule: 'time_stamp_forged',
    script: 'touch -r /bin/true /opt/x',
    near: 'touch /opt/x; touch -d yesterday $S/x',
  },
  { rule: 'clock_set_back', script: "fake date -s '2020-01-01'", near: 'date -u > /dev/null' },
  {
    rule: 'process_hidden_by_mount',
    script: 'mkdir $S/nothing; mount --bind $S/nothing /proc/$$',
    shows: '"target":"/proc/',
    near: 'mkdir -p $S/place; mount -t tmpfs none $S/place; umount $S/place',
  },
  {
    rule: 'log_hidden_by_mount',
    script: 'mount -t tmpfs none /var/log',
    near: 'mount -t tmpfs none /mnt',
  },
  {
    rule: 'kernel_module_tool',
    script: 'fake insmod /no/such.ko',
    near: 'fake lsmod',
  },
  {
    rule: 'kernel_module_from_odd_place',
    script: ': > /opt/x.ko; $S/deeds module /opt/x.ko',
    shows: '/opt/x.ko',
    needs: '/proc/modules',
    near: 'cat /proc/modules > /dev/null',
  },
  {
    rule: 'kernel_module_from_memory',
    script: '$S/deeds module-memory',
    needs: '/proc/modules',
    near: 'as kmod $S/deeds; /opt/kmod module-memory',
  },
  {
    rule: 'rootkit_name',
    script: ': > /opt/libprocesshider.so',
    near: ': > /opt/libprocess.so',
  },
  {
    rule: 'code_written_by_temporary_program',
    script: 'hide /var/tmp; cp $S/deeds /var/tmp/x; /var/tmp/x code',
    shows: '"action":"mmap"',
    near: 'as x $S/deeds; /opt/x code',
  },
  {
    rule: 'bpf_by_temporary_program',
    script: 'hide /var/tmp; cp $S/deeds /var/tmp/x; /var/tmp/x bpf',
    shows: '"type":"socket_filter"',
    near: 'hide /usr/local; cp $S/deeds /usr/local/x; /usr/local/x bpf',
  },
  {
    rule: 'bpf_by_interpreter_or_home',
    script: 'as agent $S/deeds; /opt/agent bpf',
    near: 'hide /usr/local; cp $S/deeds /usr/local/agent; /usr/local/agent bpf',
  },
  {
    rule: 'bpf_of_other_removed',
    script: 'hide /sys/fs/bpf; : > /sys/fs/bpf/x; rm /sys/fs/bpf/x',
    near: 'ls /sys/fs/bpf > /dev/null',
  },
  {
    rule: 'io_uring_by_temporary_program',
    script: 'hide /var/tmp; cp $S/deeds /var/tmp/x; /var/tmp/x ring',
    shows: '"entries":"4"',
    near: 'as x $S/deeds; /opt/x ring',
  },
  {
    rule: 'security_service_signalled',
    script: 'victim auditd; kill $V; reap',
    shows: '"signal_name":"SIGTERM"',
    near: 'sleep 60 & kill $!; victim auditd; kill -0 $V; kill -HUP $V; reap',
  },
  {
    rule: 'security_service_stopped',
    script: 'fake systemctl stop auditd.service',
    near: 'fake systemctl restart auditd.service; fake systemctl stop bluetooth.service',
  },
  { rule: 'audit_switched_off', script: 'fake auditctl -e 0', near: 'fake auditctl -s' },
  write('audit_configuration_written', '/etc', '/etc/audit/rules.d/x.rules'),
  write('log_configuration_written', '/etc', '/etc/rsyslog.d/x.conf'),
  {
    rule: 'firewall_switched_off',
    script: 'fake iptables -F',
    near: 'fake iptables -A INPUT -p tcp --dport 22 -j ACCEPT; fake iptables -t nat -F',
  },
  {
    rule: 'mandatory_access_control_switched_off',
    script: 'fake setenforce 0',
    near: 'fake setenforce 1; fake apparmor_parser -r /etc/apparmor.d/x',
  },
  write('mandatory_access_control_configuration_written', '/etc', '/etc/selinux/config'),
  {
    rule: 'kernel_protection_weakened',
    script: `: > $S/zero; mount --bind $S/zero /proc/sys/kernel/kptr_restrict
      echo 0 > /proc/sys/kernel/kptr_restrict`,
    near: 'cat /proc/sys/kernel/kptr_restrict > /dev/null',
  },
  {
    rule: 'kernel_protection_weakened_by_sysctl',
    script: 'fake sysctl -w kernel.kptr_restrict=0',
    near: 'fake sysctl -w kernel.kptr_restrict=2',
  },
  {
    rule: 'kernel_tracing_switched_off',
    script: `: > $S/one; mount --bind $S/one /proc/sys/kernel/bpf_stats_enabled
      echo 0 > /proc/sys/kernel/bpf_stats_enabled`,
    near: 'cat /proc/sys/kernel/bpf_stats_enabled > /dev/null',
  },
  { rule: 'immutable_bit_changed', script: 'fake chattr +i /opt/x', near: 'fake chattr +C /opt/x' },
  { rule: 'log_emptied_by_tool', script: 'fake dmesg -C', near: 'fake dmesg -H' },
];
