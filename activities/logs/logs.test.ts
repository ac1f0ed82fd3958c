import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncomingAlert } from '#contracts/alerts/incoming-alert.ts';
import type { LogEvent } from '#contracts/ingest/log-event.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { firstKeptDay } from '#db/logs/log-keeping.ts';
import { insertLogSearch, listLogSearches } from '#db/logs/log-searches.ts';
import { LogWriter } from '#db/logs/log-writer.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';
import { lookAtSearches } from './look-at-searches.ts';

let world: TriggerWorld;
let writer: LogWriter;
let other = '';
beforeAll(async () => {
  world = await triggerWorld();
  writer = new LogWriter({ url: world.database.appUrl });
  other = uuidv7();
  await world.sql(`insert into workspaces (id, slug, name) values ($1, 'other-logs', 'Other')`, [other]);
});
afterAll(async () => {
  await writer?.close();
  await world?.close();
});

const line = (text: string, at = Date.now()): LogEvent => ({ at, severity: 17, host: null, service: null, text, attributes: {}, traceId: null, spanId: null, key: null }); // prettier-ignore
const inWorkspace = <T>(workspaceId: string, work: Parameters<typeof inTenant<T>>[2]): Promise<T> =>
  inTenant(world.db, workspaceId, work);
const textsOf = async (workspaceId: string): Promise<string[]> =>
  (await world.sql('select text from log_events where workspace_id = $1 order by text', [workspaceId])).map(({ text }) => String(text)); // prettier-ignore

test('a quota keeps the newest days that fit it, and today in any case', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  const days = [['2026-11-21', 60], ['2026-11-20', 30], ['2026-11-19', 30]].map(([day, bytes]) => ({ day: String(day), events: 1, bytes: Number(bytes) })); // prettier-ignore
  const first = (keepDays: number, quotaBytes: number | null) =>
    firstKeptDay({ keepDays, quotaBytes, days, isHeld: false }, now);
  expect([first(2, null), first(14, 100), first(14, 10), first(14, 1_000), first(1, 1_000)]).toEqual([
    '2026-11-20',
    '2026-11-20',
    '2026-11-21',
    '2026-11-08',
    '2026-11-21',
  ]);
});

test('a saved search raises its alert at its threshold, again while it holds, and resolves it once; no line starts anything', async () => {
  const mark = `needle${Date.now()}`;
  const alert = { threshold: 3, withinMinutes: 5, severity: 'high' as const };
  const id = uuidv7();
  const by = { kind: 'system' as const, id: null, name: 'Test' };
  await inWorkspace(world.workspaceId, (tx) =>
    insertLogSearch(tx, id, { name: mark, search: `${mark} -quiet`, alert }, by),
  );
  const told: [string, IncomingAlert['status']][] = [];
  let now = Date.now();
  const pass = () =>
    lookAtSearches({
      system: world.system,
      inTenant: inWorkspace,
      acceptAlerts: async (_tx, _source, _name, alerts) => void told.push(...alerts.map(({ key, status }): [string, IncomingAlert['status']] => [key, status])), // prettier-ignore
      log: world.log,
      now: () => new Date(now),
    }).run();
  const step = (ms: number) => void (now += ms);
  step(5);
  await writer.write(world.workspaceId, null, [line(`${mark} 1`), line(`${mark} 2`), line(`${mark} quiet`)]);
  await writer.write(other, null, [line(`${mark} 3`), line(`${mark} 4`), line(`${mark} 5`)]);
  await pass();
  expect(told).toEqual([]);
  await writer.write(world.workspaceId, null, [line(`${mark} 3`)]);
  await pass(); // not due yet
  expect(told).toEqual([]);
  step(80_000);
  await Promise.all([pass(), pass()]);
  expect(told).toEqual([[`log-search/${id}`, 'firing']]);
  step(80_000);
  await pass();
  step(10 * 60_000);
  await pass();
  step(80_000);
  await pass();
  expect(told.map(([, status]) => status)).toEqual(['firing', 'firing', 'resolved']);
  const [search] = await inWorkspace(world.workspaceId, (tx) => listLogSearches(tx, id));
  expect(search).toMatchObject({ state: 'quiet', lastCount: 0 });
  expect(await world.sql('select 1 from runs where title = $1', [mark])).toEqual([]);
});

test('what is too much is refused before any of it is taken, and taken again when there is room', async () => {
  const small = new LogWriter({ url: world.database.appUrl, mostOfOne: 2_000, mostOfAll: 4_000, gatherMs: 60_000 });
  const many = Array.from({ length: 60 }, (_, n) => line(`full ${n}`));
  const first = small.write(world.workspaceId, null, many);
  await expect(small.write(world.workspaceId, null, many)).rejects.toMatchObject({ code: 'log.too_fast' });
  const second = small.write(other, null, many);
  await expect(small.write(uuidv7(), null, many)).rejects.toMatchObject({
    code: 'log.intake_full',
    facts: { retryAfter: 2 },
  });
  await small.close(); // writes what waits
  expect([(await first).stored, (await second).stored]).toEqual([60, 60]);
  expect((await textsOf(other)).filter((text) => text.startsWith('full')).length).toBe(60);
});
