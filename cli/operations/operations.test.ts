import { expect, test } from 'vitest';
import { z } from 'zod';
import type { RouteDef } from '#contracts/kit/route.ts';
import { routes } from '#contracts/routes.ts';
import { describeCommand, everyday } from '../everyday.ts';
import { kebab, scanArguments } from '../kit/scan-arguments.ts';
import { commonOptions } from '../kit/session.ts';
import { prepareCall } from './call-operation.ts';
import { findCommands } from './describe.ts';
import { commandNames, operationCommand } from './operation-command.ts';
import { readValue, schemaOf } from './schema-reader.ts';

const table = Object.entries(routes as Record<string, RouteDef>);

test('every operation of the table has a command of its own, but for the WebSocket', () => {
  const without = table.map(([id]) => id).filter((id) => ![...commandNames.values()].includes(id));
  expect(without).toEqual(['openSocket']);
  expect(commandNames.size).toBe(table.length - 1);
  expect(everyday.filter(({ name }) => commandNames.has(name))).toEqual([]);
});

test.each([...commandNames])('help of %s names its address, its arguments and each of its fields', (name, id) => {
  const { def, fields, params, general } = operationCommand(id);
  const help = describeCommand(name);
  expect(help).toContain(`${def.method} ${def.path} (${id})`);
  expect(help).toContain(def.summary);
  for (const param of params) expect(help).toContain(`<${kebab(param)}>`);
  const options = [...fields, ...general, ...commonOptions].map((option) => option.name);
  // One name, one meaning: no field is called as an option that stands beside it.
  expect(options).toEqual([...new Set(options)]);
  for (const option of options) expect(help).toMatch(new RegExp(`^ {2}--${option}(\\[\\.PART\\])? `, 'm'));
  expect(help).not.toContain('undefined');
});

test.each(everyday.map(({ name }) => name))('help of %s tells how it is typed', (name) => {
  expect(describeCommand(name)).toMatch(new RegExp(`^Usage: windlass ${name}\\b`));
});

test('commands are found by words of name, summary, path or permission', () => {
  expect(findCommands(['stored file', 'delete'])).toEqual(['delete-artifact  Delete a stored file']);
  expect(findCommands(['no such words at all'])).toEqual([]);
});

const id = '01890000-0000-7000-8000-000000000000';
const sentBy = (name: string, ...args: string[]) => {
  const command = operationCommand(commandNames.get(name) ?? '');
  return prepareCall(command, scanArguments(args, [...command.fields, ...command.general, ...commonOptions]));
};

test('a command line becomes the call that its schema asks for', async () => {
  expect(
    await sentBy('list-runs', '--status', 'failed', '--status=canceled', '--children', '--limit', '5'),
  ).toMatchObject({
    query: { status: 'failed,canceled', children: 'true', limit: '5' },
  });
  const run = await sentBy(
    'run-playbook',
    id,
    '--inputs.city',
    'Rome',
    '--inputs.deep.n',
    '3',
    '--dry-run',
    '--tags',
    'a',
    '--tags',
    'b',
  );
  expect([run.params, JSON.parse(String(run.body))]).toEqual([
    { id },
    { inputs: { city: 'Rome', deep: { n: 3 } }, dryRun: true, tags: ['a', 'b'] },
  ]);
  const saved = await sentBy(
    'create-query',
    '--name',
    'Q',
    '--body.engine',
    'postgres',
    '--body.sql',
    '@@home',
    '--body.connection-id',
    id,
  );
  expect(JSON.parse(String(saved.body))).toEqual({
    name: 'Q',
    body: { engine: 'postgres', sql: '@home', connectionId: id },
  });
  const channel = await sentBy('create-channel', '--kind', 'email', '--name', 'ops', '--recipients', 'a@example.org');
  expect(JSON.parse(String(channel.body))).toMatchObject({ kind: 'email', recipients: ['a@example.org'] });
  expect((await sentBy('cancel-run', id)).body).toBeUndefined();
  expect(await sentBy('update-query', id, '--name', 'N', '--if-match', '3', '--header', 'X-Why: tests')).toMatchObject({
    headers: { 'if-match': '"3"', 'x-why': 'tests', 'content-type': 'application/json' },
  });
  const mixed = await sentBy('update-query', id, '--data', '{"name":"A","tags":["x"]}', '--name', 'B');
  expect(JSON.parse(String(mixed.body))).toEqual({ name: 'B', tags: ['x'] });
});

test.each([
  [['get-run'], 'needs <id>'],
  [['get-run', id, 'extra'], 'one argument too many'],
  [['create-secret', '--name', 'x'], '--value is missing'],
  [['update-settings', '--concurrency', 'x'], '--concurrency takes whole number'],
  [['start-query-run', '--data', '{"connectionId":"x"}'], '--connection-id: '],
  [['create-schedule', '--name', 'x', '--target.knd', 'playbook'], 'Did you mean kind?'],
  [['list-runs', '--limit', '1000'], '--limit: '],
  [['list-runs', '--sort', 'sideways'], '--sort: '],
  [['tag-run', id, '--data', 'no json'], '--data is no JSON'],
  [['tag-run', id, '--data', '[]', '--title', 'x'], 'no object'],
  [['tag-run', id, '--title', 'x', '--file', 'y'], '--file is the whole body'],
  [['tag-run', id, '--tags', 'not a tag'], '--tags.0: '],
  [['run-playbook', id, '--dry-run=perhaps'], 'switch'],
  [['create-query', '--name', 'x', '--body.sqll', 'x'], 'Did you mean sql?'],
  [['invite', '--email', 'a@example.org', '--role', 'king'], '--role takes owner|admin|member|viewer, not king'],
])('%j is refused: %s', async ([name = '', ...args], words) => {
  await expect((async () => sentBy(name, ...args))()).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining(words),
  });
});

test('a value is read by what its schema allows', () => {
  const read = (type: z.ZodType, text: string): unknown => readValue(schemaOf(type), schemaOf(type), text, '--x');
  expect(read(z.number(), '1.5')).toBe(1.5);
  expect(read(z.string(), '15')).toBe('15');
  expect(read(z.union([z.string(), z.number()]), '15')).toBe(15);
  expect(read(z.union([z.string(), z.number()]), '015')).toBe('015');
  expect(read(z.string().nullable(), 'null')).toBe(null);
  expect(read(z.boolean().nullable(), 'false')).toBe(false);
  expect(read(z.enum(['a', 'b']), 'b')).toBe('b');
  expect(read(z.record(z.string(), z.unknown()), '{"a":[1]}')).toEqual({ a: [1] });
  expect(read(z.json(), '[1,"x"]')).toEqual([1, 'x']);
  expect(read(z.json(), 'plain words')).toBe('plain words');
  expect(() => read(z.int(), '1.5')).toThrow('--x takes whole number, not 1.5.');
  expect(() => read(z.record(z.string(), z.unknown()), '{')).toThrow('--x is no JSON.');
});
