import type { Deed } from './deed.ts';

export const PRIVILEGE: readonly Deed[] = [
  {
    rule: 'setuid_bit_set',
    script: ': > $S/su; chmod 4755 $S/su',
    shows: '/su"',
    near: 'mkdir $S/shared; : > $S/plain; chmod 755 $S/plain; by_dpkg "chmod 755 $S/plain"',
  },
  {
    rule: 'file_made_with_setuid_bit',
    script: '$S/deeds setuid-file $S/su2',
    shows: '/su2"',
    near: 'mkdir -m 2775 $S/group; install -m 755 /bin/true $S/installed',
  },
  {
    rule: 'setuid_program_outside_system',
    script: `hide /srv; cp /bin/true /srv/su; chmod 4755 /srv/su
      setpriv --reuid 4321 --clear-groups /srv/su`,
    also: ['setuid_bit_set'],
    near: 'hide /srv; cp /bin/true /srv/su; setpriv --reuid 4321 --clear-groups /srv/su',
  },
  {
    rule: 'shell_with_borrowed_root',
    script: 'setpriv --ruid 4321 --clear-groups /bin/sh -c true',
    near: 'setpriv --reuid 4321 --clear-groups /bin/sh -c true',
  },
  {
    rule: 'file_capability_given',
    script: 'fake setcap cap_setuid+ep /opt/x',
    near: 'fake setcap cap_net_raw+ep /opt/x',
  },
  {
    rule: 'file_capability_written',
    script: ': > $S/capable; $S/deeds capability $S/capable security.capability',
    shows: '/capable"',
    near: ': > $S/other; $S/deeds capability $S/other user.capability',
  },
  {
    rule: 'sudoers_written',
    script: 'hide /etc; mkdir /etc/sudoers.d; : > /etc/sudoers.d/x',
    near: 'hide /etc; mkdir /etc/sudoers.d; by_dpkg ": > /etc/sudoers.d/x"',
  },
  {
    rule: 'polkit_rule_written',
    script: 'hide /etc; mkdir -p /etc/polkit-1/rules.d; : > /etc/polkit-1/rules.d/x.rules',
    near: 'hide /etc; mkdir -p /etc/polkit-1/rules.d; by_dpkg ": > /etc/polkit-1/rules.d/x.rules"',
  },
  {
    rule: 'sudo_exploit_arguments',
    script: "fake sudo '-u#-1' id",
    near: "fake sudo '-u#1000' id",
  },
  {
    rule: 'pkexec_without_arguments',
    script: 'cp /bin/true /opt/pkexec; $S/deeds exec-bare /opt/pkexec',
    shows: '"cmdline":""',
    near: 'fake pkexec id',
  },
  {
    rule: 'credentials_unexplained',
    script: '$S/deeds rights',
    shows: 'CAP_SYS_ADMIN',
    near: 'setpriv --reuid 4321 --clear-groups true',
  },
  {
    rule: 'process_taken_hold_of',
    script: '$S/deeds attach',
    shows: '"action":"ptrace_attach"',
    near: 'as gdb $S/deeds; /opt/gdb attach',
  },
  {
    rule: 'process_code_changed',
    script: '$S/deeds poke',
    also: ['process_taken_hold_of'],
    near: 'as gdb $S/deeds; /opt/gdb poke',
  },
  {
    rule: 'process_memory_written',
    script: '$S/deeds write',
    shows: '"bytes":"8"',
    near: 'as gdb $S/deeds; /opt/gdb write',
  },
  {
    rule: 'process_memory_opened_for_writing',
    script: 'sleep 60 & exec 3<> /proc/$!/mem; kill $!; wait $! || true',
    near: 'exec 3<> /proc/$$/mem',
  },
  {
    rule: 'user_namespace_by_user',
    script: 'setpriv --reuid 4321 --clear-groups unshare --user true',
    shows: '"namespaces":"user"',
    near: 'unshare --user true',
  },
  {
    rule: 'overlay_mounted_by_user',
    script: `mkdir /opt/a /opt/b /opt/c; chown 4321 /opt/?
      setpriv --reuid 4321 --clear-groups unshare --user --map-root-user --mount \\
        mount -t overlay -o lowerdir=/opt/a,upperdir=/opt/b,workdir=/opt/c none /opt/a || true`,
    also: ['user_namespace_by_user'],
    near: 'mkdir $S/lower $S/place; mount -t overlay -o lowerdir=$S/lower:/opt none $S/place',
  },
  {
    rule: 'namespace_of_other_entered',
    script: 'nsenter --mount=/proc/$$/ns/mnt true',
    near: 'nsenter --net=/proc/$$/ns/net true',
  },
  {
    rule: 'cgroup_release_agent_written',
    script: ': > $S/release_agent',
    near: ': > $S/notify_on_release',
  },
  {
    rule: 'kernel_helper_written',
    script: `: > $S/pattern; mount --bind $S/pattern /proc/sys/kernel/core_pattern
      echo '|/no/such' > /proc/sys/kernel/core_pattern`,
    near: 'cat /proc/sys/kernel/core_pattern > /dev/null',
  },
  {
    rule: 'container_socket_used',
    script: '$S/deeds unix /opt/docker.sock',
    shows: '/opt/docker.sock',
    near: 'as docker $S/deeds; /opt/docker unix /opt/docker.sock',
  },
  {
    rule: 'privileged_container_started',
    script: 'fake docker run --privileged -it x',
    near: 'fake docker run -it x',
  },
  {
    rule: 'sensitive_file_opened_to_all',
    script: 'hide /etc; by_dpkg ": > /etc/shadow"; chmod 666 /etc/shadow',
    near: 'hide /etc; by_dpkg ": > /etc/shadow"; chmod 640 /etc/shadow',
  },
  {
    rule: 'wildcard_trap_created',
    script: ": > '/opt/--checkpoint-action=exec=sh x'",
    near: ': > /opt/checkpoint',
  },
  {
    rule: 'enumeration_script_run',
    script: 'echo "#!/bin/sh" > /opt/linpeas.sh; chmod +x /opt/linpeas.sh; /opt/linpeas.sh',
    near: 'echo "#!/bin/sh" > /opt/peas.sh; chmod +x /opt/peas.sh; /opt/peas.sh',
  },
];
