import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DescribePage, SchemaObject } from '#contracts/queries/engine.ts';
import type { Schedule } from '#contracts/schedules/schedules.ts';
import { beginReading, endReading, keepObjects } from '#db/connections/schema-objects.ts';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { mid, type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';
import { until } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let world: QueryWorld;
let chrome: Chrome;

beforeAll(async () => {
  [world, chrome] = await Promise.all([queryWorld({ withConsole: true, withSweeps: false }), openBrowser()]);
  await world.app.ok('POST', '/channels', { kind: 'webhook', name: 'lake', url: 'http://127.0.0.1:9/rows' });
  await signIn(chrome.page, world.app.origin);
}, 180_000);
afterAll(() => world?.close());

/** What can be queried at Marketing Cloud, as the connection's workflow reads it, which no workflow does here. */
async function readObjects(): Promise<void> {
  const engine = world.sfmc.engine({ tokens: world.sfmc.tokensOf(Number(mid)), mid: Number(mid) });
  const of = { connectionId: world.connections.sfmc, unit: mid };
  const objects: SchemaObject[] = [];
  let cursor: string | null = null;
  do {
    const page: DescribePage = await engine.describe({ what: 'objects', cursor });
    objects.push(...page.objects);
    ({ cursor } = page);
  } while (cursor !== null);
  await world.app.parts.inTenant(world.app.workspaceId, async (tx) => {
    const readNo = await beginReading(tx, of);
    const changes = await keepObjects(tx, of, readNo, objects);
    await endReading(tx, of, { readNo, cut: null, changes, name: 'sfmc' });
  });
}
const queryOf = (sql: string): Promise<{ id: string; name: string }> =>
  world.app.ok('POST', '/queries', {
    name: `Audience ${Math.random().toString(36).slice(2, 8)}`,
    body: { engine: 'sfmc', sql, connectionId: world.connections.sfmc, unit: mid },
  });
const scheduleNamed = (name: string): Promise<Schedule> =>
  until(async () => {
    const { data } = await world.app.ok('GET', '/schedules');
    return data.find((one: Schedule) => one.name === name);
  });

test('a query is scheduled from the console with a delivery and an alert; both are shown, changed and removed', async () => {
  const { page } = chrome;
  const { id, name } = await queryOf('SELECT SubscriberKey, City FROM Members WHERE Points < 100');
  await openPage(page, world.app.origin, `/queries?open=${id}`);
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add delivery' }).click();
  await page.getByRole('menuitem', { name: 'Webhook' }).click();
  const webhook = dialog.getByRole('group', { name: 'Webhook' });
  await webhook.getByLabel(/^Channel/).click();
  await page.getByRole('option', { name: /lake/ }).click();
  await webhook.getByText('Posts the rows as JSON lines, signed, to #lake.').waitFor();
  await dialog.getByRole('button', { name: 'Add alert' }).click();
  await page.getByRole('menuitem', { name: 'It fails' }).click();
  await dialog.getByRole('button', { name: 'Make schedule' }).click();
  await dialog.waitFor({ state: 'detached' });
  const made = await scheduleNamed(name);
  expect(made.target).toMatchObject({
    after: { deliveries: [{ kind: 'webhook', format: 'ndjson' }], alerts: [{ when: { on: 'failure' } }] },
  });
  await openPage(page, world.app.origin, `/schedules?sel=${made.id}`);
  const detail = page.getByRole('dialog');
  await detail.getByText('Tells #lake when a run fails, or a time starts none.').waitFor();
  await detail.getByText('No run has taken rows there yet.').waitFor();
  await detail.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove It fails' }).click();
  await page.getByRole('button', { name: 'Save schedule' }).click();
  await page.getByText('Who hears of it').waitFor({ state: 'detached' });
  expect((await scheduleNamed(name)).target).toMatchObject({ after: { alerts: [] } });
}, 120_000);

test('into a data extension: fields are compared with what the query gives, and replacing what is in it needs a yes', async () => {
  const { page } = chrome;
  await readObjects();
  const { id, name } = await queryOf('SELECT SubscriberKey, City AS Tier FROM Members');
  await openPage(page, world.app.origin, `/queries?open=${id}`);
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add delivery' }).click();
  await page.getByRole('menuitem', { name: 'Data extension' }).click();
  const into = dialog.getByRole('group', { name: 'Data extension' });
  const choose = async (target: string): Promise<void> => {
    await into.getByRole('combobox', { name: /^Data extension/ }).click();
    await page.getByPlaceholder('Type to find').fill(target);
    await page.getByRole('option', { name: target }).click();
  };
  /** What stands in the comparison: column, field, and the verdict with its reason. */
  const compared = async (): Promise<string[][]> =>
    into
      .getByRole('region', { name: 'Fields', exact: true })
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText)));
  await choose('Empty Audience');
  await into.getByText('The result does not fit this data extension').waitFor();
  expect(await compared()).toEqual([
    ['SubscriberKey text(254)', 'SubscriberKey text(254) key', 'Fits'],
    ['–', 'EmailAddress email(254)', 'Empty\nLeft empty.'],
    ['Tier text(80)', '–', 'Does not fit\nThe data extension has no such field: its values would be lost.'],
  ]);
  await choose('Loyalty - Gold Tier');
  const yes = into.getByRole('checkbox', { name: 'Each run may replace what is in Loyalty - Gold Tier: 400 rows now' });
  await yes.waitFor();
  expect(await into.getByText('The result does not fit this data extension').count()).toBe(0);
  expect(await compared()).toEqual([
    ['SubscriberKey text(254)', 'SubscriberKey text(254) key', 'Fits'],
    ['Tier text(80)', 'Tier text(20)', 'By value\nFails where a value is longer than 20.'],
    ['–', 'Since timestamp', 'Empty\nLeft empty.'],
  ]);
  await dialog.getByRole('button', { name: 'Make schedule' }).click();
  await into.getByRole('alert').getByText('Say yes to replacing what is in it, or choose another way.').waitFor();
  await yes.check();
  await dialog.getByRole('button', { name: 'Make schedule' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect((await scheduleNamed(name)).target).toMatchObject({
    after: { deliveries: [{ kind: 'data_extension', key: 'loyalty-gold', mode: 'overwrite' }] },
  });
}, 120_000);

test('on a phone the form is as wide as the screen, and all of it can be reached', async () => {
  const { page } = chrome;
  await page.setViewportSize({ width: 390, height: 844 });
  const query = await queryOf('SELECT City FROM Members');
  const target = { kind: 'query', id: query.id, after: { alerts: [], deliveries: [] } };
  const made: Schedule = await world.app.ok('POST', '/schedules', { name: query.name, target, cron: '0 7 * * *' });
  await openPage(page, world.app.origin, `/schedules?edit=${made.id}`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add delivery' }).click();
  await page
    .getByRole('menuitem', { name: 'Mail' })
    .or(page.getByRole('menuitem', { name: 'Data extension' }))
    .last()
    .click();
  await dialog.getByLabel('Rows, at least').scrollIntoViewIfNeeded();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await page.setViewportSize({ width: 1280, height: 800 });
}, 60_000);
