import { Environment, ParseError } from '@marcbachmann/cel-js';
import type { ASTNode } from '@marcbachmann/cel-js';
import { limits } from '../limits.ts';
import { LanguageFailure } from './failure.ts';

/** What every environment of ours is made with: the parser's and the checker's settings (§4, §11). */
export const environmentOptions = {
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: limits.expressionNodes, maxDepth: limits.expressionDepth },
} as const;

const parser = new Environment(environmentOptions);
const parsed = new Map<string, ASTNode | LanguageFailure>();

/** Macros that turn once for each element. */
const turningMacros: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  filter: [2],
  map: [2, 3],
};
export const isTurningMacro = (name: string, argCount: number): boolean =>
  turningMacros[name]?.includes(argCount) ?? false;
export const isBind = (name: string, receiver: ASTNode, argCount: number): boolean =>
  name === 'bind' && argCount === 3 && receiver.op === 'id' && receiver.args === 'cel';

/** The tree of an expression. Throws `expression.too_large` or `expression.not_parsed` with the place within the source. */
export function parseExpression(source: string): ASTNode {
  const known = parsed.get(source);
  const found = known ?? parseAnew(source);
  if (known === undefined) {
    if (parsed.size >= 2_000) parsed.clear(); // bounded: a worker sees the expressions of many playbooks
    parsed.set(source, found);
  }
  if (found instanceof LanguageFailure) throw found;
  return found;
}

function parseAnew(source: string): ASTNode | LanguageFailure {
  if (source.length > limits.expressionCharacters) {
    return tooLarge('expressionCharacters', limits.expressionCharacters, source.length, [0, source.length]);
  }
  try {
    const { ast } = parser.parse(source);
    const deepest = macroDepth(ast);
    if (deepest > limits.macroDepth) return tooLarge('macroDepth', limits.macroDepth, deepest, [0, source.length]);
    return ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const at: [number, number] = [
      error.range?.start ?? 0,
      Math.max(error.range?.end ?? source.length, error.range?.start ?? 0),
    ];
    if (error.code === 'limit_exceeded') {
      const isNodes = error.summary.includes('maxAstNodes');
      return isNodes
        ? tooLarge('expressionNodes', limits.expressionNodes, limits.expressionNodes + 1, at)
        : tooLarge('expressionDepth', limits.expressionDepth, limits.expressionDepth + 1, at);
    }
    return new LanguageFailure('expression.not_parsed', `This is no CEL: ${plainSummary(error.summary)}`, { at });
  }
}

const plainSummary = (summary: string): string =>
  summary
    .replace('Expected ', 'expected ')
    .replace('got EOF', 'it ends here')
    .replace(/: EOF$/, ': it ends here');

function tooLarge(limit: string, most: number, is: number, at: readonly [number, number]): LanguageFailure {
  return new LanguageFailure('expression.too_large', `The expression is too large: ${limit} is at most ${most}.`, {
    at,
    details: { limit, is },
  });
}

/** The parts of a node, in the order in which they stand. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

function macroDepth(node: ASTNode): number {
  const inner = Math.max(0, ...childrenOf(node).map(macroDepth));
  return node.op === 'rcall' && isTurningMacro(node.args[0], node.args[2].length)
    ? innerOfMacro(node.args[1], node.args[2])
    : inner;
}

/** Only what stands in the macro's body turns within it; its receiver is evaluated once. */
const innerOfMacro = (receiver: ASTNode, args: readonly ASTNode[]): number =>
  Math.max(macroDepth(receiver), 1 + Math.max(0, ...args.map(macroDepth)));
