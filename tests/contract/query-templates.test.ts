import { afterAll, expect, test } from 'vitest';
import { flattenSql } from '#contracts/queries/amc/flatten.ts';
import { bindParameters } from '#contracts/queries/amc/parameters.ts';
import { bindQuery, valuesOf } from '#contracts/queries/bind.ts';
import { declaredParameter } from '#contracts/queries/parameter-defs.ts';
import { resolveParameters } from '#contracts/queries/parameters.ts';
import type { QueryTemplate } from '#contracts/queries/templates/template.ts';
import { queryTemplates } from '#contracts/queries/templates/templates.ts';
import { startPlain } from '#simulators/amc/plain-client.ts';
import { unitCatalog } from '#simulators/sfmc/extensions.ts';
import { Scenario } from '#simulators/sfmc/scenario.ts';
import { makeWorld } from '#simulators/sfmc/seed.ts';
import { parseQuery } from '#simulators/sfmc/sql/parse.ts';
import { translateQuery } from '#simulators/sfmc/sql/translate.ts';
import { postgresWorld } from '#tests/kit/postgres-world.ts';

const of = (engine: QueryTemplate['engine']) => queryTemplates.filter((template) => template.engine === engine);

/** As a run that nobody gave a value to. */
function bound({ engine, sql, parameters }: QueryTemplate) {
  const declared = parameters.map(declaredParameter);
  const resolved = resolveParameters(declared, {}, { now: Date.now(), timeZone: 'UTC' });
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults));
  const query = bindQuery(engine, sql, declared, valuesOf(resolved.parameters));
  if (!query.ok) throw new Error(JSON.stringify(query.faults));
  return query.bound;
}

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
  const world = makeWorld(Scenario.parse({}), []);
  try {
    const found: Record<string, number> = {};
    for (const template of of('sfmc')) {
      const catalog = unitCatalog(world, 7_000_001);
      const translated = translateQuery(parseQuery(bound(template).sql), catalog);
      await catalog.prepare();
      found[template.id] = (await world.store.ask<unknown[]>({ op: 'all', sql: translated.sql, values: [] })).length;
    }
    expect(Object.entries(found).filter(([, rows]) => rows === 0)).toEqual([]);
  } finally {
    await world.stop();
  }
}, 60_000);

const amc = startPlain();
afterAll(async () => (await amc).simulator.stop());
test.each(of('amc'))('$id runs on the simulator of Amazon’s clean room', async (template) => {
  const client = await amc;
  const query = bound(template);
  const typed = bindParameters(query.sql, query.amcParameters, query.parameters);
  if (!typed.ok) throw new Error(JSON.stringify(typed.problems));
  const flat = flattenSql(query.sql);
  if (!flat.ok) throw new Error(flat.problem.code);
  const { inputParameters, parameterValues } = typed.bound;
  const [head = [], ...rows] = await client.rows(flat.flat.text, { parameterValues }, { inputParameters });
  expect(head.length).toBeGreaterThan(1);
  expect(rows.length).toBeGreaterThan(0);
});

test('those for PostgreSQL run on an empty database', async () => {
  const world = await postgresWorld();
  try {
    for (const template of of('postgres')) {
      const { sql, parameters } = bound(template);
      expect((await world.engine.validate({ sql, parameters })).isValid, template.id).toBe(true);
      const { fields } = await world.owner.query(sql, Object.values(parameters));
      expect(fields.length, template.id).toBeGreaterThan(1);
    }
  } finally {
    await world.close();
  }
}, 60_000);
