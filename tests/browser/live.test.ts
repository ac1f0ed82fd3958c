import type { Request } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let playbookId: string;
let made = 0;

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  const steps = [{ id: 'ask', kind: 'approve', roles: ['owner'], message: 'Shall it go on?' }];
  playbookId = (await app.ok('POST', '/playbooks', { definition: { name: 'Ask first', steps } })).id;
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const start = async (title: string): Promise<string> =>
  (await app.ok('POST', `/playbooks/${playbookId}/runs`, { title })).runId;

test('two open tabs read one stream, and both show a run that somebody else starts, without a reload', async () => {
  const { context } = chrome;
  // Tabs of this attempt alone; the first page reads no stream any more.
  await chrome.page.goto('about:blank');
  const page = await context.newPage();
  const name = `From elsewhere ${(made += 1)}`;
  const streams = new Set<Request>();
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/v1/events') streams.add(request);
  });
  context.on('requestfailed', (request) => streams.delete(request));
  context.on('requestfinished', (request) => streams.delete(request));
  const readers = () => [...streams].map((request) => request.frame().page()).filter((tab) => !tab.isClosed());
  const second = await context.newPage();
  await openPage(page, app.origin, '/runs');
  await page.locator('[data-live="live"]').waitFor();
  await openPage(second, app.origin, '/runs');
  await second.locator('[data-live="live"]').waitFor();
  await start(name);
  await Promise.all([page, second].map((tab) => tab.getByText(name).first().waitFor()));
  expect(readers()).toEqual([page]);

  // The tab that read goes; the other takes over and misses nothing.
  await page.close();
  await start(`After ${name}`);
  await second.getByText(`After ${name}`).first().waitFor();
  await eventually(readers).toEqual([second]);
  await second.close();
}, 240_000);

test('a lost connection is told, and what happened meanwhile is there when it is back', async () => {
  const line = await startTcpProxy({ address: '127.0.0.1', port: Number(new URL(app.origin).port) });
  const page = await chrome.context.newPage();
  page.setDefaultTimeout(60_000);
  try {
    // Cookies know no ports: who is signed in at the product is so at the line to it.
    await openPage(page, `http://127.0.0.1:${line.port}`, '/runs');
    await page.locator('[data-live="live"]').waitFor();
    line.refuse();
    line.reset();
    await page.getByText(/Connection lost at/).waitFor();
    await start(`While it was away ${(made += 1)}`);
    line.accept();
    await page.getByText(/Back\. [1-9]\d* events? caught up, none missed/).waitFor();
    await page.getByText(`While it was away ${made}`).first().waitFor();
    await page.getByText(/Connection lost at/).waitFor({ state: 'detached' });
    expect(await page.getByText(`While it was away ${made}`).count()).toBeGreaterThan(0);
  } finally {
    await page.close();
    await line.stop();
  }
}, 240_000);

test('lists and open details show what somebody else changes, without a reload', async () => {
  const page = await chrome.context.newPage();
  page.setDefaultTimeout(60_000);
  const make = async (path: string, body: object): Promise<string> => (await app.ok('POST', path, body)).id;
  const target = { kind: 'playbook', id: playbookId };
  const server = await make('/servers', { name: `shop-${(made += 1)}`, host: '192.0.2.1' });
  const channel = await make('/channels', { kind: 'email', name: `#night-${made}`, recipients: ['watch@example.org'] });
  const run = await start(`Before ${made}`);
  const attempt = made;
  const changes: [path: string, change: (word: string) => Promise<unknown>][] = [
    [`/servers?sel=${server}`, (word) => app.ok('PATCH', `/servers/${server}`, { description: word })],
    ['/webhooks', (word) => app.ok('POST', '/webhooks', { name: word, target })],
    ['/settings/channels', (word) => app.ok('PATCH', `/channels/${channel}`, { name: word })],
    ['/settings/values', (word) => app.ok('POST', '/secrets', { name: word, value: 'hidden' })],
    [`/runs/${run}`, (word) => app.ok('PATCH', `/runs/${run}`, { title: word })],
  ];
  try {
    for (const [index, [path, change]] of changes.entries()) {
      await page.goto(`${app.origin}${workspacePath}${path}`);
      await page.locator('[data-live="live"]').first().waitFor();
      await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
      const word = `seen${attempt}_${index}`;
      await change(word);
      await page.getByText(word).first().waitFor();
      expect(await page.getByText(word).count(), path).toBeGreaterThan(0);
    }
  } finally {
    await page.close();
  }
}, 240_000);
