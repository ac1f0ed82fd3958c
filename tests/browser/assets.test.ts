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
  const { id: typeId } = await app.ok('POST', '/asset-types', { key: 'service', name: 'Service', icon: 'app' });
  const make = async (key: string, name: string): Promise<string> =>
    (await app.ok('POST', '/assets', { key, name, typeId, criticality: 'high' })).id;
  const [shop, database] = [await make('shop', 'Shop'), await make('orders', 'Orders database')];
  await app.ok('POST', '/asset-relations', { fromId: shop, kind: 'depends_on', toId: database });
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(() => app?.close());

test('an asset is added and changed elsewhere without a reload; its impact names who depends on it', async () => {
  const { page } = chrome;
  const name = `Mailer ${Date.now()} ${(made += 1)}`;
  await openPage(page, app.origin, '/assets');
  await page.getByRole('button', { name: 'Add asset' }).first().click();
  const form = page.getByRole('dialog', { name: 'Add asset' });
  await form.getByLabel('Name', { exact: false }).first().fill(name);
  await form.getByLabel('Key', { exact: false }).first().fill(name.replaceAll(' ', '-'));
  await form.getByRole('button', { name: 'Add asset' }).click();
  const panel = page.getByTestId('assets.panel');
  await panel.getByText(name.replaceAll(' ', '-')).first().waitFor();

  const { data } = await app.ok('GET', `/assets?q=${encodeURIComponent(name)}`);
  await app.ok('PATCH', `/assets/${data[0].id}`, { tags: ['changed-elsewhere'] });
  await panel.getByText('changed-elsewhere').waitFor();

  await page.getByRole('row', { name: /Orders database/ }).click();
  await panel.getByRole('tab', { name: 'Impact' }).click();
  await panel.getByRole('list', { name: 'Assets by distance' }).getByRole('button', { name: 'Shop' }).waitFor();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('the graph is drawn, and the list beside it opens an asset by the keyboard', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/assets?view=graph');
  await page.locator('[role="application"][data-painted]').waitFor();
  const row = page.getByRole('grid', { name: 'Assets in the graph' }).getByRole('row', { name: /^Shop/ });
  await row.focus();
  await row.press('Enter');
  await page.getByTestId('assets.panel').getByText('Shop', { exact: true }).first().waitFor();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('a file is shown before it is imported, imported, and taken back', async () => {
  const { page } = chrome;
  const key = `file-${Date.now()}-${(made += 1)}`;
  await openPage(page, app.origin, '/assets/imports');
  await page.getByLabel('File of assets').setInputFiles({
    name: `${key}.csv`,
    mimeType: 'text/csv',
    buffer: Buffer.from(`key,name,type\n${key},From a file,service\n`),
  });
  const detail = page.getByTestId('assets.import');
  await detail.getByRole('row', { name: /From a file/ }).waitFor();
  await detail.getByRole('button', { name: 'Import 1 asset' }).click();
  await detail.getByRole('button', { name: 'Take the import back' }).click();
  await detail.getByRole('status').getByText('Taken back').waitFor();
  expect((await app.ok('GET', `/assets?q=${key}`)).data).toEqual([]);
  expect(chrome.complaints).toEqual([]);
}, 120_000);
