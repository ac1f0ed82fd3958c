import type { ASTNode } from '@marcbachmann/cel-js';
import { childrenOf, isBind, isTurningMacro, parseExpression } from './parse.ts';

/**
 * One name that an expression reads, with what is selected from it as far as that is known: `steps.a.output.x` is
 * `['steps', 'a', 'output', 'x']`. `nodes` are the nodes of the path, the root first.
 */
export interface Path {
  readonly keys: readonly string[];
  readonly nodes: readonly ASTNode[];
  /** What is selected next could not be told (an index that is no literal). */
  readonly isOpen: boolean;
}

/** Visits a tree with the names that macros bind at each node, outermost first. */
export function visit(
  node: ASTNode,
  see: (node: ASTNode, bound: readonly string[], parents: readonly ASTNode[]) => void,
): void {
  walk(node, [], [], see);
}

function walk(
  node: ASTNode,
  bound: readonly string[],
  parents: readonly ASTNode[],
  see: Parameters<typeof visit>[1],
): void {
  see(node, bound, parents);
  const inside = [...parents, node];
  if (node.op !== 'rcall') {
    for (const child of childrenOf(node)) walk(child, bound, inside, see);
    return;
  }
  const [name, receiver, args] = node.args;
  const [first] = args;
  if (first && isBind(name, receiver, args.length)) {
    const [, value, body] = args;
    if (value) walk(value, bound, inside, see);
    if (body) walk(body, [...bound, String(first.args)], inside, see);
    return;
  }
  walk(receiver, bound, inside, see);
  const isMacro = first !== undefined && isTurningMacro(name, args.length);
  for (const arg of isMacro ? args.slice(1) : args)
    walk(arg, isMacro ? [...bound, String(first.args)] : bound, inside, see);
}

/** The paths of an expression from its free names, in the order in which they stand. */
export function pathsIn(tree: ASTNode): Path[] {
  const paths: Path[] = [];
  visit(tree, (node, bound, parents) => {
    if (node.op === 'id' && !bound.includes(node.args)) paths.push(pathFrom(node, node.args, parents));
  });
  return paths;
}

/** Follows the selections outward from a name: `.x`, `.?x`, `["x"]`, `[?"x"]`. */
function pathFrom(root: ASTNode, name: string, parents: readonly ASTNode[]): Path {
  const keys = [name];
  const nodes = [root];
  let inner = root;
  for (const parent of parents.toReversed()) {
    const key = keyOf(parent, inner);
    if (key === undefined) break;
    if (key === null) return { keys, nodes, isOpen: true };
    keys.push(key);
    nodes.push(parent);
    inner = parent;
  }
  return { keys, nodes, isOpen: false };
}

/** The key that a node selects from its operand: null where it is not known, undefined where it selects nothing. */
function keyOf(node: ASTNode, operand: ASTNode): string | null | undefined {
  if ((node.op === '.' || node.op === '.?') && node.args[0] === operand) return node.args[1];
  if ((node.op === '[]' || node.op === '[?]') && node.args[0] === operand) {
    const [, index] = node.args;
    return index.op === 'value' && (typeof index.args === 'string' || typeof index.args === 'bigint')
      ? String(index.args)
      : null;
  }
  return undefined;
}

/** Root names and ids of steps that a source reads. Where it reads `steps` as a whole, or by an index that is no literal, `*` stands for all. */
export function namesIn(source: string): { readonly roots: readonly string[]; readonly steps: readonly string[] } {
  const paths = pathsIn(parseExpression(source));
  const steps = paths.filter(({ keys }) => keys[0] === 'steps').map(({ keys }) => keys[1] ?? '*');
  return { roots: [...new Set(paths.map(({ keys }) => keys[0] ?? ''))], steps: [...new Set(steps)] };
}
