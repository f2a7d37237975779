import type { Deed } from './deed.ts';

/** A file is written by a shell; the same by dpkg is nothing. */
function write(rule: string, hidden: string, file: string, more: Partial<Deed> = {}): Deed {
  const make = `hide ${hidden}; mkdir -p ${file.slice(0, file.lastIndexOf('/'))}`;
  return {
    rule,
    script: `${make}; : > ${file}`,
    shows: `"path":"${file}"`,
    near: `${make}; by_dpkg ': > ${file}'`,
    ...more,
  };
}

/** A script of a package does it. */
const packageScript = (commands: string): string => `hide /etc; hide /var/lib/dpkg
  mkdir /var/lib/dpkg/info /etc/cron.d /etc/pam.d; P=/var/lib/dpkg/info/weir-test.postinst
  by_dpkg "printf '%s\\n' '#!/bin/sh' '${commands}' > $P; chmod 755 $P"; $P configure`;

export const PERSISTENCE: readonly Deed[] = [
  write('cron_persistence', '/etc', '/etc/cron.d/job', {
    near: packageScript(': > /etc/cron.d/job; touch /etc/cron.d/other'),
  }),
  write('at_job_written', '/var/spool', '/var/spool/cron/atjobs/a00001'),
  write('systemd_persistence', '/etc', '/etc/systemd/system/x.service'),
  write('systemd_timer_written', '/etc', '/etc/systemd/system/x.timer'),
  write('systemd_user_unit_written', '/root', '/root/.config/systemd/user/x.service'),
  write('systemd_generator_written', '/etc', '/etc/systemd/system-generators/x', {
    also: [],
  }),
  {
    rule: 'authorized_keys_written',
    script: 'mkdir $S/.ssh; : > $S/.ssh/new; mv $S/.ssh/new $S/.ssh/authorized_keys',
    shows: '/.ssh/authorized_keys"',
    near: 'cat $S/.ssh/authorized_keys > /dev/null; : > $S/.ssh/known_hosts',
  },
  write('ssh_start_file_written', '/root', '/root/.ssh/rc'),
  write('sshd_configuration_written', '/etc', '/etc/ssh/sshd_config'),
  write('account_file_written', '/etc', '/etc/shadow', {
    near: 'mkdir $S/etc; : > $S/etc/passwd; rm $S/etc/passwd; cat /etc/passwd > /dev/null',
  }),
  {
    rule: 'root_account_added',
    script: 'fake useradd -o -u 0 -M toor',
    near: 'fake useradd --system -u 999 daemon2',
  },
  {
    rule: 'user_added_to_powerful_group',
    script: 'fake usermod -aG sudo somebody',
    near: 'fake usermod -aG audio somebody',
  },
  {
    rule: 'local_account_added',
    script: 'fake useradd -m somebody',
    near: 'fake useradd --system daemon2',
  },
  write('ld_so_preload_written', '/etc', '/etc/ld.so.preload', {
    near: 'cat /etc/ld.so.preload 2> /dev/null || true; : > $S/ld.so.preload',
  }),
  write('ld_so_conf_written', '/etc', '/etc/ld.so.conf.d/x.conf'),
  write('shell_profile_written', '/etc', '/etc/profile.d/x.sh'),
  write('user_shell_profile_written', '/root', '/root/.bashrc', {
    near: 'hide /root; : > /root/.bashrc.old; cat /etc/skel/.bashrc > /dev/null',
  }),
  write('udev_rule_written', '/etc', '/etc/udev/rules.d/99-x.rules'),
  write('pam_configuration_written', '/etc', '/etc/pam.d/sshd', {
    near: packageScript('cp /dev/null /etc/pam.d/sshd'),
  }),
  {
    rule: 'pam_module_written',
    script: 'mkdir -p /opt/security; : > /opt/security/pam_x.so',
    near: 'mkdir -p /opt/security; by_dpkg ": > /opt/security/pam_x.so"; : > /opt/pam_x.so',
  },
  write('name_service_configuration_written', '/etc', '/etc/nsswitch.conf'),
  write('init_script_written', '/etc', '/etc/rc.local'),
  write('autostart_entry_written', '/root', '/root/.config/autostart/x.desktop'),
  write('motd_script_written', '/etc', '/etc/update-motd.d/99-x'),
  {
    rule: 'git_hook_written',
    script: 'mkdir -p $S/repo/.git/hooks; : > $S/repo/.git/hooks/post-checkout',
    near: 'git init -q $S/fresh',
  },
  {
    rule: 'git_configuration_runs_command',
    script: 'fake git config core.fsmonitor ./run',
    near: 'fake git config user.name somebody; fake git config --get core.pager less',
  },
  {
    rule: 'python_start_file_written',
    script: 'mkdir -p /opt/site-packages; : > /opt/site-packages/x.pth',
    near: `mkdir -p /opt/site-packages /opt/bin; as python3 /bin/dash
      echo ': > /opt/site-packages/y.pth' > /opt/bin/pip; /opt/python3 /opt/bin/pip install y`,
  },
  write('package_hook_written', '/etc', '/etc/apt/apt.conf.d/99x'),
  write('package_script_written', '/var/lib/dpkg', '/var/lib/dpkg/info/x.postinst'),
  write('package_source_written', '/etc', '/etc/apt/sources.list.d/x.list'),
  write('network_hook_written', '/etc', '/etc/NetworkManager/dispatcher.d/99-x'),
  write('power_hook_written', '/etc', '/etc/pm/sleep.d/99x'),
  write('kernel_module_autoload_written', '/etc', '/etc/modules-load.d/x.conf'),
  write('dbus_service_written', '/root', '/root/.local/share/dbus-1/services/x.service'),
  write('log_rotation_written', '/etc', '/etc/logrotate.d/x'),
  {
    rule: 'web_script_written_by_server',
    script: "as apache2 /bin/dash; /opt/apache2 -c ': > /opt/shell.php'",
    near: "as apache2 /bin/dash; /opt/apache2 -c ': > /opt/picture.jpg'; : > /opt/page.php",
  },
  write('system_program_replaced', '/usr/sbin', '/usr/sbin/x'),
  write('system_library_replaced', '/usr/games', '/lib64/x.so', {
    script: 'mkdir $S/lib64; mount --bind $S/lib64 /lib64; : > /lib64/libx.so.1',
    shows: 'libx.so.1',
    near: 'mkdir $S/lib64b; : > $S/lib64b/libx.so.1',
  }),
  write('boot_file_written', '/boot', '/boot/grub/x.cfg'),
  {
    rule: 'library_preloaded_by_command',
    script: "sh -c 'LD_PRELOAD=/no/such.so true' 2> /dev/null",
    near: "sh -c 'LD_LIBRARY_PATH=/no/such true'",
  },
];
