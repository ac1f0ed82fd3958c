import type { ASTNode } from '@marcbachmann/cel-js';
import type { Input } from '../document.ts';
import type { Finding, StaticScope, Use } from './check.ts';
import { pathsIn, visit } from './names.ts';
import type { Path } from './names.ts';

const isSecretInput = (input: Input): boolean => input.type === 'secret' || input.secret === true;
const holdsSecret = (input: Input): boolean =>
  isSecretInput(input) ||
  (input.fields ?? []).some(holdsSecret) ||
  (input.items !== undefined && holdsSecret({ name: '', ...input.items }));

/** Whether what a path reads is a secret, or a value that holds one. */
export function readsSecret({ keys }: Path, scope: StaticScope): boolean {
  const [root, first, second] = keys;
  if (first === undefined || scope.locals.has(root ?? '')) return false;
  if (root === 'secrets') return true;
  if (root === 'steps') {
    if (scope.steps.get(first)?.isSensitive !== true) return false;
    return second === 'output' || (second === 'hosts' && (keys[4] === 'stdout' || keys[4] === 'stderr'));
  }
  return root === 'inputs' && readsSecretInput(keys.slice(1), scope.inputs);
}

function readsSecretInput(keys: readonly string[], inputs: readonly Input[]): boolean {
  const [key, ...rest] = keys;
  const input = inputs.find(({ name }) => name === key);
  if (!input) return false;
  if (isSecretInput(input) || rest.length === 0) return holdsSecret(input);
  if (input.fields) return readsSecretInput(rest, input.fields);
  return (
    input.items !== undefined &&
    (rest.length === 1
      ? holdsSecret({ name: '', ...input.items })
      : readsSecretInput(rest.slice(1), input.items.fields ?? []))
  );
}

/** Secrets of an expression that stand where none may (§4). */
export function placesOfSecrets(tree: ASTNode, scope: StaticScope, use: Use): Finding[] {
  const secrets = new Set(
    pathsIn(tree)
      .filter((path) => readsSecret(path, scope))
      .map(({ nodes }) => nodes.at(-1)),
  );
  const findings: Finding[] = [];
  visit(tree, (node, _bound, parents) => {
    if (!secrets.has(node)) return;
    const end = whereItGoes(node, parents);
    if (end === 'asked' || (end === 'value' && use.takesSecrets)) return;
    const at = [node.start, node.end] as const;
    if (use.isCommand) {
      findings.push({
        code: 'secret.in_command',
        message: 'A secret in a command would show in ps: pass it by env or stdin.',
        at,
      });
    } else if (use.takesSecrets) {
      findings.push({
        code: 'expression.type_mismatched',
        message: 'No operator or function takes a secret: it can only be passed on, whole or within text.',
        at,
      });
    } else {
      findings.push({
        code: 'secret.misplaced',
        message:
          'A secret may not stand here: only env, stdin, http headers, body and auth, connector parameters and secret inputs take one.',
        at,
      });
    }
  });
  return findings;
}

/** Follows a secret outward: it becomes the value, is only asked whether it is there, or is used by something. */
function whereItGoes(secret: ASTNode, parents: readonly ASTNode[]): 'value' | 'asked' | 'used' {
  let inner = secret;
  for (const parent of parents.toReversed()) {
    if (parent.op === '==' || parent.op === '!=') {
      const other = parent.args[0] === inner ? parent.args[1] : parent.args[0];
      return other.op === 'value' && other.args === null ? 'asked' : 'used';
    }
    if (parent.op === 'call') return parent.args[0] === 'has' ? 'asked' : 'used';
    if (parent.op === 'rcall') {
      const [name, receiver, args] = parent.args;
      if (name === 'hasValue' && receiver === inner) return 'asked';
      const isPassedOn = (name === 'orValue' || name === 'or') && (receiver === inner || args.includes(inner));
      const isBound = name === 'bind' && args.length === 3 && args[2] === inner;
      if (!isPassedOn && !isBound) return 'used';
    } else if (parent.op === '?:') {
      if (parent.args[0] === inner) return 'used';
    } else if (parent.op === 'map') {
      if (parent.args.some(([key]) => key === inner)) return 'used';
    } else if (parent.op !== 'list') return 'used';
    inner = parent;
  }
  return 'value';
}
