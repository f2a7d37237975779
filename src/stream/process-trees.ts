import { ProcessTree } from './process-tree.ts';
import type { TreeRoot } from './rules.ts';

/** Who belonged to which tree outlives a new pipeline: a reload must not forget what runs. */
export class ProcessTrees {
  readonly #made: (tree: ProcessTree) => void;
  #trees = new Map<string, ProcessTree>();

  /** @param made told of each tree that is new: what runs of it already is not known yet */
  constructor(made: (tree: ProcessTree) => void = () => {}) {
    this.#made = made;
  }

  /** The trees of a pipeline, in the order of its roots; all others are forgotten. */
  use(
    roots: readonly (readonly [root: TreeRoot, mountNamespace: number | undefined])[],
  ): ProcessTree[] {
    const kept = new Map<string, ProcessTree>();
    const trees = roots.map(([root, mountNamespace]) => {
      const key = keyOf(root, mountNamespace);
      const known = kept.get(key) ?? this.#trees.get(key);
      const tree = known ?? new ProcessTree(root, mountNamespace);
      kept.set(key, tree);
      if (known === undefined) this.#made(tree);
      return tree;
    });
    this.#trees = kept;
    return trees;
  }
}

function keyOf(root: TreeRoot, mountNamespace: number | undefined): string {
  const text = 'processId' in root ? `process ${root.processId}` : `runs ${root.executable.source}`;
  return `${mountNamespace ?? 'any'} ${text}`;
}
