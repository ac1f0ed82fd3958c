import { afterAll, expect, test } from 'vitest';
import { catalogOf } from '#contracts/queries/amc/catalog.ts';
import { HiddenShareMeter } from '#contracts/queries/amc/hidden-share.ts';
import { forecastPrivacy } from '#contracts/queries/amc/privacy.ts';
import type { Cell } from '#contracts/queries/engine.ts';
import { startAmcWorld } from '#tests/kit/amc-world.ts';
import { readSchema } from './data-sources.ts';
import { type AmcEngine, amcEngine } from './engine.ts';

const world = await startAmcWorld();
afterAll(() => world.stop());
const sql =
  'SELECT city_name, SUM(impressions) AS i, COUNT(DISTINCT user_id) AS users FROM dsp_impressions GROUP BY city_name';
const timeWindow = { type: 'ALL', timeZone: 'UTC' };
async function read(engine: AmcEngine, options: object) {
  const { ref } = await engine.start(world.asked(sql, { options: { timeWindow, ...options } }));
  await expect.poll(async () => (await engine.poll(ref)).state, { timeout: 20_000 }).toBe('succeeded');
  const rows: (readonly Cell[])[] = [];
  let header: readonly string[] = [];
  for await (const row of engine.stream(ref, (names) => (header = names))) rows.push(row);
  return { header, rows };
}

test('what privacy hides is foretold from the live schema, and measured to the number afterwards', async () => {
  const { tables } = await readSchema(world.client, world.instance);
  expect(forecastPrivacy(sql, catalogOf(tables))).toMatchObject({
    outlook: 'thin',
    usersNeeded: 100,
    coarserWithout: ['city_name'],
  });

  const sandbox = amcEngine({ client: world.client, instance: world.sandbox });
  const truth = await read(sandbox, { disableAggregationControls: true, hidden: 'left_out' });
  const sum = (rows: readonly (readonly Cell[])[]) => rows.reduce((total, row) => total + Number(row[1]), 0);
  const thin = truth.rows.filter((row) => Number(row[2]) < 100);

  const { header, rows } = await read(world.engine, {});
  const meter = new HiddenShareMeter(header, ['i']);
  for (const row of rows) meter.add(row);
  const [share] = meter.result().shares;
  expect([share?.total, share?.hidden]).toEqual([sum(truth.rows), sum(thin)]);
  expect(share?.share).toBeGreaterThan(0.1);

  const bare = await read(world.engine, { hidden: 'left_out' });
  expect(bare.header).toEqual(['city_name', 'i', 'users']);
  expect(sum(bare.rows)).toBe(sum(truth.rows) - sum(thin));
});
