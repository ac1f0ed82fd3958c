// What stands around every page: the bell, the palette, the sheet of keys, the workspaces, and the queues' own page.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
import { goInMenu } from '#tests/kit/menus.ts';
import { startTestApp, type TestApp, testOwner, until } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let page: Page;
const books: Record<'fail' | 'ask' | 'quick', string> = { fail: '', ask: '', quick: '' };

beforeAll(async () => {
  [app, chrome] = await Promise.all([
    startTestApp({ withConsole: true, withHosts: false }),
    openBrowser({ hasMotion: true }),
  ]);
  page = chrome.page;
  const book = async (name: string, step: object): Promise<string> =>
    (await app.ok('POST', '/playbooks', { definition: { name, steps: [{ id: 'a', ...step }] } })).id;
  books.fail = await book('Stop here', { kind: 'fail', message: 'There is no more to do.' });
  books.ask = await book('Ask first', { kind: 'approve', roles: ['owner'], message: 'Shall it go on?' });
  books.quick = await book('Say it', { kind: 'set', values: { word: 'hello' } });
  await app.ok('POST', '/servers', { name: 'web-1', host: '192.0.2.1' });
  await app.ok('POST', '/credentials', { name: 'deployer', kind: 'password', username: 'u', password: 'p4ssw0rd!' });
  const target = { kind: 'playbook', id: books.quick };
  await app.ok('POST', '/schedules', { name: 'Each night', target, cron: '15 3 * * *', timeZone: 'UTC' });
  await signIn(page, app.origin);
}, 180_000);
afterAll(() => app?.close());

const asOwner = () => ({ token: app.owner.token, workspace: app.workspaceId });
const start = async (which: keyof typeof books): Promise<string> =>
  (await app.ok('POST', `/playbooks/${books[which]}/runs`, {}, asOwner())).runId;
const unseen = (count: number) => page.locator(`[data-testid="shell.bell"][data-unseen="${count}"]`).waitFor();
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

test('the bell counts what happened without a reload, and its panel is read, followed and marked by keys alone', async () => {
  await openPage(page, app.origin, '/servers');
  await unseen(0);
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  const panel = page.getByTestId('shell.notices');
  await panel.getByText('Nothing new.').waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  const failed = await start('fail');
  const asking = await start('ask');
  await unseen(2);
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await panel.getByText('Ask first waits for your approval').waitFor();
  expect(await panel.getByRole('link').allTextContents()).toEqual([
    expect.stringMatching(/^Ask first waits/),
    expect.stringMatching(/^Stop here failed/),
  ]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/runs/${failed}`);
  await panel.waitFor({ state: 'detached' });
  await heading('Stop here');
  await page.getByTestId('shell.bell').focus();
  await page.keyboard.press('Enter');
  await panel.getByRole('button', { name: 'Mark all as read' }).focus();
  await page.keyboard.press('Enter');
  await unseen(0);
  await panel.locator('[data-new=true]').first().waitFor({ state: 'detached' });
  // What waits stays, until somebody has decided.
  await panel.getByText('Ask first waits for your approval').waitFor();
  await page.keyboard.press('Escape');
  await app.ok('POST', `/runs/${asking}/cancel`, {}, asOwner());
  await app.untilRun(asking);
}, 90_000);

test('the palette opens everywhere, finds things of every kind and commands, and gives the focus back', async () => {
  const run = await start('quick');
  await app.untilRun(run);
  for (const path of ['', '/runs', '/playbooks', '/approvals', '/servers', '/schedules', '/settings', '/account']) {
    await openPage(page, app.origin, path);
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search or run a command').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await openPage(page, app.origin, '/playbooks');
  const search = page.getByRole('searchbox');
  await search.focus();
  const input = page.getByPlaceholder('Search or run a command');
  const found: Array<[text: string, option: string | RegExp]> = [
    [run, /Say it/],
    ['stop here', /^Stop here$/],
    ['deployer', /^deployer/],
    ['web-1', /^web-1/],
    ['each night', /^Each night/],
    [testOwner.email, new RegExp(testOwner.name)],
    ['queues', 'Settings: Queues'],
    ['invite', 'Invite a member'],
    ['new api', 'New API key'],
    ['dark', /^Light or dark/],
    ['sign out', 'Sign out'],
  ];
  await page.keyboard.press('Control+k');
  for (const [text, option] of found) {
    await input.fill(text);
    await page.getByRole('option', { name: option }).first().waitFor();
  }
  await input.fill('no such thing at all');
  await page.getByText('Nothing fits').waitFor();
  await page.keyboard.press('Escape');
  await input.waitFor({ state: 'detached' });
  await until(() => search.evaluate((node) => node === document.activeElement));
  await page.keyboard.press('Control+k');
  await input.fill('new run trigger');
  await page.getByRole('option', { name: 'New run trigger' }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/run-triggers?edit=new');
  await page.getByRole('dialog').getByRole('textbox').first().waitFor();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('the sheet of keys names what works on this page and no more, and each goes where it says', async () => {
  await openPage(page, app.origin, '/account');
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keys of this page' });
  await sheet.waitFor();
  const keys = () =>
    sheet.locator('[data-keys]').evaluateAll((all) => all.map((node) => node.getAttribute('data-keys')));
  expect(await keys()).not.toEqual(expect.arrayContaining(['/']));
  await page.keyboard.press('Escape');
  await openPage(page, app.origin, '/playbooks');
  await page.getByRole('row', { name: /Say it/ }).waitFor();
  await page.keyboard.press('?');
  await sheet.waitFor();
  expect(await keys()).toEqual(
    expect.arrayContaining(['c', 'j', 'k', 'enter', '/', '?', '[', 'mod+k', 'mod+shift+l', 'g n', 'g r', 'g ,']),
  );
  expect(await keys()).not.toContain('z');
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });

  const ways: Array<[key: string, title: string | RegExp]> = [
    ['o', /Overview/], ['r', 'Runs'], ['p', 'Playbooks'], ['a', 'Approvals'], ['s', 'Servers'], ['i', 'Incidents'], ['c', 'Connections'], ['k', 'Credentials'],
    ['h', 'Schedules'], ['w', 'Webhooks'], ['t', 'Run triggers'], [',', 'General'],
  ]; // prettier-ignore
  for (const [key, title] of ways) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await heading(title);
  }
}, 120_000);

test('rows are reached, moved through and opened, the rail and theme change, by the keys of the sheet', async () => {
  await openPage(page, app.origin, '/playbooks');
  await page.getByRole('row', { name: /Say it/ }).waitFor();
  const rowInFocus = () => page.evaluate(() => document.activeElement?.getAttribute('data-index'));
  await page.keyboard.press('j');
  await until(async () => (await rowInFocus()) === '0');
  await page.keyboard.press('j');
  await until(async () => (await rowInFocus()) === '1');
  await page.keyboard.press('k');
  await until(async () => (await rowInFocus()) === '0');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/playbooks\/[0-9a-f-]{36}/);
  await openPage(page, app.origin, '/playbooks');
  await page.keyboard.press('/');
  await until(() => page.getByRole('searchbox').evaluate((node) => node === document.activeElement));
  await page.getByRole('searchbox').blur();
  const railWidth = async () => (await page.getByRole('navigation', { name: 'Main' }).boundingBox())?.width ?? 0;
  const wide = await railWidth();
  await page.keyboard.press('[');
  await until(async () => (await railWidth()) < wide);
  await page.keyboard.press('[');
  const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
  const before = await theme();
  await page.keyboard.press('Control+Shift+L');
  await until(async () => (await theme()) !== before);
  await page.keyboard.press('Control+Shift+L');
  await page.keyboard.press('c');
  await page.waitForURL('**/playbooks/new');
  await openPage(page, app.origin, '/settings/members');
  await page.keyboard.press('c');
  await page.waitForURL('**/settings/members?invite=true');
  expect(chrome.complaints).toEqual([]);
}, 90_000);

test('keys of one letter are switched off in the sheet, and the palette still has every act', async () => {
  await openPage(page, app.origin, '/servers');
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keys of this page' });
  await sheet.getByRole('switch', { name: 'Keys of one letter' }).click();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.keyboard.press('?');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Search or run a command').fill('keys of this');
  expect(await sheet.count()).toBe(0);
  expect(page.url()).toContain('/servers');
  await page.getByRole('option', { name: /Keys of this page/ }).waitFor();
  await page.keyboard.press('Enter');
  await sheet.getByRole('switch', { name: 'Keys of one letter' }).click();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await heading('Runs');
}, 60_000);

test('a queue is drained with a reason, its runs wait and say so, and begin when it is resumed', async () => {
  await openPage(page, app.origin, '/settings/queues');
  const main = page.locator('[data-queue=main]');
  await main.getByRole('button', { name: 'Drain' }).click();
  const dialog = page.getByRole('dialog', { name: 'Drain main?' });
  await dialog.getByLabel('Reason').fill('New disks.');
  await dialog.getByRole('button', { name: 'Drain queue' }).click();
  await main.locator('[data-drain=workspace]', { hasText: 'New disks.' }).waitFor();
  expect(await main.getAttribute('data-drained')).toBe('true');
  const run = await start('quick');
  await main.getByText('1 run in line').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  const row = page.locator(`[data-run="${run}"]`).first();
  await row.getByText('queue is drained').waitFor();
  await page.goBack();
  await main.getByRole('button', { name: 'Resume' }).click();
  await main.locator('[data-drain]').waitFor({ state: 'detached' });
  await app.untilRun(run, ({ status }) => status === 'succeeded');
  // The toast of a drain takes it back as well.
  await main.getByRole('button', { name: 'Drain' }).click();
  await dialog.getByRole('button', { name: 'Drain queue' }).click();
  await main.locator('[data-drain=workspace]').waitFor();
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('z');
  await main.locator('[data-drain]').waitFor({ state: 'detached' });
}, 90_000);

test('another workspace is chosen by the keyboard and opens at the same page; one is made from the same menu', async () => {
  await openPage(page, app.origin, '/servers?q=web');
  const menu = page.getByRole('button', { name: `Workspace: ${testOwner.workspace}` });
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'New workspace' }).click();
  const dialog = page.getByRole('dialog', { name: 'New workspace' });
  await dialog.getByLabel('Name').fill('Second house');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/w/second-house');
  await page.goto(`${app.origin}${workspacePath}/servers?q=web`);
  await menu.focus();
  await page.keyboard.press('Enter');
  const other = page.getByRole('menuitemradio', { name: /Second house/ });
  await other.waitFor();
  expect(await page.getByRole('menuitemradio', { checked: true }).textContent()).toContain(testOwner.workspace);
  await goInMenu(page, /Second house/, 'menuitemradio');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/w/second-house/servers');
  await heading('Servers');
  expect(chrome.complaints).toEqual([]);
}, 90_000);

test('on a phone the bell opens a sheet in which everything answers to a thumb', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openPage(page, app.origin, '/runs');
  await page.getByTestId('shell.bell').click();
  const sheet = page.getByRole('dialog', { name: 'Notices' });
  await sheet.getByText('Stop here failed').waitFor();
  const low = await sheet
    .locator('a, button')
    .evaluateAll((all) =>
      all.filter((node) => node.getBoundingClientRect().height < 44).map((node) => node.textContent),
    );
  expect(low).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await sheet.getByText('Stop here failed').click();
  await heading('Stop here');
  expect(chrome.complaints).toEqual([]);
}, 60_000);
