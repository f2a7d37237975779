import { defineTable, text } from '../../bridge/table.ts';
import { words } from '../../host/parse.ts';

/** The value of the last such argument, as the kernel takes it. */
function argument(args: readonly string[], name: string): string {
  return args.findLast((arg) => arg.startsWith(name))?.slice(name.length) ?? '';
}

export const kernelInfo = defineTable({
  name: 'kernel_info',
  description: 'The kernel that runs and how it was started',
  rows: 1,
  columns: {
    version: text('Release', { collate: 'version' }),
    arguments: text('Command line without path and device'),
    path: text('Image that the boot loader loaded (BOOT_IMAGE)'),
    device: text('Device of the root file system (root)'),
  },
  examples: ['SELECT version, arguments FROM kernel_info'],
  *generate({ host }) {
    const args = words(host.value('/proc/cmdline') ?? '');
    const others = args.filter((arg) => !/^(BOOT_IMAGE|root)=/.test(arg));
    yield {
      version: /^\S+ version (\S+)/.exec(host.value('/proc/version') ?? '')?.[1],
      arguments: others.join(' '),
      path: argument(args, 'BOOT_IMAGE='),
      device: argument(args, 'root='),
    };
  },
});
