import { defineTable, integer, text } from '../../bridge/table.ts';
import { processFiles } from '../../host/proc-files.ts';
import { askedPids } from './pids.ts';

const KINDS = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'] as const;
const LINKS = KINDS.map((kind) => `@ns/${kind}`);

export const processNamespaces = defineTable({
  name: 'process_namespaces',
  description: 'Namespaces of processes, by the inode that identifies each',
  rows: 300,
  columns: {
    pid: integer('Process id', { index: true, optimized: true }),
    cgroup_namespace: text('cgroup namespace'),
    ipc_namespace: text('IPC namespace'),
    mnt_namespace: text('Mount namespace'),
    net_namespace: text('Network namespace'),
    pid_namespace: text('PID namespace'),
    user_namespace: text('User namespace'),
    uts_namespace: text('UTS (host name) namespace'),
  },
  examples: [
    'SELECT mnt_namespace, count(*) AS processes FROM process_namespaces GROUP BY mnt_namespace',
  ],
  *generate(context) {
    const warn = (message: string): void => context.warn(message);
    for (const files of processFiles(context.host, askedPids(context), LINKS, warn)) {
      const inodes = LINKS.map((link) => /\[(\d+)\]$/.exec(files.text(link))?.[1]);
      const [cgroup, ipc, mnt, net, pid, user, uts] = inodes;
      // A process that ended since has none at all; one that may not be looked into stays.
      if (
        inodes.every((inode) => inode === undefined) &&
        !context.host.exists(`/proc/${files.pid}`)
      )
        continue;
      yield {
        pid: files.pid,
        cgroup_namespace: cgroup,
        ipc_namespace: ipc,
        mnt_namespace: mnt,
        net_namespace: net,
        pid_namespace: pid,
        user_namespace: user,
        uts_namespace: uts,
      };
    }
  },
});
