import { utf8Length } from '../../bytes.ts';
import type { HostStep, Json, JsonObject, ScriptStep, SshStep, UploadStep } from '../../document.ts';
import { renderCommand, renderValue, usesHost } from '../../expressions/render.ts';
import { isSecretRef, isSecretText, type Scope } from '../../expressions/scope.ts';
import { limits } from '../../limits.ts';
import type { HostWork, RenderedSelection, ServerFacts } from '../effects.ts';
import { overLimit } from '../failures.ts';
import { at, Fields } from '../render.ts';

/** What each host is to do: the distinct works, and which one is whose. */
export interface RenderedWork {
  readonly work: readonly HostWork[];
  /** Index into `work` by host name. */
  readonly of: ReadonlyMap<string, number>;
}

/** The fields whose templates may use `host`. */
const hostFields = [
  'command',
  'args',
  'env',
  'stdin',
  'cwd',
  'shell',
  'to',
  'content',
  'artifact',
  'mode',
  'owner',
] as const;

/** Renders the step's fields, once a host where `host` is used, else once for all. */
export function renderWork(
  step: HostStep,
  pointer: string,
  hosts: readonly ServerFacts[],
  scopeFor: (host: ServerFacts) => Scope,
): RenderedWork {
  const fields = hostFields.map((name) => (step as unknown as JsonObject)[name] ?? null);
  const [first] = hosts;
  if (!first) return { work: [], of: new Map() };
  if (!usesHost(fields)) {
    const work = workOf(step, pointer, scopeFor(first));
    return { work: [work], of: new Map(hosts.map(({ name }) => [name, 0])) };
  }
  const work: HostWork[] = [];
  const indexes = new Map<string, number>();
  const of = new Map<string, number>();
  for (const host of hosts) {
    const made = workOf(step, pointer, scopeFor(host));
    const text = JSON.stringify(made);
    const index = indexes.get(text) ?? work.push(made) - 1;
    indexes.set(text, index);
    of.set(host.name, index);
  }
  return { work, of };
}

function workOf(step: HostStep, pointer: string, scope: Scope): HostWork {
  switch (step.kind) {
    case 'ssh':
      return sshWork(step, pointer, scope);
    case 'script':
      return scriptWork(step, pointer, scope);
    case 'upload':
      return uploadWork(step, pointer, scope);
  }
}

function sshWork(step: SshStep, pointer: string, scope: Scope): HostWork {
  const fields = new Fields(scope, pointer);
  const command = at(`${pointer}/command`, () => renderCommand(step.command, scope));
  const bytes = utf8Length(command);
  if (bytes > limits.commandBytes) throw overLimit('commandBytes', limits.commandBytes, bytes, `${pointer}/command`);
  return {
    kind: 'ssh',
    command,
    shell: fields.optionalText('shell', step.shell) ?? '/bin/sh',
    ...processFields(step, fields),
  };
}

function scriptWork(step: ScriptStep, pointer: string, scope: Scope): HostWork {
  const fields = new Fields(scope, pointer);
  const { interpreter = '/bin/sh', script } = step;
  return {
    kind: 'script',
    script,
    interpreter,
    args: argumentsOf(step, pointer, scope),
    ...processFields(step, fields),
  };
}

function uploadWork(step: UploadStep, pointer: string, scope: Scope): HostWork {
  const fields = new Fields(scope, pointer);
  return {
    kind: 'upload',
    to: fields.text('to', step.to),
    content: fields.optionalText('content', step.content),
    artifact: fields.optionalText('artifact', step.artifact),
    mode: fields.optionalText('mode', step.mode),
    owner: fields.optionalText('owner', step.owner),
    sudo: step.sudo ?? false,
    backup: fields.boolean('backup', step.backup, false),
  };
}

const processFields = (step: SshStep | ScriptStep, fields: Fields) => ({
  env: Object.fromEntries(
    Object.entries(fields.map('env', step.env, true)).map(([name, value]) => [name, textOf(value)]),
  ),
  stdin: step.stdin === undefined ? null : textOf(fields.value('stdin', step.stdin, true)),
  cwd: fields.optionalText('cwd', step.cwd),
  sudo: step.sudo ?? false,
  durable: fields.boolean('durable', step.durable, true),
});

/** One element is one argument; a list given by a template spreads. */
function argumentsOf({ args }: ScriptStep, pointer: string, scope: Scope): string[] {
  if (args === undefined) return [];
  if (typeof args === 'string') return new Fields(scope, pointer).list('args', args).map(wordOf);
  return args.flatMap((one, index) => {
    const value = at(`${pointer}/args/${index}`, () => renderValue(one, scope));
    return Array.isArray(value) ? (value as readonly Json[]).map(wordOf) : [wordOf(value)];
  });
}

/** A value as one word of text: strings as they are, null as nothing, lists and maps as compact JSON. */
const wordOf = (value: Json): string =>
  typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);

/** The same for values that may be, or hold, secrets: those stay references. */
const textOf = (value: Json): Json => (isSecretRef(value) || isSecretText(value) ? value : wordOf(value));

/** What the console and the plan show of a host's work. */
export function shownText(work: HostWork): string {
  switch (work.kind) {
    case 'ssh':
      return work.command;
    case 'script':
      return [work.interpreter, 'script', ...work.args.map((arg) => JSON.stringify(arg))].join(' ');
    case 'upload':
      return work.to;
  }
}

/** The selection of a step with its templates rendered. */
export function renderSelection({ hosts }: HostStep, pointer: string, scope: Scope): RenderedSelection {
  const fields = new Fields(scope, `${pointer}/hosts`);
  const { names, from, tags, anyTags, notTags, notNames, order } = hosts;
  const given = { names, from, tags, anyTags, notTags, notNames };
  const rendered = Object.entries(given).flatMap(([name, value]) => {
    const texts = fields.texts(name, value as Json | undefined);
    return texts === undefined ? [] : [[name, texts] as const];
  });
  return { ...Object.fromEntries(rendered), ...(order === undefined ? {} : { order }) };
}
