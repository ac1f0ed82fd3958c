import { afterAll, beforeAll, expect, test } from 'vitest';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { countLogs, type Read, searchLogs } from './search-logs.ts';

const lines = 100_000;
const nowMs = Date.now();
const window = { fromMs: nowMs - 300_000, toMs: nowMs + 1 };
let world: TriggerWorld;
const read: Read = (work) => world.tx(work);

beforeAll(async () => {
  world = await triggerWorld();
  await world.sql(`insert into log_events (workspace_id, at, severity, text, attributes)
    select workspace_id, to_timestamp(${nowMs / 1_000} - 299.0 * n / ${lines}), 9, 'GET /orders/' || n || ' 200 in 12 ms', '{}'
    from generate_series(1, ${lines}) as n, (select id as workspace_id from workspaces limit 1) as w`);
});
afterAll(() => world?.close());

test('Where there are more lines than the time allows to look at, each page looks further back than the one before, and what is asked for is found', async () => {
  const filter = { terms: [{ kind: 'text' as const, text: `orders/${lines} `, isNot: false }] };
  const looked = [nowMs + 1];
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await searchLogs(read, filter, { window, limit: 10, cursor, budgetMs: 0 });
    found.push(...page.data.map(({ text }) => text));
    expect(Date.parse(page.searchedFrom)).toBeLessThan(looked.at(-1) ?? 0);
    looked.push(Date.parse(page.searchedFrom));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(found).toEqual([`GET /orders/${lines} 200 in 12 ms`]);
  expect(looked.at(-1)).toBe(window.fromMs);
});

test('What could be counted in the time is told, and from when on it is', async () => {
  const all = await countLogs(read, { terms: [] }, { window, budgetMs: 60_000 });
  expect(all).toMatchObject({ total: lines, isPartial: false });
  const some = await countLogs(read, { terms: [] }, { window, budgetMs: 0 });
  expect(some).toMatchObject({ total: 20_000, isPartial: true });
  expect(Date.parse(some.countedFrom)).toBeLessThan(nowMs);
});
