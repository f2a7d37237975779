import type { Deed } from './deed.ts';

export const IMPACT: readonly Deed[] = [
  {
    rule: 'mass_delete_command',
    script: 'fake rm -rf /home',
    near: 'fake rm -rf /home/somebody/build; mkdir $S/x; rm -rf $S/x',
  },
  {
    rule: 'find_deletes_everything',
    script: 'fake find /home -type f -delete',
    near: "fake find /home -name '*.o' -delete",
  },
  {
    rule: 'disk_overwritten_by_command',
    script: 'fake dd if=/dev/zero of=/dev/sda',
    near: 'fake dd if=/dev/zero of=/opt/file; fake dd if=/dev/sda of=/opt/file',
  },
  {
    rule: 'disk_written_directly',
    script: 'hide /dev; : > /dev/sda',
    also: ['file_hidden_in_dev'],
    near: ': > /dev/null',
  },
  {
    rule: 'file_system_made_on_disk',
    script: 'fake mkfs.ext4 /dev/sdb1',
    near: 'fake mkfs.ext4 disk.img',
  },
  { rule: 'files_shredded', script: 'fake shred -u file', near: 'fake shred --verbose file' },
  {
    rule: 'miner_command',
    script: 'fake worker -o stratum+tcp://192.0.2.1:3333',
    near: 'fake worker -o http://192.0.2.1',
  },
  {
    rule: 'dns_mining_pool',
    script: 'as resolver $S/deeds; unshare --net /opt/resolver dns xmr.2miners.com 1',
    near: 'as resolver $S/deeds; unshare --net /opt/resolver dns miners.example 1',
  },
  {
    rule: 'processor_tuned_for_mining',
    script: `: > $S/pages; mount --bind $S/pages /proc/sys/vm/nr_hugepages
      echo 0 > /proc/sys/vm/nr_hugepages`,
    near: 'cat /proc/sys/vm/nr_hugepages > /dev/null',
  },
  { rule: 'shutdown_by_command', script: 'fake shutdown -h now', near: 'fake shutdown -c' },
  {
    rule: 'kernel_told_by_sysrq',
    script: 'hide /proc; echo x > /proc/sysrq-trigger',
    near: 'cat /proc/uptime > /dev/null',
  },
  {
    rule: 'database_or_container_service_stopped',
    script: 'fake systemctl stop postgresql',
    near: 'fake systemctl restart postgresql; fake systemctl stop cups',
  },
  {
    rule: 'database_killed',
    script: 'victim mysqld; kill -KILL $V; reap',
    near: 'victim mysqld; kill $V; reap',
  },
  {
    rule: 'backup_or_snapshot_removed',
    script: 'fake btrfs subvolume delete /mnt/snapshot',
    near: 'fake btrfs subvolume list /mnt; fake rm -rf build',
  },
  {
    rule: 'boot_files_removed',
    script: 'hide /boot; : > /boot/vmlinuz-x; rm /boot/vmlinuz-x',
    also: ['boot_file_written'],
    near: 'hide /boot; by_dpkg ": > /boot/vmlinuz-x"; : > /boot/x; rm /boot/x',
  },
  {
    rule: 'ransom_note_written',
    script: ': > $S/HOW_TO_DECRYPT_FILES.txt',
    near: ': > $S/README.txt',
  },
  {
    rule: 'files_renamed_to_ransom_ending',
    script: `for i in 1 2 3 4 5 6; do : > $S/f$i; done
      perl -e 'rename("$ARGV[0]/f$_", "$ARGV[0]/f$_.locked") for 1 .. 6' $S`,
    shows: '/f5.locked"',
    near: `for i in 1 2 3 4 5 6; do : > $S/g$i; done
      perl -e 'rename("$ARGV[0]/g$_", "$ARGV[0]/g$_.txt") for 1 .. 6' $S`,
  },
  {
    rule: 'files_encrypted_one_by_one',
    script:
      'cp /bin/true /opt/gpg; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do /opt/gpg -c f$i; done',
    near: 'cp /bin/true /opt/gpg; for i in 1 2 3 4 5 6 7 8 9 10; do /opt/gpg -c f$i; done',
  },
  {
    rule: 'fork_bomb_command',
    script: "sh -c 'true # :(){ :|:& };:'",
    near: "sh -c 'f() { true; }; f'",
  },
  {
    rule: 'account_locked_or_removed',
    script: 'fake usermod -L somebody',
    near: 'fake usermod -s /bin/sh somebody',
  },
  {
    rule: 'web_page_replaced_by_server',
    script: `: > /opt/index.html; chown www-data /opt/index.html
      setpriv --reuid www-data --clear-groups sh -c 'echo x > /opt/index.html'`,
    near: ': > /opt/index.html; echo x > /opt/index.html',
  },
  {
    rule: 'network_cut_off',
    script: 'fake ip link set eth0 down',
    near: 'fake ip link set eth0 up',
  },
];
