import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, walkTo } from '#tests/kit/console.ts';
import { keptByBrowser } from '#tests/kit/kept-by-browser.ts';
import { mid, type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';

const openBrowser = browserTests();
let world: QueryWorld;
let chrome: Chrome;

beforeAll(async () => {
  [world, chrome] = await Promise.all([
    queryWorld({ withConsole: true, withSweeps: false, knobs: { queueMs: [300, 300], runMs: [600, 600] } }),
    openBrowser(),
  ]);
  await signIn(chrome.page, world.app.origin);
}, 180_000);
afterAll(() => world?.close());

/** Takes the text of the open query away and writes another. */
async function write(page: Page, sql: string): Promise<void> {
  const editor = page.getByTestId('queries.editor');
  await editor.locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(sql);
}
const phasesIn = (page: Page): Promise<string[]> =>
  page
    .getByTestId('queries.status')
    .locator('[data-phase]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-phase') ?? ''));

test('a query on Marketing Cloud is written, run by key, followed through its phases in order, and its rows are read', async () => {
  const { page } = chrome;
  await openPage(page, world.app.origin, `/queries?c=${world.connections.sfmc}&bu=${mid}`);
  await write(page, 'SELECT SubscriberKey, City, Points FROM Members WHERE Points < {{ below: number }}');
  await page.getByTestId('queries.parameters').getByRole('textbox').fill('1000');
  await page.getByTestId('queries.editor').locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.getByTestId('queries.status').waitFor();
  await page.locator('[data-testid="queries.status"] [data-phase="Done"]').waitFor();
  expect(await phasesIn(page)).toEqual(['Queued', 'Running', 'Fetching', 'Done']);
  await page.getByRole('grid').getByText('sub-').first().waitFor();
  // What was typed is there after a reload, and so is the run.
  await page.reload();
  await page.getByTestId('queries.editor').getByText('SubscriberKey').first().waitFor();
  await page.getByRole('grid').getByText('sub-').first().waitFor();

  // Again without a pointer: into the editor by Tab, run by the key, out of the editor, in which Tab writes, and on to the rows.
  const tabTo = async (wanted: string) => {
    for (let stop = 0; stop < 60; stop += 1) {
      if (await page.evaluate((where) => document.activeElement?.closest(where) !== null, wanted)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`By Tab one does not come to ${wanted}.`);
  };
  const line = page.getByTestId('queries.status');
  const before = await line.getAttribute('data-run');
  await tabTo('[data-testid="queries.editor"] .monaco-editor');
  await page.keyboard.press('ControlOrMeta+Enter');
  await eventually(() => line.getAttribute('data-run')).not.toBe(before);
  await line.locator('[data-phase="Done"]').waitFor();
  await page.keyboard.press('Control+m');
  await tabTo('[role=grid]');
  await page.keyboard.press('ArrowDown');
  await page.locator('[role=gridcell][aria-selected=true]').first().waitFor();
  // Rows live in the page alone: once another is shown, the browser keeps the text of the query and none of them.
  expect(await keptByBrowser(page)).toContain('sub-0000');
  await walkTo(page, '/runs');
  const kept = await keptByBrowser(page);
  expect(kept).toContain('SubscriberKey');
  expect(kept).not.toContain('sub-0000');
  await page.goBack();
  await page.getByRole('grid').getByText('sub-').first().waitFor();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('another business unit has other objects and another address, and never shows the rows of the former', async () => {
  const { page } = chrome;
  await page.getByRole('grid').getByText('sub-').first().waitFor();
  // Looked at with each change of the page, not once at the end.
  await page.evaluate(() => {
    const seen: string[] = [];
    Reflect.set(globalThis, 'rowsOfTheFormer', seen);
    new MutationObserver(() => {
      const rows = document.querySelector('[role=grid]')?.textContent ?? '';
      if (location.search.includes('bu=7000002') && rows.includes('sub-')) seen.push(rows.slice(0, 200));
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  const asked = page.waitForRequest((request) => /\/objects\?.*7000002/.test(request.url()));
  await page.getByRole('button', { name: /^Business unit/ }).click();
  await page.getByRole('menuitemradio', { name: /Outlet/ }).click();
  await page.waitForURL(/bu=7000002/);
  await asked;
  await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
  expect(await page.getByRole('grid').count()).toBe(0);
  expect(page.url()).not.toContain('run=');
  expect(await page.evaluate(() => Reflect.get(globalThis, 'rowsOfTheFormer'))).toEqual([]);
});

test('a run is canceled while it is at work, and the console says so', async () => {
  const { page } = chrome;
  const knobs = { runMs: [60_000, 60_000] };
  await fetch(`${new URL(world.sfmc.simulator.authUrl).origin}/admin/knobs`, {
    method: 'POST',
    body: JSON.stringify(knobs),
  });
  await write(page, 'SELECT TOP 10 SubscriberKey FROM _Subscribers');
  await page.keyboard.press('ControlOrMeta+Enter');
  const cancel = page.getByRole('toolbar', { name: 'Run the query' }).getByRole('button', { name: /^Cancel/ });
  await cancel.click();
  await page.locator('[data-testid="queries.status"][data-status="canceled"]').waitFor();
  await cancel.waitFor({ state: 'detached' });
  expect(await phasesIn(page)).not.toContain('Done');
}, 60_000);

test('on a phone the console is as wide as the screen, its queries at the top, and the queue can be read', async () => {
  const { page } = chrome;
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await page.getByRole('tab', { name: /New query/ }).isVisible()).toBe(true);
  await openPage(page, world.app.origin, '/queries/queue');
  await page.getByText('Nothing runs or waits here.').first().waitFor();
  expect(chrome.complaints).toEqual([]);
});
