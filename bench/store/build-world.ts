import { Random } from './random.ts';

/**
 * What processes of a build run and touch. Weights and shapes are those of a recording that weir
 * made of compilations of its own addon and of a clone of its repository: 303 programs of 23 paths
 * with 180 command lines of 222 bytes on average, 10 file events to a program, 54 bytes to a path;
 * most programs with less than 10 file events and a few with thousands; a tenth of the programs
 * with temporary names in their arguments.
 */
const PROGRAMS = [
  ['/usr/bin/sed', 14],
  ['/usr/bin/grep', 13],
  ['/usr/bin/cat', 13],
  ['/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus', 11],
  ['/usr/bin/x86_64-linux-gnu-g++-12', 11],
  ['/usr/bin/x86_64-linux-gnu-as', 11],
  ['/usr/bin/basename', 11],
  ['/usr/bin/dash', 4],
  ['/usr/bin/mkdir', 3],
  ['/usr/bin/mv', 2],
  ['/usr/lib/llvm-14/bin/clang', 2],
  ['/usr/bin/cp', 2],
  ['/usr/bin/git', 2],
  ['/usr/bin/make', 1],
] as const;
const WEIGHTED = PROGRAMS.flatMap(([path, weight]) => Array<string>(weight).fill(path));

export const PROJECTS = 40;
const FOLDERS = 1500;
export const SOURCES = 20_000;
const INCLUDES = [
  'addon',
  'build/generated',
  'bpf',
  'third_party/sqlite3/include',
  'node_modules/node-addon-api',
  'include/node',
]
  .map((path) => ` -I ${path}`)
  .join('');
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export interface Program {
  readonly path: string;
  readonly cmdline: string;
  readonly cwd: string;
}

export class BuildWorld {
  readonly #random: Random;
  readonly #sources: readonly string[];

  constructor(random: Random) {
    this.#random = random;
    // Always the same tree, so that its files can be named in queries.
    const tree = new Random(1);
    this.#sources = Array.from({ length: SOURCES }, (_, i) => {
      const folder = tree.skewed(FOLDERS);
      const project = folder % PROJECTS;
      return `/home/build/workspace/project${project}/src/lib${folder % 97}/part${folder}/source_${i}.cc`;
    });
  }

  source(index: number): string {
    return this.#sources[index] as string;
  }

  /** A file of the tree; some are touched again and again. */
  anySource(): string {
    return this.source(this.#random.skewed(SOURCES));
  }

  /** A name that was never used before, as compilers make them. */
  temporary(suffix: string): string {
    let name = '/tmp/cc';
    for (let i = 0; i < 6; i++) name += LETTERS[this.#random.below(LETTERS.length)];
    return name + suffix;
  }

  program(): Program {
    const path = WEIGHTED[this.#random.below(WEIGHTED.length)] as string;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const source = this.anySource();
    const cwd = source.slice(0, source.indexOf('/src/'));
    return { path, cwd, cmdline: this.#cmdline(name, source) };
  }

  #cmdline(name: string, source: string): string {
    const object = source.replace('.cc', '.o');
    switch (name) {
      case 'cc1plus':
        return `${name} -quiet${INCLUDES} -imultiarch x86_64-linux-gnu -D_GNU_SOURCE ${source} -quiet -dumpbase ${object} -mtune=generic -march=x86-64 -O2 -std=c++20 -fasynchronous-unwind-tables -o ${this.temporary('.s')}`;
      case 'x86_64-linux-gnu-as':
        return `as${INCLUDES} --64 -o ${object} ${this.temporary('.s')}`;
      case 'x86_64-linux-gnu-g++-12':
      case 'clang':
        return `${name} -std=c++20 -O2 -Wall -Wextra${INCLUDES} -c -o ${object} ${source}`;
      case 'grep':
        return `grep -c -e int${this.#random.skewed(300)} ${source}`;
      case 'sed':
        return `sed -e s/@VERSION${this.#random.skewed(40)}@/1.${this.#random.skewed(90)}/ ${source}`;
      case 'dash':
        return `/bin/sh -c make -C ${source.slice(0, source.lastIndexOf('/'))} all`;
      default:
        return `${name} ${source}`;
    }
  }
}
