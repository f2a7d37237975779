import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { words } from '../../host/parse.ts';
import { symbolicMode } from './symbolic-mode.ts';

/** Bits above the rights, sys/shm.h. */
const SHM_DEST = 0o1000;
const SHM_LOCKED = 0o2000;

export const sharedMemory = defineTable({
  name: 'shared_memory',
  description: 'System V shared memory, from /proc/sysvipc/shm',
  rows: 10,
  columns: {
    shmid: integer('Id of the segment'),
    owner_uid: bigint('Owner'),
    creator_uid: bigint('Who made it'),
    pid: bigint('Process that attached or detached last'),
    creator_pid: bigint('Process that made it'),
    atime: bigint('Last attached, seconds since 1970'),
    dtime: bigint('Last detached, seconds since 1970'),
    ctime: bigint('Last changed, seconds since 1970'),
    permissions: text('Rights as rw-r--r--'),
    size: bigint('Bytes'),
    attached: integer('Number of attachments'),
    status: text('dest when it goes with the last attachment'),
    locked: integer('1 when it is never swapped'),
  },
  examples: ['SELECT shmid, owner_uid, size FROM shared_memory WHERE attached = 0'],
  *generate({ host }) {
    const [head = '', ...lines] = host.lines('/proc/sysvipc/shm');
    const names = words(head);
    for (const line of lines) {
      const values = words(line);
      const of = (name: string): string | undefined => values[names.indexOf(name)];
      const mode = Number.parseInt(of('perms') ?? '', 8);
      if (Number.isNaN(mode)) continue;
      yield {
        shmid: of('shmid'),
        owner_uid: of('uid'),
        creator_uid: of('cuid'),
        pid: of('lpid'),
        creator_pid: of('cpid'),
        atime: of('atime'),
        dtime: of('dtime'),
        ctime: of('ctime'),
        permissions: symbolicMode(mode),
        size: of('size'),
        attached: of('nattch'),
        status: (mode & SHM_DEST) !== 0 ? 'dest' : '',
        locked: (mode & SHM_LOCKED) !== 0,
      };
    }
  },
});
