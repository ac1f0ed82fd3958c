import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { triggerWorld, type TriggerWorld } from '#tests/kit/trigger-world.ts';
import { listIncidents } from './list-incidents.ts';

const count = 3_500;
let world: TriggerWorld;

beforeAll(async () => {
  world = await triggerWorld();
  await world.sql(`insert into workspaces (id, slug, name) values ('${uuidv7()}', 'neighbour', 'Neighbour')`);
  // Of each workspace: the older, the smaller its number; every 500th is of the shop, and severities take turns.
  await world.sql(`insert into incidents (workspace_id, id, number, key, title, severity, state, service, clocks, is_begun, created_by)
    select w.id, uuidv7(make_interval(secs => n - 10000)), n, 'INC-' || n, case when n % 500 = 0 then 'The shop is 100% down_' else 'Disk ' end || n,
      'sev' || (1 + n / 500 % 2), 'closed', w.slug, '{"respond":[],"resolve":[]}', true, '{"kind":"system","id":null,"name":"Test"}'
    from generate_series(1, ${count}) n, workspaces w`);
});
afterAll(() => world?.close());

const numbers = async (asked: object) => {
  const query = { limit: 50, ...asked } as Parameters<typeof listIncidents>[1];
  const { data, pagination } = await world.tx((tx) => listIncidents(tx, query, { me: null, now: Date.now() }));
  return { numbers: data.map(({ number }) => number), next: pagination.nextCursor };
};

test('a part of a title is found among old ones too, newest first, page by page, and never another workspace’s', async () => {
  const first = await numbers({ search: 'SHOP is', limit: 4 });
  expect(first.numbers).toEqual([3_500, 3_000, 2_500, 2_000]);
  const rest = await numbers({ search: 'shop is', limit: 4, cursor: first.next });
  expect(rest).toEqual({ numbers: [1_500, 1_000, 500], next: null });
});

test('with other filters it is narrowed by all of them', async () => {
  expect((await numbers({ search: 'shop', severity: ['sev2'] })).numbers).toEqual([3_500, 2_500, 1_500, 500]);
  expect((await numbers({ search: 'shop', service: 'neighbour' })).numbers).toEqual([]);
});

test('what a pattern would read as any sign is itself', async () => {
  expect((await numbers({ search: '100% down_5' })).numbers).toEqual([500]);
  expect((await numbers({ search: '1%0' })).numbers).toEqual([]);
  expect((await numbers({ search: 'disk 1_' })).numbers).toEqual([]);
});

test('a word that all hold is a page of the newest', async () => {
  expect((await numbers({ search: 'inc-', limit: 3 })).numbers).toEqual([3_500, 3_499, 3_498]);
});
