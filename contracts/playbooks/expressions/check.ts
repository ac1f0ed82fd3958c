import type { ASTNode } from '@marcbachmann/cel-js';
import type { Input, StepKind } from '../document.ts';
import { didYouMean } from '../nearest.ts';
import { isLanguageFailure } from './failure.ts';
import { celFunctions } from './functions.ts';
import { pathsIn, visit } from './names.ts';
import type { Path } from './names.ts';
import { parseExpression } from './parse.ts';
import { compilePattern } from './patterns.ts';
import { placesOfSecrets } from './secrets.ts';
import type { TypeChecker } from './typed.ts';

export interface KnownStep {
  readonly kind: StepKind;
  readonly isSensitive: boolean;
}

/** What an expression may read where it stands. */
export interface StaticScope {
  readonly inputs: readonly Input[];
  /** Every step of the document. */
  readonly steps: ReadonlyMap<string, KnownStep>;
  /** Those that have ended before. */
  readonly visible: ReadonlySet<string>;
  readonly locals: ReadonlySet<string>;
  readonly hasHost: boolean;
  readonly hasError: boolean;
  /** Whether `run.status` and `run.error` are known (`finally`, `undo`). */
  readonly hasRunEnd: boolean;
  readonly types: TypeChecker;
}

/** What the field does with the value. */
export interface Use {
  readonly isCommand: boolean;
  readonly takesSecrets: boolean;
}

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly at: readonly [number, number];
  readonly details?: { readonly [key: string]: string | number };
}

export const stepFields = ['status', 'output', 'error', 'attempts', 'hosts', 'startedAt', 'endedAt'];
export const runFields = ['id', 'title', 'trigger', 'actor', 'startedAt', 'dryRun', 'url', 'playbook'];
export const runParts: Readonly<Record<string, readonly string[]>> = {
  actor: ['name', 'email'],
  playbook: ['name', 'version'],
};
export const hostFields = ['name', 'host', 'port', 'tags'];
const words = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
  'optional',
  'cel',
  'google',
  'vars',
]);
const rootNames = ['inputs', 'vars', 'steps', 'run', 'secrets', 'item', 'index', 'host', 'error'];

/** Everything that is wrong with an expression where it stands: names, secrets, `raw`, patterns, then types (§4). */
export function checkExpression(source: string, scope: StaticScope, use: Use): readonly Finding[] {
  let tree: ASTNode;
  try {
    tree = parseExpression(source);
  } catch (error) {
    if (!isLanguageFailure(error)) throw error;
    return [
      {
        code: error.code,
        message: error.message,
        at: error.at ?? [0, source.length],
        ...(error.details ? { details: error.details as Finding['details'] & object } : {}),
      },
    ];
  }
  const findings = [...checkNames(tree, scope), ...checkRaw(tree, use), ...checkPatterns(tree)];
  if (findings.length > 0) return findings;
  const secrets = placesOfSecrets(tree, scope, use);
  if (secrets.length > 0) return secrets.slice(0, 1);
  const functions = checkFunctions(tree);
  if (functions.length > 0) return functions;
  const problem = scope.types(source);
  return problem ? [{ code: 'expression.type_mismatched', ...problem }] : [];
}

/** Whether it reads no name at all and calls nothing that differs from run to run, so that its value is known at save. */
export function isConstant(source: string): boolean {
  try {
    const tree = parseExpression(source);
    let callsNow = false;
    visit(tree, (node) => {
      if (node.op === 'call' && node.args[0] === 'now') callsNow = true;
    });
    return !callsNow && pathsIn(tree).every(({ keys }) => words.has(keys[0] ?? '') && keys[0] !== 'vars');
  } catch {
    return false;
  }
}

const span = (node: ASTNode): readonly [number, number] => [node.start, node.end];

function checkNames(tree: ASTNode, scope: StaticScope): Finding[] {
  const seen = new Set<string>();
  return pathsIn(tree).flatMap((path) => {
    const finding = checkPath(path, scope);
    const key = finding && `${finding.code} ${path.keys.slice(0, 3).join('.')}`;
    if (!finding || key === undefined || seen.has(key)) return []; // the same slip twice is one
    seen.add(key);
    return [finding];
  });
}

function checkPath(path: Path, scope: StaticScope): Finding | undefined {
  const [root = '', first] = path.keys;
  const [node] = path.nodes;
  const end = path.nodes[1] ?? node;
  if (!node || !end || scope.locals.has(root)) return undefined;
  const at = [node.start, end.end] as const;
  switch (root) {
    case 'item':
    case 'index':
      return unknownName(root, at, hintOfName(root, scope));
    case 'inputs':
      return checkInput(path, scope, at);
    case 'steps':
      return checkStep(path, scope, at);
    case 'run': {
      const known = scope.hasRunEnd ? [...runFields, 'status', 'error'] : runFields;
      if (first !== undefined && !known.includes(first)) return unknownName(`run.${first}`, at, runHint(first, known));
      const parts = first === undefined ? undefined : runParts[first];
      const second = path.keys[2];
      if (parts && second !== undefined && !parts.includes(second))
        return unknownName(`run.${first}.${second}`, at, didYouMean(second, parts));
      return undefined;
    }
    case 'host':
      if (!scope.hasHost) return unknownName('host', at, ' It is known only where a field is rendered for each host.');
      return first === undefined || hostFields.includes(first)
        ? undefined
        : unknownName(`host.${first}`, at, didYouMean(first, hostFields));
    case 'error':
      return scope.hasError
        ? undefined
        : unknownName('error', at, ' It is known only in onFailure; elsewhere read steps.<id>.error.');
    case 'secrets':
      return first === undefined ? unknownName('secrets as a whole', at, ' Name one: secrets.<name>.') : undefined;
    default:
      return words.has(root)
        ? undefined
        : unknownName(root, at, didYouMean(root, [...rootNames, ...scope.locals]) || hintOfName(root, scope));
  }
}

const unknownName = (name: string, at: readonly [number, number], hint: string): Finding => ({
  code: 'expression.name_unknown',
  message: `There is no ${name} here.${hint}`,
  at,
});

const runHint = (name: string, known: readonly string[]): string =>
  name === 'status' || name === 'error' ? ' It is known only in finally and undo.' : didYouMean(name, known);

const hintOfName = (name: string, { inputs, steps }: StaticScope): string => {
  if (name === 'item' || name === 'index') return ' It is known only inside an each.';
  if (inputs.some((input) => input.name === name)) return ` Did you mean inputs.${name}?`;
  return steps.has(name) ? ` Did you mean steps.${name}?` : '';
};

function checkInput(
  { keys, nodes }: Path,
  { inputs }: StaticScope,
  at: readonly [number, number],
): Finding | undefined {
  let known: readonly Input[] | undefined = inputs;
  for (let depth = 1; known && depth < keys.length; depth++) {
    const key: string = keys[depth] ?? '';
    const found: Input | undefined = known.find(({ name }) => name === key);
    if (!found) {
      const node = nodes[depth];
      return {
        code: 'expression.input_unknown',
        message: `There is no input ${keys.slice(1, depth + 1).join('.')}.${didYouMean(
          key,
          known.map(({ name }) => name),
        )}`,
        at: node ? [at[0], node.end] : at,
      };
    }
    known = found.type === 'object' ? found.fields : undefined;
  }
  return undefined;
}

function checkStep({ keys, nodes }: Path, scope: StaticScope, at: readonly [number, number]): Finding | undefined {
  const [, id, part] = keys;
  if (id === undefined) return unknownName('steps as a whole', at, ' Name a step: steps.<id>.');
  const step = scope.steps.get(id);
  if (!step) {
    return {
      code: 'expression.step_unknown',
      message: `There is no step ${id}.${didYouMean(id, scope.steps.keys())}`,
      at,
    };
  }
  if (!scope.visible.has(id)) {
    return {
      code: 'expression.step_not_visible',
      message: `Step ${id} has not ended for sure when this is evaluated, so it cannot be read here.`,
      at,
    };
  }
  const known = step.kind === 'playbook' ? [...stepFields, 'run'] : stepFields;
  if (part === undefined || known.includes(part)) return undefined;
  return unknownName(
    `steps.${id}.${part}`,
    [at[0], nodes[2]?.end ?? at[1]],
    didYouMean(part, known) || ` A step has ${known.join(', ')}.`,
  );
}

function checkRaw(tree: ASTNode, { isCommand }: Use): Finding[] {
  const findings: Finding[] = [];
  visit(tree, (node, _bound, parents) => {
    if (node.op !== 'call' || node.args[0] !== 'raw' || (isCommand && parents.length === 0)) return;
    findings.push({
      code: 'template.raw_misplaced',
      message: isCommand
        ? 'raw(…) must be the outermost call of its template: raw("a" + b).'
        : 'raw(…) has a meaning only in a command.',
      at: span(node),
    });
  });
  return findings.slice(0, 1);
}

function checkPatterns(tree: ASTNode): Finding[] {
  const findings: Finding[] = [];
  visit(tree, (node) => {
    if (node.op !== 'rcall' || node.args[0] !== 'matches') return;
    const [pattern] = node.args[2];
    if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return;
    const compiled = compilePattern(pattern.args);
    if (typeof compiled === 'string')
      findings.push({
        code: 'expression.not_parsed',
        message: `This is no pattern of RE2: ${compiled}`,
        at: span(pattern),
      });
  });
  return findings;
}

/** Macros that are written as methods: `list.map(x, …)`. */
export const macros = ['has', 'all', 'exists', 'exists_one', 'map', 'filter', 'bind', 'or', 'orValue', 'none', 'of'];
const freeNames = new Set([...celFunctions.filter(({ isMethod }) => !isMethod).map(({ name }) => name), 'has']);
const methodNames = new Set([...celFunctions.filter(({ isMethod }) => isMethod).map(({ name }) => name), ...macros]);

/** Names of functions that do not exist: said by name, since the checker would only say that no overload fits. */
function checkFunctions(tree: ASTNode): Finding[] {
  const findings: Finding[] = [];
  visit(tree, (node) => {
    if (node.op !== 'call' && node.op !== 'rcall') return;
    const name = node.args[0];
    const known = node.op === 'call' ? freeNames : methodNames;
    if (known.has(name)) return;
    const other = node.op === 'call' ? methodNames : freeNames;
    const hint = other.has(name)
      ? node.op === 'call'
        ? ` Write x.${name}(…).`
        : ` Write ${name}(x, …).`
      : didYouMean(name, known);
    findings.push({
      code: 'expression.type_mismatched',
      message: `There is no ${node.op === 'call' ? 'function' : 'method'} ${name}.${hint}`,
      at: span(node),
    });
  });
  return findings.slice(0, 1);
}
