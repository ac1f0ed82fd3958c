import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RouteDef } from '#contracts/kit/route.ts';
import { routes } from '#contracts/routes.ts';
import { startTestApp, type TestApp } from '../kit/test-app.ts';

interface Operation {
  operationId?: string;
  summary?: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: unknown;
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas?: Record<string, object> };
}

let app: TestApp;
let document: Document;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
  document = (await (await fetch(`${app.origin}/api/v1/openapi.json`)).json()) as Document;
});
afterAll(() => app?.close());

/** There only in the demo, which this is not. */
const { signInToDemo: _demo, ...usual } = routes;
const table = Object.entries(usual as Record<string, RouteDef>);
const operationOf = (def: RouteDef): Operation | undefined =>
  document.paths[`/api/v1${def.path.replace(/:(\w+)/g, '{$1}')}`]?.[def.method.toLowerCase()];

test('the document is OpenAPI 3.1 and every schema in it compiles as JSON Schema 2020-12', () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  let schemas = 0;
  for (const operations of Object.values(document.paths)) {
    for (const { responses } of Object.values(operations)) {
      for (const { content } of Object.values(responses)) {
        for (const { schema } of Object.values(content ?? {})) {
          ajv.compile({ ...schema, components: document.components });
          schemas++;
        }
      }
    }
  }
  expect(schemas).toBeGreaterThan(100);
});

test.each(table)('%s is in it, with its parameters, body, answer and sign-in', (operationId, def) => {
  const operation = operationOf(def);
  expect(operation).toMatchObject({ operationId, summary: def.summary });
  const named = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  expect(named.sort()).toEqual([...def.path.matchAll(/:(\w+)/g)].map(([, name]) => name).sort());
  expect(operation?.requestBody !== undefined).toBe(def.body !== undefined && !def.rawBody);
  const isPrinted =
    operation?.responses[String(def.status ?? 200)]?.content?.['application/json']?.schema !== undefined;
  expect(isPrinted || def.response === undefined || def.stream !== undefined).toBe(true);
  expect(operation?.security !== undefined).toBe(def.access !== 'public');
});

test('nothing else is in it', () => {
  const printed = Object.values(document.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(printed.toSorted()).toEqual(table.map(([operationId]) => operationId).toSorted());
});

test('answers fit the printed schemas themselves, refusals too', async () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const { id } = await app.ok('POST', '/playbooks', {
    definition: { name: 'One', steps: [{ id: 'a', kind: 'set', values: { x: 1 } }] },
  });
  const { runId } = await app.ok('POST', `/playbooks/${id}/runs`, {});
  await app.untilRun(runId);
  const asks: [string, string, unknown?][] = [
    ['GET', '/runs'],
    ['GET', `/runs/${runId}`],
    ['GET', `/runs/${runId}/events`],
    ['GET', `/runs/${runId}/logs`],
    ['GET', '/runs/counts'],
    ['GET', '/runs/histogram'],
    ['GET', '/overview'],
    ['GET', '/queues'],
    ['GET', '/playbooks'],
    ['GET', `/playbooks/${id}`],
    ['GET', `/playbooks/${id}/versions`],
    ['POST', `/playbooks/${id}/plan`, {}],
    ['POST', '/playbooks/validate', { yaml: 'name: x' }],
    ['GET', '/servers'],
    ['GET', '/credentials'],
    ['GET', '/settings'],
    ['GET', '/approvals'],
    ['GET', '/schedules'],
    ['GET', '/members'],
    ['GET', '/audit'],
    ['GET', '/setup'],
    ['GET', `/runs/${id}`],
    ['POST', '/servers', { name: '' }],
    ['PATCH', '/settings', { concurrency: -1 }],
  ];
  for (const [method, path, body] of asks) {
    const answer = await app.call(method, path, body);
    const route = table.find(
      ([, def]) => def.method === method && new RegExp(`^${def.path.replace(/:\w+/g, '[0-9a-f-]{36}')}$`).test(path),
    );
    expect(route, path).toBeDefined();
    const operation = route && operationOf(route[1]);
    const schema = (
      operation?.responses[String(answer.status)] ?? operation?.responses[`${Math.floor(answer.status / 100)}XX`]
    )?.content?.['application/json']?.schema;
    expect(
      schema,
      `${method} ${path} ${answer.status} ${Object.keys(operation?.responses ?? {}).join()}`,
    ).toBeDefined();
    const validate = ajv.compile({ ...schema, components: document.components });
    validate(answer.body);
    expect(validate.errors ?? [], `${method} ${path}`).toEqual([]);
  }
});
