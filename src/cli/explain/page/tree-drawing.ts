import { safeText } from '../../output/safe-text.ts';
import { shorten } from '../../output/width.ts';
import { processWords } from '../draw.ts';
import type { ProcessTree, TreeProcess } from '../process-tree.ts';
import { escaped } from './markup.ts';

const STEP = 22; // a level, pixels
const HEIGHT = 40; // a process
const CHARACTER = 7.3; // of the monospaced font at 12 pixels
const LONGEST = 110;

interface Node {
  readonly process: TreeProcess;
  readonly depth: number;
  /** Index of the parent's node; -1: none. */
  readonly parent: number;
  readonly role: 'ancestor' | 'own' | 'started';
}

function nodesOf(tree: ProcessTree): readonly Node[] {
  const nodes: Node[] = tree.line.map((process, depth) => ({
    process,
    depth,
    parent: depth - 1,
    role: depth === tree.line.length - 1 ? 'own' : 'ancestor',
  }));
  const children = Map.groupBy(tree.descendants, ({ parentId }) => parentId);
  const add = (parent: number): void => {
    const { process, depth } = nodes[parent] as Node;
    for (const child of children.get(process.id) ?? []) {
      nodes.push({ process: child, depth: depth + 1, parent, role: 'started' });
      add(nodes.length - 1);
    }
  };
  if (nodes.length > 0) add(nodes.length - 1);
  return nodes;
}

const left = (depth: number): number => 12 + depth * STEP;
const middle = (index: number): number => 14 + index * HEIGHT;

function link(node: Node, index: number, nodes: readonly Node[]): string {
  const parent = nodes[node.parent];
  if (parent === undefined) return '';
  const [x, y] = [left(parent.depth), middle(node.parent) + 6];
  return `<path class="link" d="M${x} ${y}V${middle(index)}H${left(node.depth) - 6}"/>`;
}

function drawn(node: Node, index: number): string {
  const { who, said } = processWords(node.process);
  const [x, y] = [left(node.depth), middle(index)];
  const text = (name: string, dy: number, words: string): string =>
    `<text class="${name}" x="${x + 12}" y="${y + dy}">${escaped(words, LONGEST)}</text>`;
  return `<g class="node ${node.role}" data-process="${escaped(node.process.id)}" tabindex="0">
<title>${escaped(`${who}\n${node.process.path}\n${said}`)}</title>
<circle cx="${x}" cy="${y}" r="6"/>${text('who', 4, who)}${text('said', 19, said)}</g>`;
}

/** The processes as an SVG, a line for each, children below their parent. */
export function treeDrawing(tree: ProcessTree): string {
  const nodes = nodesOf(tree);
  const width = nodes.reduce((widest, { process, depth }) => {
    const { who, said } = processWords(process);
    const longest = [who, said].map((words) => shorten(safeText(words.slice(0, LONGEST)), LONGEST));
    const characters = Math.max(...longest.map((words) => words.length));
    return Math.max(widest, left(depth) + 24 + characters * CHARACTER);
  }, 0);
  const links = nodes.map((node, i) => link(node, i, nodes)).join('');
  return `<svg id="tree" role="group" aria-label="processes" width="${Math.ceil(width)}" \
height="${nodes.length * HEIGHT + 4}">${links}${nodes.map(drawn).join('')}</svg>`;
}
