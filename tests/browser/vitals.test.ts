import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConsoleVitals } from '#contracts/vitals/vitals.ts';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  // The page that reads never begins to measure: it would find its own figures.
  await chrome.page.route(/\/assets\/vitals-/, (route) =>
    route.fulfill({ body: 'export const reportVitals = () => {}', contentType: 'text/javascript' }),
  );
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const figures = (): Promise<ConsoleVitals> => app.ok('GET', '/vitals');

test('before anything was measured the page says how figures come; a visit reports itself, and the page shows it', async () => {
  const { page, context } = chrome;
  await openPage(page, app.origin, '/settings/speed');
  await page.getByText('Nothing measured in this time').waitFor();

  const visitor = await context.newPage();
  visitor.setDefaultTimeout(60_000);
  await openPage(visitor, app.origin, '/runs');
  // The measuring comes after the first picture; what happened before is told to it by the browser.
  await visitor.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => /\/vitals-/.test(name)),
  );
  await visitor.getByRole('link', { name: 'Playbooks' }).first().click();
  await visitor.getByRole('heading', { level: 1, name: 'Playbooks' }).waitFor();
  await visitor.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 50))));
  await visitor.close({ runBeforeUnload: true });

  const kept = await until(async () => {
    const seen = await figures();
    return seen.all.LCP && seen.all.ROUTE && seen;
  });
  const of = (template: string) => kept.pages.find((each) => each.page === template)?.vitals;
  expect(of('/w/$workspace/runs')).toMatchObject({ LCP: { count: 1 }, FCP: { count: 1 }, TTFB: { count: 1 } });
  expect(of('/w/$workspace/playbooks')).toMatchObject({ ROUTE: { count: 1 } });

  await page.reload();
  await page.locator('[data-page="/w/$workspace/playbooks"]').waitFor();
  expect(await page.getByTestId('speed.LCP').innerText()).toMatch(/\d (ms|s)\s*(Good|Fair|Poor)/);
  expect(chrome.complaints).toEqual([]);
}, 240_000);
