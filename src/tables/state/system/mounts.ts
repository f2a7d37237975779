import { posix } from 'node:path';
import { bigint, defineTable, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath, toBytePath } from '../../host/byte-path.ts';
import type { Host } from '../../host/host.ts';
import { mountList } from './mount-list.ts';

/** Links of /dev lead to links at most; more is a circle. */
const MAX_LINKS = 8;

/** What a name of a device, such as /dev/mapper/root, stands for. */
function realDevice(host: Host, device: string): string {
  let path = device;
  for (let i = 0; i < MAX_LINKS && path.startsWith('/'); i++) {
    const target = host.exactLink(fromBytePath(path), { quiet: true });
    if (target === undefined) return path;
    path = posix.resolve(posix.dirname(path), toBytePath(target));
  }
  return path;
}

export const mounts = defineTable({
  name: 'mounts',
  description: 'Mounted file systems as weir sees them, from /proc/mounts',
  rows: 30,
  columns: {
    device: text('What is mounted'),
    device_alias: text('The same, with links followed'),
    path: text('Where'),
    type: text('Type of the file system'),
    blocks_size: bigint('Bytes of a block'),
    blocks: bigint('Blocks'),
    blocks_free: bigint('Free blocks'),
    blocks_available: bigint('Free blocks for users other than root'),
    inodes: bigint('Inodes'),
    inodes_free: bigint('Free inodes'),
    flags: text('Options'),
  },
  examples: ["SELECT path, flags FROM mounts WHERE type = 'ext4'"],
  *generate(context) {
    const { host } = context;
    // A network file system whose server is away can hang the question, so it is asked if needed.
    const sized = context.uses(
      'blocks_size',
      'blocks',
      'blocks_free',
      'blocks_available',
      'inodes',
      'inodes_free',
    );
    for (const mount of mountList(host)) {
      const size = sized ? host.statfs(fromBytePath(mount.path)) : undefined;
      yield {
        device: shownPath(mount.device),
        device_alias: context.uses('device_alias')
          ? shownPath(realDevice(host, mount.device))
          : undefined,
        path: shownPath(mount.path),
        type: mount.type,
        blocks_size: size?.bsize,
        blocks: size?.blocks,
        blocks_free: size?.bfree,
        blocks_available: size?.bavail,
        inodes: size?.files,
        inodes_free: size?.ffree,
        flags: shownPath(mount.flags),
      };
    }
  },
});
