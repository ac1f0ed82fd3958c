import { afterAll, expect, test } from 'vitest';
import { declaredParameter } from '#contracts/queries/parameter-defs.ts';
import type { QueryTemplate } from '#contracts/queries/templates/template.ts';
import { queryTemplates } from '#contracts/queries/templates/templates.ts';
import { startPlain } from '#simulators/amc/plain-client.ts';
import { postgresWorld } from '#tests/kit/postgres-world.ts';
import { bound, linesOfCleanRoom, type ReadyQuery, rowsInUnit } from '#tests/kit/ready-queries.ts';

const of = (engine: QueryTemplate['engine']) => queryTemplates.filter((template) => template.engine === engine);

const ready = ({ id, engine, sql, parameters }: QueryTemplate): ReadyQuery => ({
  name: id,
  engine,
  sql,
  parameters: parameters.map(declaredParameter),
});

test('each template has a name of its own and says what it is good for', () => {
  expect(new Set(queryTemplates.map(({ id }) => id)).size).toBe(queryTemplates.length);
  expect(of('sfmc').length).toBeGreaterThanOrEqual(8);
  expect(of('amc').length).toBeGreaterThanOrEqual(8);
  expect(of('postgres').length).toBeGreaterThanOrEqual(4);
  for (const { title, why, sql } of queryTemplates) {
    expect(title.length).toBeGreaterThan(3);
    expect(why.length).toBeGreaterThan(30);
    expect(sql).toMatch(/^(select|with)\b/i);
  }
});

test('those for Marketing Cloud run on its simulator, in a business unit', async () => {
  const found = await rowsInUnit(of('sfmc').map(ready));
  expect(Object.entries(found).filter(([, rows]) => rows === 0)).toEqual([]);
}, 60_000);

const amc = startPlain();
afterAll(async () => (await amc).simulator.stop());
test.each(of('amc'))('$id runs on the simulator of Amazon’s clean room', async (template) => {
  const [head = [], ...rows] = await linesOfCleanRoom(await amc, ready(template));
  expect(head.length).toBeGreaterThan(1);
  expect(rows.length).toBeGreaterThan(0);
});

test('those for PostgreSQL run on an empty database', async () => {
  const world = await postgresWorld();
  try {
    for (const template of of('postgres')) {
      const { sql, parameters } = bound(ready(template));
      expect((await world.engine.validate({ sql, parameters })).isValid, template.id).toBe(true);
      const { fields } = await world.owner.query(sql, Object.values(parameters));
      expect(fields.length, template.id).toBeGreaterThan(1);
    }
  } finally {
    await world.close();
  }
}, 60_000);
