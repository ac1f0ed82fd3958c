import pg from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
import { type ConsoleWorld, furnishConsole } from '#tests/kit/console-world.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let other: Chrome;
let world: ConsoleWorld;

beforeAll(async () => {
  [app, chrome, other] = await Promise.all([
    startTestApp({ withConsole: true, withHosts: false, withSweeps: false }),
    openBrowser(),
    openBrowser(),
  ]);
  world = await furnishConsole(app);
  const client = new pg.Client({ connectionString: app.database.superuserUrl });
  await client.connect();
  // Ended an hour ago and longer: far more than a screen shows, behind those that have just run.
  await client.query(
    `insert into runs (workspace_id, id, kind, shape, title, status, trigger, actor, strand, workflow_type, task_queue, created_at, started_at, ended_at)
     select $1, (lpad(to_hex((extract(epoch from t) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid,
       'playbook', 'job', 'Old run ' || n, case when n % 2 = 0 then 'failed' else 'succeeded' end, 'user',
       '{"kind":"user","id":null,"name":"Tomas Okafor"}', '[{"id":"a","status":"succeeded"}]', 'runPlaybook', 'main', t, t, t + interval '9 s'
     from generate_series(1, 200) n, lateral (select now() - interval '1 hour' - make_interval(mins => n)) as x (t)`,
    [app.workspaceId],
  );
  await client.end();
  await signIn(chrome.page, app.origin);
  await signIn(other.page, app.origin);
}, 240_000);
afterAll(async () => {
  await app?.close();
});

const row = (page: Page, title: string) => page.getByRole('row', { name: title, exact: true });
const keys = async (page: Page, ...pressed: string[]): Promise<void> => {
  for (const key of pressed) await page.keyboard.press(key);
};
const scrollOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector('[role=grid]')?.scrollTop ?? -1);
const scrollTo = async (page: Page, top: number): Promise<void> => {
  await page.evaluate((to) => document.querySelector('[role=grid]')?.scrollTo(0, to), top);
  await page.waitForFunction((to) => document.querySelector('[role=grid]')?.scrollTop === to, top);
};

/** What the page shows of its state: filters and searches, sort, tabs, open panels, and the first rows. */
const stateOf = async (page: Page): Promise<Record<string, unknown>> => {
  await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
  return page.evaluate(() => {
    const texts = (selector: string) =>
      [...document.querySelectorAll<HTMLElement>(selector)].map((node) => node.textContent?.trim() ?? '');
    return {
      address: location.pathname + location.search,
      searches: [...document.querySelectorAll<HTMLInputElement>('input[type=search], [data-page-search]')].map(
        ({ value }) => value,
      ),
      filters: texts('main [aria-haspopup=dialog]'),
      sorted: [...document.querySelectorAll('[aria-sort]')].map((node) => `${node.textContent} ${node.ariaSort}`),
      tabs: texts('[role=tab][aria-selected=true]'),
      panels: texts('[role=dialog] h2, aside h2'),
      rows: [...document.querySelectorAll('[role=row][data-index]')].slice(0, 5).map((node) => node.ariaLabel),
    };
  });
};
/** Asserts that a reload, and another browser that is given the address, show the same. */
async function isKept(page: Page): Promise<Record<string, unknown>> {
  const before = await stateOf(page);
  await page.reload();
  await page.locator('h1').first().waitFor();
  await eventually(() => stateOf(page)).toEqual(before);
  await other.page.goto(page.url());
  await other.page.locator('h1').first().waitFor();
  await eventually(() => stateOf(other.page)).toEqual(before);
  return before;
}

test('the first page asks this product alone, needs at most 200 kB of script, and no editor, chart or graph', async () => {
  const { page, context } = await openBrowser();
  await signIn(page, app.origin);
  const asked: URL[] = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  // Weighed as it came over the line, and nothing of it from what the browser keeps. The first page is what was asked for
  // before its figures came: the charts are fetched for them.
  const wire = await context.newCDPSession(page);
  await wire.send('Network.enable');
  await wire.send('Network.setCacheDisabled', { cacheDisabled: true });
  const scripts = new Map<string, { path: string; bytes: number }>();
  let isFirst = true;
  let document = '';
  wire.on('Network.requestWillBeSent', ({ requestId, request, type, loaderId }) => {
    if (type === 'Document') {
      isFirst = true;
      document = loaderId;
      scripts.clear(); // what the page before still asked for
    }
    const { pathname } = new URL(request.url);
    if (isFirst && pathname.endsWith('.js')) scripts.set(requestId, { path: pathname, bytes: 0 });
  });
  wire.on('Network.responseReceived', ({ response, loaderId }) => {
    if (loaderId === document && /^\/api\/v1\/(overview|runs\/trends)$/.test(new URL(response.url).pathname))
      isFirst = false;
  });
  wire.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    const script = scripts.get(requestId);
    if (script) script.bytes += encodedDataLength;
  });
  await page.goto(`${app.origin}${workspacePath}`);
  await page.getByTestId('overview.running').waitFor();
  const first = [...scripts.values()];
  const told = first.map(({ path, bytes }) => `${bytes} ${path}`).join('\n');
  const total = first.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(total, told).toBeGreaterThan(50_000);
  expect(total, told).toBeLessThanOrEqual(200_000);
  expect(asked.filter(({ origin }) => origin !== app.origin).map(String)).toEqual([]);
  const heavy = /monaco|editor\.|yaml|recharts|trend-charts|xyflow|step-graph|elk/i;
  expect(first.filter(({ path }) => heavy.test(path))).toEqual([]);
  // Not even later does the first page need an editor or a graph.
  expect(asked.filter(({ pathname }) => /monaco|editor\.|yaml|xyflow|step-graph|elk/i.test(pathname))).toEqual([]);
}, 60_000);

test('a list’s filters, sort, time range, search, tab and open panel are in its address: a reload and another browser show the same', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs');
  await page.getByRole('button', { name: /^Status/ }).click();
  await page.getByRole('checkbox', { name: 'Failed' }).click();
  await page.keyboard.press('Escape');
  await page
    .getByRole('button', { name: /^Started/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'last 4 h' }).click();
  await page.keyboard.press('Escape');
  await page.getByLabel('Search runs').fill('Old run');
  await row(page, 'Stop here').waitFor({ state: 'hidden' });
  await page.getByRole('columnheader', { name: 'Started' }).getByRole('button').click();
  await row(page, 'Old run 178').waitFor();
  await row(page, 'Old run 178').focus();
  await page.keyboard.press('Space');
  await page.getByRole('dialog', { name: 'Old run 178' }).waitFor();
  const runs = await isKept(page);
  expect(runs['searches']).toEqual(['Old run']);
  expect(runs['sorted']).toEqual(['Started ascending']);
  expect(runs['panels']).toEqual(['Old run 178']);

  await page.goto(`${app.origin}${workspacePath}/servers?tag=web&sel=${world.serverId}&tab=facts`);
  await page.getByTestId('servers.panel').waitFor();
  const servers = await isKept(page);
  expect(servers['rows']).toEqual(['web-1']);
  await openPage(page, app.origin, '/settings/members');
  await page.getByRole('tab', { name: /Roles/ }).click();
  expect((await isKept(page))['tabs']).toEqual([expect.stringContaining('Roles')]);
  await openPage(page, app.origin, '/settings/audit');
  await page.getByRole('row').nth(3).click();
  await page.waitForURL(/sel=/);
  await isKept(page);
}, 120_000);

test('Back undoes each last choice, panel, filter, tab and page, and returns to the place where the list was', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs');
  const place = 1_200;
  await row(page, 'Say it').first().waitFor();
  await scrollTo(page, place);
  const places = [await stateOf(page)];
  const choose = async (act: () => Promise<unknown>) => {
    const before = page.url();
    await act();
    await page.waitForURL((url) => url.href !== before);
    places.push(await stateOf(page));
  };
  await choose(async () => {
    await page.locator('[role=row][data-index="30"]').focus();
    await page.keyboard.press('Space');
  });
  await page.goBack();
  await eventually(() => stateOf(page)).toEqual(places[0]);
  await eventually(() => scrollOf(page)).toBe(place);

  // A run's page, and from there another one.
  await page.locator('[role=row][data-index="30"]').focus();
  const title = await page.locator('[role=row][data-index="30"]').getAttribute('aria-label');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: title ?? '' }).waitFor();
  await page.getByRole('tab', { name: 'Outputs' }).click();
  await page.waitForURL(/tab=outputs/);
  await page.getByRole('link', { name: 'Playbooks' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Playbooks' }).waitFor();
  await page.goBack();
  await page.getByRole('tab', { name: 'Outputs', selected: true }).waitFor();
  await page.goBack();
  await page.getByRole('tab', { name: 'Events', selected: true }).waitFor();
  await page.goBack();
  await row(page, title ?? '').waitFor();
  await eventually(() => scrollOf(page)).toBe(place);

  // A filter and a view; then back through both.
  await page.getByRole('tab', { name: 'Failed' }).click();
  await page.waitForURL(/view=failed/);
  await row(page, 'Stop here').waitFor();
  await page
    .getByRole('button', { name: /^Started/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'last hour' }).click();
  await page.waitForURL(/started=1h/);
  await page.keyboard.press('Escape');
  await page.goBack();
  await page.waitForURL((url) => !url.search.includes('started'));
  await page.goBack();
  await page.waitForURL((url) => url.search === '');
  await page.getByRole('tab', { name: 'All', exact: true, selected: true }).waitFor();
  await eventually(() => scrollOf(page)).toBe(place);
  expect(new URL(page.url()).search).toBe('');
}, 120_000);

test('the palette finds a run by its id, a playbook by its name and a command', async () => {
  const { page } = chrome;
  const steps = [{ id: 'say', kind: 'set', values: { word: 'hello' } }];
  const name = `Quite unused ${Math.random().toString(36).slice(2, 8)}`;
  const { id: unused } = await app.ok('POST', '/playbooks', { definition: { name, steps } });
  await openPage(page, app.origin, '/settings');
  const find = async (text: string, name: RegExp) => {
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByPlaceholder('Search or run a command').waitFor();
    await page.keyboard.type(text);
    await page.getByRole('option', { name, selected: true }).waitFor();
    await page.keyboard.press('Enter');
  };
  await find(world.failedId, /Stop here/);
  await page.waitForURL(new RegExp(`/runs/${world.failedId}`));
  await find(name.toLowerCase(), new RegExp(name));
  await page.waitForURL(new RegExp(`/playbooks/${unused}`));
  await openPage(page, app.origin, '/servers');
  await find('> add serv', /Add server/);
  await page.getByRole('dialog', { name: 'Add server' }).waitFor();
  expect(await page.getByPlaceholder('Search or run a command').count()).toBe(0);
}, 120_000);

test('keys go to each room, search, fold, open, select and close; the sheet lists those of the page; none acts in a field, nor once letters are switched off', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/account');
  // Letters may be off from an attempt before.
  await page.evaluate(() => localStorage.removeItem('wl.letters'));
  await openPage(page, app.origin, '/runs');
  const rooms = {
    o: 'Overview', p: 'Playbooks', a: 'Approvals', s: 'Servers', i: 'Incidents', c: 'Connections', k: 'Credentials', h: 'Schedules', w: 'Webhooks',
    t: 'Run triggers', ',': 'General', r: 'Runs',
  }; // prettier-ignore
  for (const [key, name] of Object.entries(rooms)) {
    await keys(page, 'g', key);
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    // Focus is on the title, so that a reader hears where it is.
    await page.locator('h1:focus').waitFor();
  }
  await row(page, 'Stop here').waitFor();
  const width = async () => (await page.getByRole('navigation', { name: 'Main' }).boundingBox())?.width ?? 0;
  const open = await width();
  await keys(page, '[');
  await eventually(width).toBeLessThan(open / 2);
  await keys(page, '[');
  await eventually(width).toBe(open);
  const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
  const before = await theme();
  await keys(page, 'ControlOrMeta+Shift+L');
  await eventually(theme).not.toBe(before);
  await keys(page, 'ControlOrMeta+Shift+L');

  await keys(page, '?');
  const sheet = page.getByRole('dialog', { name: 'Keys of this page' });
  for (const act of ['Search in this page', 'Into the list', 'Rerun', 'Select to here', 'Servers'])
    await sheet.getByText(act).first().waitFor();
  await keys(page, 'Escape');
  await sheet.waitFor({ state: 'hidden' });

  await keys(page, 'j');
  await page.locator('[data-index="0"]:focus').waitFor();
  await keys(page, 'ArrowDown');
  await page.locator('[data-index="1"]:focus').waitFor();
  await keys(page, 'k');
  await page.locator('[data-index="0"]:focus').waitFor();
  await keys(page, 'x');
  await page.getByText('1 selected').waitFor();
  await keys(page, 'ArrowDown');
  await page.locator('[data-index="1"]:focus').waitFor();
  await keys(page, 'ArrowDown');
  await page.locator('[data-index="2"]:focus').waitFor();
  await keys(page, 'Shift+X');
  await page.getByText('3 selected').waitFor();
  await keys(page, 'Escape');
  await page.getByText('3 selected').waitFor({ state: 'hidden' });
  await keys(page, 'Space');
  await page.getByRole('dialog').waitFor();
  await keys(page, 'Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.locator('[data-index="2"]:focus').waitFor(); // focus is back on the row that was peeked at

  await keys(page, '/');
  const search = page.getByLabel('Search runs');
  await eventually(() => search.evaluate((node) => node === document.activeElement)).toBe(true);
  await page.keyboard.type('grxc?[');
  expect(await search.inputValue()).toBe('grxc?[');
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(new URL(page.url()).pathname).toBe(`${workspacePath}/runs`);

  await openPage(page, app.origin, '/account');
  await page.getByRole('switch', { name: 'Keys of one letter' }).click();
  await openPage(page, app.origin, '/servers');
  await keys(page, 'c', 'g', 'r');
  await keys(page, 'ControlOrMeta+k');
  await page.getByPlaceholder('Search or run a command').waitFor();
  expect(await page.getByRole('dialog', { name: 'Add server' }).count()).toBe(0);
  expect(new URL(page.url()).pathname).toBe(`${workspacePath}/servers`);
}, 120_000);
