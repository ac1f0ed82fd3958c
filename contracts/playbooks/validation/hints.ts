import type { Input, StepKind } from '../document.ts';
import { pathsIn } from '../expressions/names.ts';
import { parseExpression } from '../expressions/parse.ts';
import { limits } from '../limits.ts';
import { didYouMean } from '../nearest.ts';
import { celOf, mentionsTemplate, scanTemplates } from '../templates.ts';
import { listsIn } from './outline.ts';
import type { OutlinedStep } from './outline.ts';
import { pointer } from './problems.ts';
import type { Problems } from './problems.ts';
import { isMap } from './maps.ts';

export interface Known {
  readonly vars?: readonly string[];
  readonly secrets?: readonly string[];
}

/** What is allowed and yet seldom meant (§12). */
export function giveHints(
  definition: Readonly<Record<string, unknown>>,
  steps: readonly OutlinedStep[],
  inputs: readonly Input[],
  known: Known,
  problems: Problems,
): void {
  for (const { step, kind, path } of steps) {
    if ((kind === 'ssh' || kind === 'http') && !('timeout' in step)) {
      problems.hint(
        'hint.no_timeout',
        path,
        `No timeout is written; ${kind === 'ssh' ? '10m for each host' : '30s'} applies.`,
      );
    }
    if (isMap(step['retry']) && !isSafeToRepeat(step, kind)) {
      problems.hint(
        'hint.retry_not_safe',
        `${path}/retry`,
        'The step is not safe to repeat: where nobody knows whether it ran, a person is asked. If it may run twice, say safeToRepeat: true.',
      );
    }
  }
  hintUndo(definition['steps'], '/steps', problems);
  inputs.forEach((input) => {
    const index = indexOf(definition, input);
    const isSecret = input.type === 'secret' || input.secret === true;
    if (isSecret && (input.maxLength ?? Infinity) < limits.maskedCharacters) {
      problems.hint(
        'hint.short_secret',
        `/inputs/${index}/maxLength`,
        `Secrets of less than ${limits.maskedCharacters} characters are not masked in output.`,
      );
    }
  });
  hintNames(definition, inputs, known, problems);
}

/** Where an input stands: broken declarations before it are not among those that could be read. */
const indexOf = (definition: Readonly<Record<string, unknown>>, input: Input): number =>
  (definition['inputs'] as readonly unknown[]).indexOf(input);

function isSafeToRepeat(step: Readonly<Record<string, unknown>>, kind: StepKind): boolean {
  if ('safeToRepeat' in step) return step['safeToRepeat'] !== false;
  if (kind === 'http')
    return typeof step['method'] === 'string' && /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/.test(step['method']);
  return kind !== 'ssh' && kind !== 'script';
}

const changes = (step: Readonly<Record<string, unknown>>): boolean => {
  const { kind, method } = step;
  if (kind === 'http') return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  return kind === 'ssh' || kind === 'script' || kind === 'upload' || kind === 'connector' || kind === 'playbook';
};

/** A step that changes something and has no undo, where a later one of its list has. */
function hintUndo(list: unknown, path: string, problems: Problems): void {
  if (!Array.isArray(list)) return;
  const last = list.findLastIndex((step: unknown) => isMap(step) && 'undo' in step);
  list.forEach((step: unknown, index) => {
    if (!isMap(step)) return;
    const at = pointer(path, index);
    if (index < last && !('undo' in step) && changes(step)) {
      problems.hint('hint.no_undo', at, 'A later step has an undo, this one has none: what it changed would stay.');
    }
    for (const inner of listsIn(step, at))
      if (inner.field !== 'undo' && inner.field !== 'onFailure') hintUndo(inner.list, inner.path, problems);
  });
}

/** Inputs that nothing reads, and names of variables and secrets that the workspace does not have. */
function hintNames(
  definition: Readonly<Record<string, unknown>>,
  inputs: readonly Input[],
  known: Known,
  problems: Problems,
): void {
  const used = new Set<string>();
  let readsAll = false;
  eachSource(definition, '', (source, path) => {
    let paths: ReturnType<typeof pathsIn>;
    try {
      paths = pathsIn(parseExpression(source));
    } catch {
      return; // told as an error
    }
    for (const { keys } of paths) {
      const [root, name] = keys;
      if (root === 'inputs' && name === undefined) readsAll = true;
      if (root === 'inputs' && name !== undefined) used.add(name);
      if (root === 'vars') hintUnknown('variable', name, known.vars, path, problems);
      if (root === 'secrets') hintUnknown('secret', name, known.secrets, path, problems);
    }
  });
  if (readsAll) return;
  inputs.forEach((input) => {
    const { name } = input;
    if (!used.has(name))
      problems.hint('hint.input_unused', `/inputs/${indexOf(definition, input)}`, `Nothing reads inputs.${name}.`);
  });
}

function hintUnknown(
  what: 'variable' | 'secret',
  name: string | undefined,
  known: readonly string[] | undefined,
  path: string,
  problems: Problems,
): void {
  if (name === undefined || !known || known.includes(name)) return;
  problems.hint(`hint.${what}_unknown`, path, `The workspace has no ${what} ${name}.${didYouMean(name, known)}`);
}

const celFields = new Set(['if', 'condition', 'that', 'on', 'visible', 'json', 'expect']);

/** Every CEL source of the document with the path of its string. */
function eachSource(value: unknown, path: string, see: (source: string, path: string) => void, key = ''): void {
  if (typeof value === 'string') {
    try {
      if (celFields.has(key)) see(celOf(value).source, path);
      else if (mentionsTemplate(value))
        for (const part of scanTemplates(value)) if (part.kind === 'template') see(part.source, path);
    } catch {
      // A template that is never closed is told as an error.
    }
  } else if (Array.isArray(value))
    value.forEach((part: unknown, index) => eachSource(part, pointer(path, index), see, key));
  else if (isMap(value))
    for (const [name, part] of Object.entries(value)) eachSource(part, pointer(path, name), see, name);
}
