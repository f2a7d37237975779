import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { type Container, containerOf } from '../container-id.ts';
import { ofBundle } from './annotations.ts';
import type { Lookup } from './names.ts';
import { ofBundleOrStorage } from './storage.ts';

const ANCESTORS_MAX = 64;

/**
 * State that is not where it usually is: the process that watches over the container knows the
 * place. It is the first ancestor outside of the container, so nobody inside can pose as one; only
 * one of root is believed, because what it names is read at once, and files of users may be on file
 * systems that never answer.
 */
export const ofMonitor: Lookup = (container, pid, { proc }) => {
  const monitor = monitorOf(container, pid, proc);
  if (monitor === undefined) return undefined;
  const { id } = container;
  for (const argument of argumentsOf(monitor, proc)) {
    // The bundle, to conmon of podman and CRI-O, and to the runtime that a monitor is about to start.
    const bundle = argument.startsWith('/') && argument.split('/').includes(id);
    const found = bundle ? ofBundleOrStorage(argument, id) : undefined;
    if (found !== undefined) return found;
  }
  // The shim itself works in the bundle.
  const folder = workingFolder(monitor, proc);
  return folder !== undefined && basename(folder) === id ? ofBundle(folder) : undefined;
};

function monitorOf({ id }: Container, pid: number, proc: string): number | undefined {
  let process = pid;
  for (let i = 0; i < ANCESTORS_MAX && process > 1; i++) {
    const lines = procText(process, 'cgroup', proc)?.split('\n');
    if (lines === undefined) return undefined;
    const status = procText(process, 'status', proc) ?? '';
    const inside = lines.some((line) => containerOf(line.split(':').slice(2).join(':'))?.id === id);
    if (!inside) return /^Uid:\t0\t0\t0\t0$/m.test(status) ? process : undefined;
    process = Number(/^PPid:\t(\d+)$/m.exec(status)?.[1] ?? 0);
  }
  return undefined;
}

function argumentsOf(process: number, proc: string): readonly string[] {
  return procText(process, 'cmdline', proc)?.split('\0') ?? [];
}

function workingFolder(process: number, proc: string): string | undefined {
  try {
    return readlinkSync(`${proc}/${process}/cwd`);
  } catch {
    return undefined;
  }
}

function procText(process: number, file: string, proc: string): string | undefined {
  try {
    return readFileSync(`${proc}/${process}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
