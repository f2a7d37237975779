import { bigint, defineTable, text } from '../../bridge/table.ts';
import { openFiles } from '../../host/proc-files.ts';
import { askedPids } from './pids.ts';

/** What is no file: sockets, pipes, and the kernel's own (eventfd, epoll, bpf). */
const NO_FILE = /^(?:socket|pipe|anon_inode):/;

export const processOpenFiles = defineTable({
  name: 'process_open_files',
  description: 'Files that processes have open; sockets and pipes have tables of their own',
  rows: 3000,
  columns: {
    pid: bigint('Process id', { index: true }),
    fd: bigint('File descriptor'),
    path: text('Path of the file; the kernel appends " (deleted)" when it has no name any more'),
  },
  examples: [
    "SELECT p.name, f.path FROM process_open_files f JOIN processes p USING (pid) WHERE f.path LIKE '/etc/%'",
  ],
  *generate(context) {
    const warn = (message: string): void => context.warn(message);
    for (const { pid, fd, target } of openFiles(context.host, askedPids(context), warn)) {
      if (typeof target !== 'string' || !NO_FILE.test(target)) yield { pid, fd, path: target };
    }
  },
});
