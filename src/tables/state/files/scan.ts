/** The addon that knows libmagic and libyara (addon/scan/), loaded when a table first needs it. */
import { createRequire } from 'node:module';

export interface FileKind {
  readonly data: string;
  readonly mimeType: string;
  readonly mimeEncoding: string;
  readonly error: string; // '' when it worked
}

export interface YaraMatch {
  readonly rule: string;
  readonly tags: readonly string[];
  readonly strings: readonly string[]; // identifier:offset in hexadecimal
}

export interface YaraResult {
  readonly matches: readonly YaraMatch[];
  readonly error: string; // '' when it worked
}

/** Compiled rules; opaque. */
export type YaraRules = object;

export interface Scanner {
  /** @param databases colon-separated; '' for the system's */
  magic(fd: number, databases: string): FileKind;
  /** Rules, or what is wrong with their source. */
  compile(source: string): YaraRules | string;
  scanDescriptor(rules: YaraRules, fd: number, seconds: number): YaraResult;
  scanProcess(rules: YaraRules, pid: number, seconds: number): YaraResult;
}

const PATH = new URL('../../../../build/Release/weir_scan.node', import.meta.url).pathname;
let loaded: Scanner | undefined;

/** @throws Error when libmagic or libyara is not installed */
export function scanner(): Scanner {
  loaded ??= createRequire(import.meta.url)(PATH) as Scanner;
  return loaded;
}
