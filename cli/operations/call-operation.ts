import type { z } from 'zod';
import type { Client, Sent } from '../kit/client.ts';
import { type Made, download, exportOpener } from '../kit/download.ts';
import { UsageError } from '../kit/exits.ts';
import { bodyOfFile, mimeOf, readText } from '../kit/files.ts';
import { followStream } from '../kit/follow.ts';
import { tableOf } from '../kit/print-table.ts';
import { type Given, type Scanned, isSet, kebab, valueOf, valuesOf } from '../kit/scan-arguments.ts';
import { untilInterrupted } from '../kit/session.ts';
import { isTerminal, print, printJson, terminalWidth } from '../kit/terminal.ts';
import type { Field, OperationCommand } from './operation-command.ts';
import { partOf, readValue, readValues } from './schema-reader.ts';

/** `@FILE` stands for what is in the file, `@@` for an @. */
const textOf = async (given: string): Promise<string> =>
  given.startsWith('@@') ? given.slice(1) : given.startsWith('@') ? readText(given.slice(1)) : given;

type Bag = Record<string, unknown>;

/** What the options of one field make of its value. */
async function fieldValue(field: Field, given: readonly Given[]): Promise<unknown> {
  const { schema, root, name } = field;
  const whole = given.filter(({ parts }) => parts.length === 0);
  const texts = await Promise.all(whole.map(({ value }) => textOf(value)));
  let value: unknown;
  if (field.isMany) value = texts.length > 0 ? readValues(schema, root, texts, `--${name}`) : undefined;
  else if (texts[0] !== undefined) value = readValue(schema, root, texts[0], `--${name}`);
  for (const { parts, value: typed } of given) {
    if (parts.length === 0) continue;
    const label = `--${[name, ...parts].join('.')}`;
    let at: Bag = (value ??= {}) as Bag;
    let inner = schema;
    for (const [index, part] of parts.entries()) {
      const found = partOf(inner, root, part, label);
      inner = found.schema;
      if (index < parts.length - 1) at = (at[found.name] ??= {}) as Bag;
      else at[found.name] = readValue(inner, root, await textOf(typed), label);
    }
  }
  return value;
}

/** A query's values as they stand in an address. */
const queryValue = (given: readonly Given[]): string | undefined =>
  given.length === 0 ? undefined : given.map(({ value }) => value).join(',');

/** @throws UsageError that names the options at fault */
function mustFit(type: z.ZodType | undefined, value: unknown, { fields }: OperationCommand): void {
  const { error } = type?.safeParse(value) ?? {};
  if (!error) return;
  throw new UsageError(
    error.issues
      .map(({ path: [first, ...rest], message }) => {
        const option = fields.find(({ field }) => field === first)?.name;
        return `${option === undefined ? (first ? String(first) : 'The body') : `--${[option, ...rest.map(String)].join('.')}`}: ${message}`;
      })
      .join('\n  '),
  );
}

function paramsOf(command: OperationCommand, { words }: Scanned): Record<string, string> {
  const { params, name, def } = command;
  if (words.length > params.length)
    throw new UsageError(`${words[params.length]} is one argument too many. ${usageLine(command)}`);
  const missing = params[words.length];
  if (missing !== undefined) throw new UsageError(`${name} needs <${kebab(missing)}>. ${usageLine(command)}`);
  const given = Object.fromEntries(params.map((param, at) => [param, words[at] ?? '']));
  const { error } = def.params?.safeParse(given) ?? {};
  if (error)
    throw new UsageError(
      error.issues.map(({ path, message }) => `<${kebab(String(path[0]))}>: ${message}`).join('\n  '),
    );
  return given;
}

/** How a command is typed. */
export const usageLine = ({ name, params, fields }: Pick<OperationCommand, 'name' | 'params' | 'fields'>): string =>
  [
    `Usage: windlass ${name}`,
    ...params.map((param) => `<${kebab(param)}>`),
    ...fields.filter(({ isRequired }) => isRequired).map((field) => `--${field.name} …`),
    ...(fields.some(({ isRequired }) => !isRequired) ? ['[options]'] : []),
  ].join(' ');

async function bodyOf(command: OperationCommand, scanned: Scanned): Promise<Pick<Sent, 'body' | 'headers'>> {
  const { def, fields } = command;
  const file = valueOf(scanned, 'file');
  const ownFields = fields.filter(({ inBody, inQuery }) => inBody && !inQuery);
  if (file !== undefined) {
    const twice = ownFields.find(({ name }) => scanned.options.has(name));
    if (twice || scanned.options.has('data'))
      throw new UsageError(`--file is the whole body; --${twice?.name ?? 'data'} cannot be added.`);
    return {
      body: await bodyOfFile(file),
      headers: { 'content-type': valueOf(scanned, 'content-type') ?? mimeOf(file) },
    };
  }
  if (!def.body) {
    if (def.rawBody && def.method !== 'GET' && def.method !== 'OPTIONS')
      throw new UsageError(`The body is missing: --file PATH, or - for standard input.`);
    return {};
  }
  let body: unknown;
  const data = valueOf(scanned, 'data');
  if (data !== undefined) {
    try {
      body = JSON.parse(await textOf(data === '-' ? '@-' : data));
    } catch (error) {
      throw error instanceof UsageError ? error : new UsageError('--data is no JSON.');
    }
  }
  for (const field of fields.filter(({ inBody }) => inBody)) {
    const given = scanned.options.get(field.name);
    if (!given) continue;
    if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body)))
      throw new UsageError('--data is no object, so no field can be put on top.');
    const value = await fieldValue(field, given);
    body = { ...(body as Bag | undefined), [field.field]: value };
  }
  // A body that may be left out is; one that may not is told by what it lacks.
  if (body === undefined && !def.body.safeParse(undefined).success) body = {};
  mustFit(def.body, body, command);
  return body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

function headersOf(scanned: Scanned): Record<string, string> {
  const pairs = valuesOf(scanned, 'header').map((text): [string, string] => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new UsageError(`--header takes Name: value, not ${text}.`);
    return [name.toLowerCase(), value];
  });
  const version = valueOf(scanned, 'if-match');
  return {
    ...Object.fromEntries(pairs),
    ...(version !== undefined && { 'if-match': /^\d+$/.test(version) ? `"${version}"` : version }),
  };
}

/** Reads the command line of an operation into a call. @throws UsageError before anything is sent */
export async function prepareCall(command: OperationCommand, scanned: Scanned): Promise<Sent> {
  const params = paramsOf(command, scanned);
  const missing = command.fields.find(
    ({ isRequired, inQuery, name }) =>
      isRequired &&
      (inQuery || !scanned.options.has('data')) &&
      !scanned.options.has('file') &&
      !scanned.options.has(name),
  );
  if (missing) throw new UsageError(`--${missing.name} is missing. ${usageLine(command)}`);
  const query = Object.fromEntries(
    command.fields
      .filter(({ inQuery, name }) => inQuery && scanned.options.has(name))
      .map((field) => [field.field, queryValue(scanned.options.get(field.name) ?? [])]),
  );
  mustFit(command.def.query, query, command);
  const { body, headers } = await bodyOf(command, scanned);
  return {
    params,
    query,
    body,
    headers: { ...headers, ...headersOf(scanned) },
    idempotencyKey: valueOf(scanned, 'idempotency-key'),
  };
}

/** Makes the call of an operation and prints what it answers. */
export async function callOperation(
  client: Client,
  command: OperationCommand,
  sent: Sent,
  scanned: Scanned,
): Promise<void> {
  const { id, def } = command;
  await untilInterrupted(async (signal) => {
    const call = { ...sent, signal };
    if (def.stream === 'sse') {
      for await (const frame of followStream(client, id, call)) await print(`${JSON.stringify(frame)}\n`);
      return;
    }
    if (isSet(scanned, 'all')) return printAll(client, command, call);
    const isPart = Number(sent.query?.['from'] ?? 0) > 0 || Number(sent.query?.['fromByte'] ?? 0) > 0;
    if (id === 'exportQueryRows' && !isPart) {
      const given = sent.query?.['exportId'];
      const open = exportOpener(client, call, given === undefined ? undefined : String(given));
      return void (await download(await open(0), valueOf(scanned, 'out'), open));
    }
    const response = await client.send(id, call);
    if (def.stream === 'file') {
      const sum = /^"([0-9a-f]{64})"$/.exec(response.headers.get('etag') ?? '')?.[1];
      const made = async (): Promise<Made | null> =>
        sum !== undefined && id === 'downloadArtifact' ? { sha256: sum } : null;
      return void (await download({ response, made }, valueOf(scanned, 'out')));
    }
    if (response.status >= 300)
      return printJson({ status: response.status, location: response.headers.get('location') });
    if (def.stream === 'raw') return void (await download({ response }, valueOf(scanned, 'out')));
    const text = await response.text();
    if (text === '') return;
    await printAnswer(text, scanned);
  });
}

async function printAnswer(text: string, scanned: Scanned): Promise<void> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return print(text.endsWith('\n') ? text : `${text}\n`);
  }
  const things = Array.isArray(answer) ? answer : (answer as { data?: unknown } | null)?.data;
  if (!isTerminal() || isSet(scanned, 'json') || !Array.isArray(things)) return printJson(answer);
  if (things.length === 0) return print('Nothing.\n');
  await print(`${tableOf(things, terminalWidth())}\n`);
  if (nextOf(answer)) await print('There is more: --all\n');
}

interface PageAnswer {
  data?: unknown[];
  rows?: unknown[];
  cursor?: string | null;
  nextCursor?: string | null;
  pagination?: { nextCursor: string | null };
}
const nextOf = (answer: unknown): string | null => {
  const { pagination, nextCursor, cursor } = answer as PageAnswer;
  return pagination?.nextCursor ?? nextCursor ?? cursor ?? null;
};

/** Every page, one thing a line. */
async function printAll(client: Client, { id, fields }: OperationCommand, sent: Sent): Promise<void> {
  const cursorField = fields.some(({ field }) => field === 'cursor') ? 'cursor' : 'after';
  let query = sent.query ?? {};
  for (;;) {
    const answer = (await (await client.send(id, { ...sent, query })).json()) as PageAnswer;
    await print((answer.data ?? answer.rows ?? []).map((thing) => `${JSON.stringify(thing)}\n`).join(''));
    const next = nextOf(answer);
    if (next === null) return;
    const { offset: _offset, ...kept } = query; // a cursor says where by itself
    query = { ...kept, [cursorField]: next };
  }
}
