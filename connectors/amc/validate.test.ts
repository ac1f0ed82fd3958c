import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogOf } from '#contracts/queries/amc/catalog.ts';
import { type AmcWorld, startAmcWorld } from '#tests/kit/amc-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { readSchema, schemaTag } from './data-sources.ts';
import { amcEngine } from './engine.ts';

let world: AmcWorld;
beforeAll(async () => {
  world = await startAmcWorld();
});
afterAll(() => world.stop());

test('what the service refuses is shown at the line and column that the user wrote', async () => {
  const sql = [
    '-- first line',
    'SELECT',
    "  campaign, /* a comment, 'with quotes' */",
    '\tcampagne,',
    '  COUNT(*) AS c',
    "FROM dsp_impressions WHERE advertiser = 'it''s -- no comment'",
    'GROUP BY 1, 2;',
  ].join('\r\n');
  const verdict = await world.engine.validate({ sql });
  expect(verdict).toMatchObject({ isValid: false, remarks: [{ severity: 'error', position: { line: 4, column: 2 } }] });
  expect(verdict.remarks[0]?.message).toBe(
    "From line 4, column 2 to line 4, column 9: Column 'campagne' not found in any table",
  );
  expect(await failureOf(world.engine.start(world.asked(sql)))).toMatchObject({
    kind: 'syntax',
    retryable: false,
    position: { line: 4, column: 2 },
  });
});

test('a place after a parameter is the user’s place too', async () => {
  const sql =
    'SELECT advertiser, COUNT(*) AS c\nFROM dsp_clicks\nWHERE campaign <> {{ not_this }} AND foo = 1 GROUP BY 1';
  const verdict = await world.engine.validate({ sql, parameters: { not_this: 'x' } });
  expect(verdict.remarks).toMatchObject([{ position: { line: 3, column: 38 } }]);
});

test.each([
  [
    'a line break in a string',
    "SELECT COUNT(*) AS c FROM dsp_clicks\nWHERE campaign = 'a\nb'",
    { line: 2, column: 20 },
  ],
  ['two statements', 'SELECT 1;\n SELECT 2', { line: 2, column: 2 }],
  ['a comment without end', 'SELECT 1\n/* oh', { line: 2, column: 1 }],
])('%s is refused before anything is sent', async (_, sql, position) => {
  const before = world.simulator.world.requests.length;
  expect(await world.engine.validate({ sql })).toMatchObject({ isValid: false, remarks: [{ position }] });
  expect(world.simulator.world.requests.length).toBe(before);
});

test('a good query is valid by a dry run, which leaves nothing on the list; its columns are told where the schema is known', async () => {
  const { tables } = await readSchema(world.client, world.instance);
  const engine = amcEngine({ client: world.client, instance: world.instance, catalog: async () => catalogOf(tables) });
  const verdict = await engine.validate({
    sql: 'SELECT campaign, new_to_brand, SUM(combined_sales) AS sales FROM conversions_with_relevance GROUP BY 1, 2',
  });
  expect(verdict).toMatchObject({ isValid: true, remarks: [] });
  expect(verdict.columns?.map(({ name, type }) => [name, type])).toEqual([
    ['campaign', 'text'],
    ['new_to_brand', 'boolean'],
    ['sales', 'decimal'],
    ['windlass_filtered', 'boolean'],
    ['windlass_users', 'integer'],
    ['windlass_filter_reason', 'text'],
  ]);
  expect(world.simulator.assets().openExecutions).toEqual([]);
});

test('with the schema a verdict warns, at the user’s own line, of what will be hidden, what counts twice and what is not kept', async () => {
  const { tables } = await readSchema(world.client, world.instance);
  const engine = amcEngine({
    client: world.client,
    instance: world.instance,
    catalog: async () => catalogOf(tables),
    now: () => Date.parse('2026-05-20T00:00:00Z'),
  });
  const sql = `-- cities
SELECT a.city_name, SUM(a.impressions) AS i
FROM dsp_impressions a
JOIN dsp_clicks b ON a.user_id = b.user_id
GROUP BY 1`;
  const timeWindow = { type: 'EXPLICIT', start: '2025-01-01T00:00:00', end: '2026-05-01T00:00:00', timeZone: 'UTC' };
  const verdict = await engine.validate({ sql, options: { timeWindow } });
  expect(verdict).toMatchObject({ isValid: true, columns: [{ name: 'city_name' }, { name: 'i' }, {}, {}, {}] });
  expect(verdict.remarks).toEqual([
    {
      severity: 'warning',
      message: 'Rows of fewer than 100 users are hidden on account of city_name.',
      position: { line: 2, column: 8 },
    },
    { severity: 'warning', message: expect.stringContaining('of the same person'), position: { line: 4, column: 22 } },
    { severity: 'warning', message: expect.stringContaining('longer than 13 months'), position: null },
  ]);
});

test('a dry run that is turned away for overlap is no verdict on the query', async () => {
  world.outcome({
    status: 'REJECTED',
    reason:
      'Execution "x" of workflow "y" could not be run because too many workflows have already been run against the same input data sources in the same or overlapping time windows.',
  });
  expect((await world.engine.validate({ sql: 'SELECT COUNT(*) AS c FROM dsp_clicks' })).isValid).toBeNull();
  world.outcome({ status: 'FAILED', reason: "From line 1, column 8 to line 1, column 12: Object 'x' not found" });
  expect(await world.engine.validate({ sql: 'SELECT\nCOUNT(*) AS c FROM dsp_clicks' })).toMatchObject({
    isValid: false,
    remarks: [{ position: { line: 2, column: 1 } }],
  });
});

test('parameters are bound, never pasted: text, number, truth and lists', async () => {
  const sql = `SELECT advertiser, COUNT(*) AS c FROM dsp_impressions
    WHERE ARRAY_CONTAINS({{ names }}, advertiser) AND impressions >= {{least}} AND campaign <> {{ not_this }} GROUP BY 1`;
  const asked = world.asked(sql, { parameters: { names: ['Aurora Home'], least: 1, not_this: "x' OR 1=1 --" } });
  const done = await world.ended((await world.engine.start(asked)).ref);
  const { rows } = await world.engine.page({ ref: done.ref, columns: [], cursor: null, limit: 10 });
  expect(rows.map(([name]) => name)).toEqual(['Aurora Home']);
  expect(
    await failureOf(world.engine.start(world.asked(sql, { parameters: { names: ['x'], least: 1 } }))),
  ).toMatchObject({ kind: 'syntax', code: 'parameter_missing' });
});

test('a window with a zone reaches the service as it was written', async () => {
  const count = async (timeWindow: object) => {
    const done = await world.ended(
      (
        await world.engine.start(
          world.asked('SELECT SUM(impressions) AS i FROM dsp_impressions', { options: { timeWindow } }),
        )
      ).ref,
    );
    return Number((await world.engine.page({ ref: done.ref, columns: [], cursor: null, limit: 1 })).rows[0]?.[0]);
  };
  const tokyo = await count({
    type: 'EXPLICIT',
    start: '2026-05-01T00:00:00',
    end: '2026-05-11T00:00:00',
    timeZone: 'Asia/Tokyo',
  });
  const utc = await count({
    type: 'EXPLICIT',
    start: '2026-04-30T15:00:00',
    end: '2026-05-10T15:00:00',
    timeZone: 'UTC',
  });
  expect(tokyo).toBe(utc);
  expect(tokyo).toBeGreaterThan(100);
});

test('the schema comes whole over its pages, and its tag changes exactly when it does', async () => {
  const first = await readSchema(world.client, world.instance);
  expect(first.tables.length).toBeGreaterThan(40);
  expect((await readSchema(world.client, world.instance)).etag).toBe(first.etag);
  expect(schemaTag(first.tables.toReversed())).toBe(first.etag);
  world.turn({ tellsSensitivity: false });
  const bare = await readSchema(world.client, world.instance);
  expect(bare.etag).not.toBe(first.etag);
  expect(bare.tables[0]?.columns[0]?.sensitivity).toBeNull();
  world.turn({ tellsSensitivity: true });
});

test('describe tells instances, tables page by page, and one table alone', async () => {
  const units = await world.engine.describe({ what: 'units', cursor: null });
  expect(units.objects.map(({ id }) => id)).toEqual(['amcsim0001', 'amcsim0002', 'amcsim0003']);
  const names: string[] = [];
  for (let cursor: string | null = null; ;) {
    const page = await world.engine.describe({ what: 'objects', cursor });
    names.push(...page.objects.map(({ name }) => name));
    if ((cursor = page.cursor) === null) break;
  }
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('dsp_impressions');
  const one = await world.engine.describe({ what: 'columns', of: 'conversions', cursor: null });
  expect(one.objects[0]?.columns?.find(({ name }) => name === 'new_to_brand')).toMatchObject({
    type: 'boolean',
    details: { sensitivity: 'LOW', kind: 'DIMENSION' },
  });
});
