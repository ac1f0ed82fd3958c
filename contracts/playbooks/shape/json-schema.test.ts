/* oxlint-disable unicorn/no-thenable -- `then` is a field of the language */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { playbookJsonSchema } from './json-schema.ts';
import { playbookReference } from './reference.ts';
import { fieldsOfKind, kinds } from './steps.ts';

interface Case {
  readonly name: string;
  readonly definition?: unknown;
  readonly expect: { readonly valid: boolean; readonly errors?: readonly { readonly code: string }[] };
}

const folder = new URL('../vectors/', import.meta.url);
const cases = readdirSync(folder).flatMap(
  (file) => parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Case[],
);
const schema = z.fromJSONSchema(playbookJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);

test('every valid document of the vectors fits the JSON Schema', () => {
  const valid = cases.filter(({ definition, expect }) => definition !== undefined && expect.valid);
  expect(valid.length).toBeGreaterThan(40);
  for (const { name, definition } of valid) expect(schema.safeParse(definition).error?.message, name).toBeUndefined();
});

test('documents of a wrong shape do not fit it', () => {
  const steps = [{ id: 'a', kind: 'set', values: {} }];
  for (const wrong of [
    {},
    { name: 'X', steps: [] },
    { name: 'X', stepz: steps, steps },
    { name: 'X', steps: [{ id: 'a', kind: 'shell' }] },
    { name: 'X', steps: [{ id: 'a', kind: 'ssh', hosts: {}, command: 'x', timout: '5s' }] },
    { name: 'X', steps: [{ id: 'a', kind: 'ssh', hosts: {}, command: 'x', parallel: 'many' }] },
    { name: 'X', steps: [{ id: 'a', kind: 'if', condition: 'true', then: [{ id: 'b', kind: 'set' }] }] },
    { name: 'X', inputs: [{ name: 'a', type: 'choice' }], steps },
  ]) {
    expect(schema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  }
});

test('the reference names every kind and each of its fields', () => {
  const reference = playbookReference();
  for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
    expect(reference).toContain(`### ${kind}`);
    for (const name of Object.keys(fieldsOfKind(kind))) expect(reference, `${kind}.${name}`).toContain(`\`${name}\``);
  }
});
