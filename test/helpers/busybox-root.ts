import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of a container: busybox, and what runtimes want to be there. Returns its path. */
export function busyboxRoot(folder: string): string {
  const root = join(folder, 'rootfs');
  for (const name of ['bin', 'etc', 'usr', 'proc', 'sys', 'dev', 'run', 'tmp']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  writeFileSync(join(root, 'etc/os-release'), 'ID=weir-test\n');
  return root;
}
