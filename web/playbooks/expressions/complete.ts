import type { Input, StepKind } from '#contracts/playbooks/document.ts';
import {
  hostFields,
  macros,
  runFields,
  runParts,
  stepFields,
  type StaticScope,
} from '#contracts/playbooks/expressions/check.ts';
import type { Scope } from '#contracts/playbooks/expressions/scope.ts';
import { celFunctions } from '#contracts/playbooks/expressions/functions.ts';
import { errorFields, hostResultFields, outputFields } from './known-fields.ts';

/** What is known beyond the document: names of the workspace, what steps returned when it last ran. */
export interface WorkspaceNames {
  readonly vars: readonly string[];
  readonly secrets: readonly string[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What expressions saw in the last run. */
  readonly last?: Scope | undefined;
}

export interface Completion {
  readonly label: string;
  /** What is written; the label where it says nothing else. */
  readonly insert: string;
  readonly detail: string;
  readonly kind: 'name' | 'field' | 'function';
}
export interface Completions {
  /** The part of the text that a choice replaces. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly Completion[];
}

const field = (label: string, detail = ''): Completion => ({ label, insert: label, detail, kind: 'field' });
const name = (label: string, detail = ''): Completion => ({ label, insert: label, detail, kind: 'name' });
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const functions: readonly Completion[] = celFunctions
  .filter(({ isMethod }) => !isMethod)
  .map(({ name: label, types, help }) => ({
    label: `${label}()`,
    insert: `${label}(`,
    detail: help ?? types[0] ?? 'function',
    kind: 'function' as const,
  }));
const methods: readonly Completion[] = [
  ...new Set([...celFunctions.filter(({ isMethod }) => isMethod).map((one) => one.name), ...macros]),
].map((label) => ({ label: `${label}()`, insert: `${label}(`, detail: 'method', kind: 'function' as const }));

const inputDetail = (input: Input): string =>
  `${input.secret ? 'secret' : input.type}${input.required ? '' : ', may be null'}`;

function rootNames({ inputs, visible, hasHost, hasError, locals }: StaticScope): Completion[] {
  return [
    ...[...locals].map((local) => name(local, 'here')),
    name('inputs', `${inputs.length} ${inputs.length === 1 ? 'input' : 'inputs'}`),
    name('steps', `${visible.size} before this`),
    ...(hasHost ? [name('host', 'the server it runs on')] : []),
    ...(hasError ? [name('error', 'why it failed')] : []),
    name('vars', 'of the workspace'),
    name('secrets', 'of the workspace'),
    name('run', 'this run'),
  ];
}

function inputFields(path: readonly string[], inputs: readonly Input[]): Completion[] | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return inputs.map((input) => field(input.name, inputDetail(input)));
  const found = inputs.find((input) => input.name === first);
  return found?.type === 'object' && found.fields ? inputFields(rest, found.fields) : undefined;
}

function stepMembers(path: readonly string[], scope: StaticScope, names: WorkspaceNames): Completion[] | undefined {
  const [id, part, ...rest] = path;
  if (id === undefined)
    return [...scope.visible].flatMap((one) => {
      const step = scope.steps.get(one);
      return step ? [field(one, step.kind)] : [];
    });
  const kind: StepKind | undefined = scope.steps.get(id)?.kind;
  if (!kind) return undefined;
  if (part === undefined) return [...stepFields, ...(kind === 'playbook' ? ['run'] : [])].map((one) => field(one));
  if (part === 'output') return outputMembers(kind, scope, id, rest, names.outputs[id]);
  if (part === 'error') return errorFields.map((one) => field(one));
  return part === 'hosts' && rest.length === 1 ? hostResultFields.map((one) => field(one)) : undefined;
}

const sample = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return `last: ${text.length > 28 ? `${text.slice(0, 27)}…` : text}`;
};

function outputMembers(
  kind: StepKind,
  scope: StaticScope,
  id: string,
  rest: readonly string[],
  last: unknown,
): Completion[] | undefined {
  let value: unknown = last;
  for (const key of rest) value = isRecord(value) ? value[key] : undefined;
  const seen = isRecord(value) ? Object.entries(value).map(([key, part]) => field(key, sample(part))) : [];
  if (rest.length > 0) return seen.length > 0 ? seen : undefined;
  const step = scope.steps.get(id) as { step?: Record<string, unknown> } | undefined;
  const own = kind === 'set' && isRecord(step?.step?.['values']) ? Object.keys(step.step['values']) : [];
  const known = Object.entries(outputFields[kind] ?? {}).map(([key, detail]) => field(key, detail));
  const byName = new Map([...known, ...own.map((key) => field(key)), ...seen].map((item) => [item.label, item]));
  return byName.size > 0 ? [...byName.values()] : undefined;
}

/** What may be selected from a path of names; undefined where nothing is known of it. */
function membersOf(path: readonly string[], scope: StaticScope, names: WorkspaceNames): Completion[] | undefined {
  const [root = '', ...rest] = path;
  const [first] = rest;
  switch (root) {
    case 'inputs':
      return inputFields(rest, scope.inputs);
    case 'steps':
      return stepMembers(rest, scope, names);
    case 'run':
      if (first !== undefined) return rest.length === 1 ? runParts[first]?.map((part) => field(part)) : undefined;
      return [...runFields, ...(scope.hasRunEnd ? ['status', 'error'] : [])].map((part) => field(part));
    case 'host':
      return first === undefined && scope.hasHost ? hostFields.map((part) => field(part)) : undefined;
    case 'error':
      return first === undefined && scope.hasError ? errorFields.map((part) => field(part)) : undefined;
    case 'vars':
      return first === undefined ? names.vars.map((one) => field(one, 'variable')) : undefined;
    case 'secrets':
      return first === undefined ? names.secrets.map((one) => field(one, 'secret')) : undefined;
    default:
      return undefined;
  }
}

const pathBefore = /(?:^|[^\w."'\])])((?:[A-Za-z_]\w*)(?:\.\??[A-Za-z_]\w*|\[\??"[^"]*"\])*)\.\??(\w*)$/;

/** Whether a place in an expression is inside one of its strings. */
function isInString(before: string): boolean {
  let quote = '';
  for (let at = 0; at < before.length; at += 1) {
    const character = before[at] ?? '';
    if (quote && character === '\\') at += 1;
    else if (quote === character) quote = '';
    else if (!quote && (character === '"' || character === "'")) quote = character;
  }
  return quote !== '';
}

/** What may be written at a place in a bare expression. */
export function completeExpression(
  source: string,
  offset: number,
  scope: StaticScope,
  names: WorkspaceNames,
): Completions | null {
  const before = source.slice(0, offset);
  if (isInString(before)) return null;
  const selected = pathBefore.exec(before);
  const partial = selected?.[2] ?? /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
  const from = offset - partial.length;
  const to = offset + (/^\w*/.exec(source.slice(offset))?.[0].length ?? 0);
  const isAfterDot = /[.?]\s*$/.test(source.slice(0, from));
  if (/(?:^|[^\w])\d+\.?$/.test(source.slice(0, from))) return null;
  const path = selected?.[1]?.split(/\.\??|\[\??"|"\]\.?\??/).filter(Boolean) ?? [];
  const items = isAfterDot
    ? [...((selected && membersOf(path, scope, names)) ?? []), ...(isOpenName(path) ? methods : [])]
    : [...rootNames(scope), ...functions];
  const wanted = partial.toLowerCase();
  const fitting = items.filter(({ label }) => label.toLowerCase().includes(wanted) && label !== partial);
  const starts = (label: string) => label.toLowerCase().startsWith(wanted);
  return fitting.length === 0
    ? null
    : {
        from,
        to,
        items: [...fitting.filter(({ label }) => starts(label)), ...fitting.filter(({ label }) => !starts(label))],
      };
}

/** Below these names stand only fields; methods would be noise. */
const isOpenName = (path: readonly string[]): boolean =>
  !(['inputs', 'vars', 'secrets', 'run', 'host'].includes(path[0] ?? '') && path.length === 1) &&
  !(path[0] === 'steps' && path.length <= 2);

/** Where the expression begins and ends that holds a place of a text with templates; null outside of all. */
export function templateAround(text: string, offset: number): { from: number; to: number } | null {
  const open = text.lastIndexOf('${{', Math.max(0, offset - 3));
  if (open < 0 || offset < open + 3 || (open > 0 && text[open - 1] === '$')) return null;
  if (text.slice(open + 3, offset).includes('}}')) return null;
  const close = text.indexOf('}}', offset);
  const nextOpen = text.indexOf('${{', offset);
  const lineEnd = text.indexOf('\n', offset);
  const ends = [close, nextOpen, lineEnd].filter((at) => at >= 0);
  return { from: open + 3, to: close >= 0 && close === Math.min(...ends) ? close : offset };
}

/** The same in a text with templates: only between `${{` and `}}`. */
export function completeTemplate(
  text: string,
  offset: number,
  scope: StaticScope,
  names: WorkspaceNames,
): Completions | null {
  const around = templateAround(text, offset);
  if (!around) return null;
  const found = completeExpression(text.slice(around.from, around.to), offset - around.from, scope, names);
  return found && { ...found, from: found.from + around.from, to: found.to + around.from };
}
