import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { SetupFailure } from './failure.mjs';

export const BTF = '/sys/kernel/btf/vmlinux';
const ARCHITECTURES = ['x64', 'arm64'];
const MINIMUM_NODE = 20;

/**
 * Refuses a machine that cannot work, before anything is changed on it.
 * @param {boolean} live whether eBPF programs will be loaded
 * @param {{ platform: string, arch: string, node: string, uid: number, btf: boolean }} host
 */
export function checkHost(live, host = thisHost()) {
  if (host.platform !== 'linux') {
    throw new SetupFailure(
      `weir watches Linux hosts and this is ${host.platform}.`,
      'Run it on Linux, for instance in a virtual machine.',
    );
  }
  if (!ARCHITECTURES.includes(host.arch)) {
    throw new SetupFailure(
      `weir has no build for the processor architecture ${host.arch}.`,
      `Use a machine with ${ARCHITECTURES.join(' or ')}, with a 64-bit Node.`,
    );
  }
  if (Number.parseInt(host.node, 10) < MINIMUM_NODE) {
    throw new SetupFailure(
      `Node ${host.node} is too old to set weir up.`,
      `Install Node ${MINIMUM_NODE} or newer; weir brings the Node that it runs on itself.`,
    );
  }
  if (!live) return;
  if (host.uid !== 0) {
    throw new SetupFailure(
      'weir loads eBPF programs into the kernel, which needs root.',
      'Run the same command as root (for instance with sudo).',
      77,
    );
  }
  if (!host.btf) {
    throw new SetupFailure(
      `The kernel ${release()} offers no type information (${BTF}), which eBPF programs need.`,
      'Boot a kernel 5.8 or newer that is built with CONFIG_DEBUG_INFO_BTF=y, as distributions do.',
    );
  }
}

function thisHost() {
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    uid: process.getuid?.() ?? -1,
    btf: existsSync(BTF),
  };
}
