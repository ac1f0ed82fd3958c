import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
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
const bring = (lines: object[]) =>
  app.ok('POST', '/logs', lines.map((line) => JSON.stringify(line)).join('\n'), {
    headers: { 'content-type': 'application/x-ndjson' },
  });

test('a source is made, its lines are found, opened, narrowed by an attribute and followed, and the search is saved', async () => {
  const { page } = chrome;
  const mark = `order${Date.now()}${(made += 1)}`;
  await openPage(page, app.origin, '/logs?show=sources');
  await button(page, 'New source').first().click();
  const form = page.getByRole('dialog', { name: 'New log source' });
  await form.getByLabel('Name', { exact: false }).first().fill(`Shop ${mark}`);
  await form.getByRole('button', { name: 'Make source' }).click();
  const address = page.getByRole('dialog', { name: `Address of Shop ${mark}` });
  await address.getByText('encoding: json').waitFor();
  await address.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('region', { name: `Shop ${mark}` }).waitFor();

  await bring([
    { severity: 'error', service: 'checkout', host: 'web-1', text: `${mark} payment failed`, attributes: { region: 'eu' } },
    { severity: 'info', service: 'checkout', host: 'web-2', text: `${mark} payment taken`, attributes: { region: 'us' } },
  ]); // prettier-ignore
  await openPage(page, app.origin, `/logs?q=${mark}`);
  const lines = page.getByRole('list', { name: 'Lines', exact: true });
  await lines.getByRole('button', { name: `Error: ${mark} payment failed` }).click();
  await button(page, 'Only lines with region eu').click();
  await page.getByText('region=eu', { exact: true }).waitFor();
  await lines.getByRole('button', { name: `Info: ${mark} payment taken` }).waitFor({ state: 'detached' });

  await button(page, 'Follow').click();
  await bring([{ severity: 'warn', text: `${mark} payment slow`, attributes: { region: 'eu' } }]);
  await lines.getByRole('button', { name: `Warning: ${mark} payment slow` }).waitFor();
  expect(await lines.getByRole('listitem').count()).toBe(2);

  await button(page, 'Save this search').click();
  const saved = page.getByRole('dialog', { name: 'New saved search' });
  await saved.getByLabel('Name', { exact: false }).first().fill(`Payments ${mark}`);
  expect(await saved.getByLabel('Search', { exact: true }).inputValue()).toBe(`${mark} region=eu`);
  await saved.getByLabel('At so many lines').fill('2');
  await saved.getByRole('button', { name: 'Save search' }).click();
  const card = page.getByRole('region', { name: `Payments ${mark}` });
  // The next look counts both lines.
  await card.getByText('firing', { exact: true }).waitFor({ timeout: 60_000 });
  expect(chrome.complaints).toEqual([]);
}, 120_000);
