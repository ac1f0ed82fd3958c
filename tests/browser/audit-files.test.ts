import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
const content = Buffer.alloc(3_000_000, 'windlass ');

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const isWiderThanScreen = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

test('a file is uploaded, downloaded byte for byte, named by a playbook, and goes once its name was typed', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/files');
  await page.getByText('Store your first file').waitFor();
  const file = { name: 'App release (1).bin', mimeType: 'application/octet-stream', buffer: content };
  await page.getByLabel('Files to upload').setInputFiles(file);
  const dialog = page.getByRole('dialog', { name: 'Upload a file' });
  expect(await dialog.getByLabel('Name').inputValue()).toBe('App-release-1.bin');
  await dialog.getByLabel('Name').fill('releases/app.bin');
  await button(page, 'Upload file').last().click();
  await dialog.waitFor({ state: 'hidden' });
  const row = page.getByRole('row', { name: 'releases/app.bin' });
  await row.getByText('3.0 MB').waitFor();
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(await row.getByTitle(sha256).count()).toBe(1);

  // What somebody else saves shows without a reload.
  const steps = [{ id: 'put', kind: 'upload', hosts: { tags: ['web'] }, to: '/tmp/a', artifact: 'releases/app.bin' }];
  await app.ok('POST', '/playbooks', { definition: { name: 'Roll out', steps } });
  await row.getByText('Roll out').waitFor();

  await row.click();
  const detail = page.getByTestId('files.detail');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    detail.getByRole('link', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('app.bin');
  expect(readFileSync(await download.path()).equals(content)).toBe(true);

  await detail.getByRole('button', { name: 'Delete file' }).click();
  const ask = page.getByRole('alertdialog');
  await ask.getByText('Roll out').waitFor();
  await ask.getByLabel('Type releases/app.bin').fill('releases/app.bin');
  await ask.getByRole('button', { name: 'Delete file' }).click();
  // Under an open dialog nothing else has a role: first it goes, then the row.
  await ask.waitFor({ state: 'detached' });
  await row.waitFor({ state: 'detached' });
  expect((await app.ok('GET', '/artifacts')).data).toEqual([]);
}, 180_000);

test('the audit log is narrowed, read entry by entry and taken away; what is written meanwhile waits', async () => {
  const { page } = chrome;
  const name = `web-${randomUUID().slice(0, 6)}`;
  const server = await app.ok('POST', '/servers', { name, host: '10.20.1.11', tags: ['web'] });
  await app.ok('PATCH', `/servers/${server.id}`, { port: 2222, tags: ['web', 'eu'] });
  await openPage(page, app.origin, '/settings/audit');
  await button(page, /^Action/).click();
  await page.getByLabel('Find an action').fill('server');
  await page.getByRole('checkbox', { name: 'server.*' }).click();
  await page.keyboard.press('Escape');
  await page.waitForURL(/action=server\.\*/);
  const entry = page.getByRole('row', { name: `server.changed ${name}` });
  await entry.getByText('port: 22 → 2222').waitFor();
  await eventually(() => page.getByRole('row', { name: /artifact/ }).count()).toBe(0);

  // By the keyboard: into the list, open, and back to the row on closing.
  await page.locator('h1').focus();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const detail = page.getByTestId('audit.entry');
  const diff = detail.getByRole('region', { name: 'Before and after' });
  await diff.getByText('port: 2222').waitFor();
  expect(await diff.getByText('- eu').count()).toBe(1);
  const open = page.url();
  await page.reload();
  await detail.getByRole('heading', { name }).waitFor();
  expect(page.url()).toBe(open);
  await page.keyboard.press('Escape');
  await detail.waitFor({ state: 'hidden' });

  await entry.hover();
  await app.ok('PATCH', `/servers/${server.id}`, { description: 'changed meanwhile' });
  await button(page, '1 new entry').waitFor();
  expect(await page.getByRole('row', { name: `server.changed ${name}` }).count()).toBe(1);
  // By the keyboard: the pointer stays on the list, which would let go once it left.
  await button(page, '1 new entry').press('Enter');
  await eventually(() => page.getByRole('row', { name: `server.changed ${name}` }).count()).toBe(2);

  await button(page, 'Export').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /^NDJSON/ }).click(),
  ]);
  const lines = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { action: string; title: string });
  expect(entries.filter(({ title }) => title === name).map(({ action }) => action)).toEqual([
    'server.changed',
    'server.changed',
    'server.created',
  ]);
}, 180_000);

test('on a phone neither page is wider than the screen, also with an open entry and a very long name', async () => {
  const { page } = chrome;
  await page.setViewportSize({ width: 390, height: 844 });
  const name = `releases/${'a-very-long-name-'.repeat(6)}.bin`;
  await page.request.post(`${app.origin}/api/v1/artifacts?name=${encodeURIComponent(name)}`, {
    data: Buffer.from('x'),
    headers: { authorization: `Bearer ${app.key}`, 'content-type': 'application/octet-stream' },
  });
  const { data: files } = await app.ok('GET', '/artifacts');
  const { data: entries } = await app.ok('GET', '/audit?action=artifact.created');
  for (const path of [
    '/files',
    `/files?sel=${files[0].id}`,
    '/settings/audit',
    `/settings/audit?sel=${entries[0].id}`,
  ]) {
    await openPage(page, app.origin, path);
    expect([path, await isWiderThanScreen(page)]).toEqual([path, false]);
  }
  expect(chrome.complaints).toEqual([]);
}, 180_000);
