// The walk of somebody who has systems and questions: connect, write, run, look, take out, schedule, and find it again.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AmcSimulator, startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { quickScenario } from '#simulators/amc/plain-client.ts';
import { type SfmcSimulator, startSfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';
import { testDatabase } from '#tests/kit/test-database.ts';

const openBrowser = browserTests();
let made = 0;
let app: TestApp;
let chrome: Chrome;
let sfmc: SfmcSimulator;
let amc: AmcSimulator;
let shop: Awaited<ReturnType<typeof testDatabase>>;
let proxy: Awaited<ReturnType<typeof startTcpProxy>>;

beforeAll(async () => {
  [app, chrome, amc, shop] = await Promise.all([
    startTestApp({
      withConsole: true,
      withHosts: false,
      withQueries: true,
      environment: { TEMPORAL_UI_URL: 'http://127.0.0.1:9' },
    }),
    openBrowser({ hasMotion: true }),
    startAmcSimulator(quickScenario),
    testDatabase({ isEmpty: true }),
  ]);
  sfmc = await startSfmcSimulator({
    redirectUris: [`${app.origin}/api/v1/oauth/callback`],
    scenario: { knobs: { queueMs: [200, 200], runMs: [300, 300], statusLagMs: [0, 0], extensionLagMs: [0, 0], runningLagMs: [0, 0] } },
  });
  const url = new URL(shop.ownerUrl);
  // By a port of its own: that of the product's own database is refused, whatever a workspace allows.
  proxy = await startTcpProxy({ address: url.hostname, port: Number(url.port) });
  const client = new pg.Client({ connectionString: shop.ownerUrl });
  await client.connect();
  await client.query(
    `create table orders as select n as id, 'Oslo' as city, n * 2 as total from generate_series(1, 12000) n`,
  );
  await client.end();
  await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1', 'localhost'] });
  await signIn(chrome.page, app.origin);
}, 180_000); // prettier-ignore
afterAll(async () => {
  await Promise.all([sfmc?.stop(), amc?.stop(), proxy?.stop()]);
  await shop?.close();
  await app?.close();
});

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** Takes the text of the open query away and writes another. */
async function write(page: Page, sql: string): Promise<void> {
  await page.getByTestId('queries.editor').locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(sql);
}
/** Runs what is open, follows it to its end, and says the run's id. */
async function run(page: Page): Promise<string> {
  const before = await page.evaluate(
    () => document.querySelector('[data-testid="queries.status"]')?.getAttribute('data-run') ?? null,
  );
  await page.getByTestId('queries.editor').locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.waitForFunction((old) => {
    const line = document.querySelector('[data-testid="queries.status"]');
    return line && line.getAttribute('data-run') !== old && line.querySelector('[data-phase="Done"]');
  }, before);
  return (await page.getByTestId('queries.status').getAttribute('data-run')) ?? '';
}
/** Scrolls to the last of so many rows, once the grid counts them. */
async function scrollThrough(page: Page, count: number): Promise<void> {
  const grid = page.getByRole('grid');
  await eventually(() => grid.getAttribute('aria-rowcount')).toBe(String(count + 1));
  await grid.getByRole('gridcell').first().click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.locator(`[data-place="${count - 1}"]`).waitFor();
}
/** Takes the whole result as a file. */
async function save(page: Page, format: string): Promise<string> {
  // Without the picker of files the browser downloads, which is what a test can hold.
  await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    (async () => {
      await page.getByTestId('queries.run').getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: format }).click();
    })(),
  ]);
  return readFileSync(await download.path(), 'utf8');
}
async function openConsole(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Open the query console' }).or(button(page, 'Open the query console')).click();
  await page.getByTestId('queries.editor').waitFor();
}

test('Marketing Cloud: signed in by its own page, columns while typing, from queued to rows, all rows, a file, a schedule, and the history in Temporal Web', async () => {
  const { page } = chrome;
  const [ada] = sfmc.users;
  const attempt = (made += 1);
  await openPage(page, app.origin, '/connections/new');
  await button(page, /^Marketing Cloud/).click();
  await page.getByLabel(/^Name/).fill(`Northwind ${attempt}`);
  await page.getByLabel(/^Authentication base URI/).fill(sfmc.authUrl);
  await page.getByLabel(/^Client ID/).fill(sfmc.packages.web.clientId);
  await page.getByLabel(/^Client secret/).fill(sfmc.packages.web.clientSecret ?? '');
  await button(page, 'Continue').click();
  await button(page, 'Sign in at Marketing Cloud').click();
  await page.getByLabel('User name').fill(ada?.username ?? '');
  await page.getByLabel('Password').fill(ada?.password ?? '');
  await button(page, 'Sign in').click();
  await button(page, 'Allow').click();
  await page.getByRole('region', { name: 'business unit' }).getByRole('button', { name: 'Continue' }).click();
  await page.getByText(/^It answered in/).waitFor();
  await button(page, 'Continue').click();
  await openConsole(page);

  await page.getByRole('treeitem', { name: /^Data Extensions/ }).click();
  await page
    .getByRole('treeitem', { name: /^Members/ })
    .first()
    .waitFor();
  await write(page, 'SELECT m. FROM Members m');
  await page.keyboard.press('ControlOrMeta+Home');
  for (let step = 0; step < 'SELECT m.'.length; step += 1) await page.keyboard.press('ArrowRight');
  await page.keyboard.type('Ci');
  const offered = page.locator('.suggest-widget .monaco-list-row', { hasText: 'City' }).first();
  // Columns that come after the key are offered when one asks for them, as whoever waits does.
  const isOffered = async (): Promise<boolean> => {
    const isThere = await offered.isVisible();
    if (!isThere) await page.keyboard.press('Control+Space');
    return isThere;
  };
  await offered.waitFor({ timeout: 5_000 }).catch(() => undefined);
  await eventually(isOffered, { interval: 3_000 }).toBe(true);
  await page.keyboard.press('Escape');

  await write(page, 'SELECT SubscriberKey, City, Points FROM Members WHERE Points < {{ below: number }}');
  await page.getByTestId('queries.parameters').getByRole('textbox').fill('100000');
  const runId = await run(page);
  expect(await page.getByTestId('queries.status').locator('[data-phase]').evaluateAll((all) => all.map((one) => one.getAttribute('data-phase')))).toEqual(['Queued', 'Running', 'Fetching', 'Done']); // prettier-ignore
  await scrollThrough(page, 5_000);
  expect((await save(page, 'CSV')).trim().split('\n')).toHaveLength(5_001);

  await page.keyboard.press('ControlOrMeta+s');
  await page.getByRole('dialog').getByLabel(/^Name/).fill(`All members ${attempt}`);
  await button(page, 'Save query').click();
  await button(page, 'Schedule').click();
  const form = page.getByRole('dialog');
  await form.getByLabel(/^Name/).fill(`Members on weekdays ${attempt}`);
  await form.getByLabel(/^Cron/).fill('0 7 * * 1-5');
  await form.getByLabel(/^Time zone/).click();
  await page.getByPlaceholder('Type to find').fill('Oslo');
  await page.getByRole('option', { name: /Europe\/Oslo/ }).click();
  await form.getByText('07:00').first().waitFor();
  await form.getByRole('button', { name: /^(Make|Save|Create|Schedule)/ }).click();
  await eventually(async () => (await app.ok('GET', '/schedules')).data.map(({ cron, timeZone }: Record<string, unknown>) => [cron, timeZone])).toContainEqual([['0 7 * * 1-5'], 'Europe/Oslo']); // prettier-ignore

  await openPage(page, app.origin, `/runs/${runId}`);
  const link = page.getByRole('link', { name: 'Temporal Web' });
  expect(await link.getAttribute('href')).toMatch(new RegExp(`/temporal/namespaces/[^/]+/workflows/${runId}`));
  expect(chrome.complaints).toEqual([]);
}, 300_000);

test('the token ends, the service answers 429 and 500 and breaks off: the query still ends, and was started once', async () => {
  const { page } = chrome;
  const tell = (path: string, body: unknown) =>
    fetch(`${sfmc.origin}/admin/${path}`, { method: 'POST', body: JSON.stringify(body) });
  await openPage(page, app.origin, '/queries');
  await write(page, 'SELECT TOP 10 SubscriberKey FROM Members');
  await tell('tokens/expire', {});
  await tell('faults', [
    { kind: 'rate_limited', retryAfter: '1' },
    { kind: 'unavailable', at: 'Create', times: 1 },
    { kind: 'reset_after', at: 'start', times: 1 },
  ]);
  const before = Object.keys(await (await fetch(`${sfmc.origin}/admin/performs`)).json()).length;
  const runId = await run(page);
  const detail = await app.ok('GET', `/query-runs/${runId}`);
  expect(detail).toMatchObject({ status: 'succeeded', rowCount: 10 });
  const performs: Record<string, number> = await (await fetch(`${sfmc.origin}/admin/performs`)).json();
  expect(Object.keys(performs)).toHaveLength(before + 1);
  expect(Object.values(performs).every((times) => times === 1)).toBe(true);
}, 180_000);

test('Amazon Marketing Cloud: signed in by its own page, a parameter and a time window, rows', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/connections/new');
  await button(page, /^Amazon Marketing Cloud/).click();
  await page.getByLabel(/^Name/).fill(`Amazon ${(made += 1)}`);
  await page.getByLabel(/^Client ID/).fill(amc.clientId);
  await page.getByLabel(/^Client secret/).fill(amc.clientSecret);
  await page.getByText('Other addresses than Amazon’s').click();
  const { consent, token, ads, sellingPartner } = amc.regions.na;
  await page.getByLabel('Consent page').fill(consent);
  await page.getByLabel('Tokens').fill(token);
  await page.getByLabel('Ads API').fill(ads);
  await page.getByLabel('Selling Partner API').fill(sellingPartner);
  await button(page, 'Continue').click();
  await button(page, /^Sign in at Amazon/).click();
  await button(page, 'Allow').click();
  await page.getByRole('region', { name: 'instance' }).getByRole('button', { name: 'Continue' }).click();
  await page.getByText(/^It answered in/).waitFor();
  await button(page, 'Continue').click();
  await openConsole(page);
  await write(page, 'SELECT campaign, COUNT(*) AS n FROM dsp_impressions WHERE impressions >= {{ least: number }} GROUP BY campaign');
  await page.getByTestId('queries.parameters').getByRole('textbox').first().fill('0');
  await button(page, /^Time window/).click();
  await page.getByRole('dialog').or(page.locator('[data-radix-popper-content-wrapper]')).getByRole('button', { name: /30 days/ }).first().click();
  await page.keyboard.press('Escape');
  const runId = await run(page);
  const detail = await app.ok('GET', `/query-runs/${runId}`);
  expect(detail).toMatchObject({ status: 'succeeded', engine: 'amc', parameters: { least: 0 } });
  expect(detail.timeWindow.from).toContain('30d');
  await page.getByRole('grid').getByRole('gridcell').first().waitFor();
}, 180_000); // prettier-ignore

test('PostgreSQL: a form and nothing else, bound parameters, every row of a table', async () => {
  const { page } = chrome;
  const url = new URL(shop.ownerUrl);
  await openPage(page, app.origin, '/connections/new');
  await button(page, /^PostgreSQL/).click();
  await page.getByLabel(/^Name/).fill(`Shop ${(made += 1)}`);
  await page.getByLabel(/^Host/).fill(proxy.address);
  await page.getByLabel(/^Port/).fill(String(proxy.port));
  await page.getByLabel(/^Database/).fill(shop.name);
  await page.getByLabel(/^User/).fill(decodeURIComponent(url.username));
  await page.getByLabel(/^Password/).fill(decodeURIComponent(url.password));
  await page.getByLabel(/^Encryption/).click();
  await page.getByRole('option', { name: /^None/ }).click();
  await button(page, 'Continue').click();
  await page.getByText(/^It answered in/).waitFor();
  await button(page, 'Continue').click();
  await openConsole(page);
  await page.getByRole('treeitem', { name: /^public/ }).click();
  await page.getByRole('treeitem', { name: /^orders/ }).first().waitFor();
  await write(page, 'select id, city, total from orders where id <= {{ most: number }} order by id');
  await page.getByTestId('queries.parameters').getByRole('textbox').first().fill('12000');
  await run(page);
  await scrollThrough(page, 12_000);
  expect(
    (await save(page, 'JSON lines')).trim().split('\n').map((line) => JSON.parse(line).total).reduce((sum, total) => sum + Number(total), 0),
  ).toBe(12_000 * 12_001);
  expect(chrome.complaints).toEqual([]);
}, 180_000); // prettier-ignore
