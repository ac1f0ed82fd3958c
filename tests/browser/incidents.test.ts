import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let made = 0;

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
/** The column that a card is in; empty where it is on no column. */
const columnOf = (page: Page, key: string): Promise<string> =>
  page.evaluate(
    (of) => document.querySelector(`[data-key="${of}"]`)?.closest('[data-column]')?.getAttribute('data-column') ?? '',
    key,
  );
const cardOf = (page: Page, key: string) => page.locator(`[data-testid="incidents.board"] [data-key="${key}"]`);
/** The card in its column, once the server has answered for it. */
const settled = (page: Page, key: string, state: string) =>
  page.locator(`[data-column="${state}"] [data-key="${key}"]:not([data-unsaved])`).waitFor();
const stateOf = async (id: string): Promise<string> => (await app.ok('GET', `/incidents/${id}`)).state;
const open = async (title: string): Promise<{ id: string; key: string }> =>
  app.ok('POST', '/incidents', { title: `${title} ${(made += 1)}`, severity: 'sev3' });

test('an incident is declared, acknowledged by its key and carried over the board by keys, with each step said', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/incidents');
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'Declare an incident' });
  await dialog
    .getByLabel('Title', { exact: false })
    .first()
    .fill(`Mails do not leave ${(made += 1)}`);
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-testid="incident.page"]').waitFor();
  const key = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const id = (await page.getByTestId('incident.page').getAttribute('data-incident')) ?? '';

  await openPage(page, app.origin, '/incidents');
  await cardOf(page, key).focus();
  await page.keyboard.press('a');
  await settled(page, key, 'acknowledged');
  expect(await stateOf(id)).toBe('acknowledged');
  // The card that moved keeps the focus, so the next key is for it.
  await cardOf(page, key).focus();
  await page.keyboard.press('m');
  await page.locator(`[data-key="${key}"][data-lifted]`).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByText(`${key}, over Investigating, 2 of 5`).waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  await settled(page, key, 'investigating');
  expect(await stateOf(id)).toBe('investigating');
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('a card is dragged; one that somebody else moved meanwhile goes back and says where it stands', async () => {
  const { page } = chrome;
  const { id, key } = await open('Dragged');
  await openPage(page, app.origin, '/incidents');
  await cardOf(page, key).waitFor();
  const dragTo = async (state: string): Promise<void> => {
    const [card, column] = [cardOf(page, key), page.locator(`[data-column="${state}"]`)];
    const [from, to] = [await card.boundingBox(), await column.boundingBox()];
    if (!from || !to) throw new Error('The card or the column is not on screen.');
    await page.mouse.move(from.x + from.width / 2, from.y + 14);
    await page.mouse.down();
    await page.mouse.move(from.x + from.width / 2 + 12, from.y + 20, { steps: 4 });
    await page.mouse.move(to.x + to.width / 2, to.y + 80, { steps: 8 });
    await page.locator(`[data-column="${state}"][data-over]`).waitFor();
    await page.mouse.up();
  };
  await dragTo('investigating');
  await settled(page, key, 'investigating');
  expect(await stateOf(id)).toBe('investigating');

  // Somebody else sets it aside while this one has not heard of it: what is seen here is old.
  const isMove = (url: URL) => url.pathname.includes(`/incidents/${id}/transitions`);
  await page.route(isMove, async (route) => {
    await app.ok('POST', `/incidents/${id}/transitions`, { to: 'pending', reason: 'Waits for the vendor' });
    await route.continue();
  });
  await cardOf(page, key).focus();
  await page.keyboard.press('m');
  await page.locator(`[data-key="${key}"][data-lifted]`).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.getByText(`${key}, over Mitigated`).waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  await page.getByText(`Somebody else changed ${key} meanwhile`).first().waitFor();
  await page.unroute(isMove);
  await eventually(() => columnOf(page, key)).toBe('pending');
  expect(await stateOf(id)).toBe('pending');
}, 120_000);

test('it is resolved with a reason, reopened, resolved and closed, and its postmortem has the story', async () => {
  const { page } = chrome;
  const { id, key } = await open('Resolved twice');
  await openPage(page, app.origin, `/incidents/${key}`);
  await button(page, /^Acknowledge(?!d)/).click();
  await page.locator('[data-testid="incident.page"][data-state="acknowledged"]').waitFor();
  const give = async (main: RegExp, act: string, reason: string, state: string): Promise<void> => {
    await button(page, main).click();
    const dialog = page.getByRole('dialog', { name: `Move ${key}` });
    await dialog.getByLabel('Why', { exact: false }).fill(reason);
    await dialog.getByRole('button', { name: act }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator(`[data-testid="incident.page"][data-state="${state}"]`).waitFor();
  };
  await give(/^Resolve(?!d)/, 'Move to Resolved', 'Rolled back', 'resolved');
  await page
    .getByRole('list', { name: 'States' })
    .getByRole('button', { name: /^Investigating/ })
    .click();
  const dialog = page.getByRole('dialog', { name: `Move ${key}` });
  await dialog.getByLabel('Why', { exact: false }).fill('It came back');
  await dialog.getByRole('button', { name: 'Move to Investigating' }).click();
  await page.locator('[data-testid="incident.page"][data-state="investigating"]').waitFor();
  await give(/^Resolve(?!d)/, 'Move to Resolved', 'Rolled back for good', 'resolved');
  await give(/^Close$/, 'Move to Closed', 'Nothing more to do', 'closed');
  // What somebody else writes comes without a reload.
  await app.ok('POST', `/incidents/${id}/notes`, { text: 'Seen from **outside**' });
  await page.getByTestId('incident.timeline').getByText('outside').waitFor();
  await page.getByRole('tab', { name: 'Postmortem' }).click();
  const draft = button(page, 'Draft it from the timeline');
  await page.getByTestId('incident.postmortem').or(draft).waitFor();
  if (await draft.isVisible()) await draft.click();
  await page.getByTestId('incident.postmortem').getByText('Rolled back for good').first().waitFor();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('what narrows the list is saved as a view, comes back by its tab, and is deleted', async () => {
  const { page } = chrome;
  const name = `Payments late ${Date.now()}`;
  const { key } = await open('Payments');
  await openPage(page, app.origin, '/incidents?view=list&q=Payments');
  await page.getByRole('row', { name: new RegExp(key) }).waitFor();
  await button(page, 'Save view').click();
  const dialog = page.getByRole('dialog', { name: 'Save view' });
  await dialog.getByLabel('Name', { exact: false }).fill(name);
  await dialog.getByRole('button', { name: 'Save view' }).click();
  const tab = page.getByRole('tab', { name });
  await tab.waitFor();
  expect(await tab.getAttribute('aria-selected')).toBe('true');
  await page.getByRole('tab', { name: 'All' }).click();
  await eventually(() => new URL(page.url()).search).toBe('?view=list&show=all');
  await tab.click();
  await eventually(() => new URL(page.url()).searchParams.get('q')).toBe('Payments');
  await button(page, `More about the view ${name}`).click();
  await page.getByRole('menuitem', { name: 'Delete view' }).click();
  await tab.waitFor({ state: 'detached' });
  expect(await app.ok('GET', '/incident-views')).toEqual([]);
  expect(chrome.complaints).toEqual([]);
}, 120_000);
