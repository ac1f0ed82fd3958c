import { randomUUID } from 'node:crypto';
import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;

beforeAll(async () => {
  [app, chrome] = await Promise.all([
    startTestApp({ withConsole: true, withHosts: false, withSweeps: false }),
    openBrowser(),
  ]);
  await signIn(chrome.page, app.origin);
  await openPage(chrome.page, app.origin, '');
  chrome.page.setDefaultTimeout(20_000);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const page0 = { data: [], pagination: { limit: 100, nextCursor: null } };

/** Every list of the console: where it is, what it asks, what it says of itself. */
const lists: readonly {
  path: string;
  asks: string;
  what: string;
  /** What the server would answer where there is nothing. */
  nothing?: unknown;
  empty: string;
  /** The page was open before: it is loaded again, so that it asks again. */
  isAnew?: boolean;
  /** Where nothing fits what is asked for: the address, and what is said. */
  filtered?: readonly [query: string, says: string];
}[] = [
  { path: '/runs', asks: '/runs', what: 'The runs', empty: 'No run yet', filtered: ['q=zzz', 'No run matches'] },
  {
    path: '/playbooks',
    asks: '/playbooks',
    what: 'The playbooks',
    empty: 'Write your first playbook',
    filtered: ['q=zzz', 'No playbook matches'],
  },
  {
    path: '/approvals?box=open',
    asks: '/approvals',
    what: 'The approvals',
    nothing: [],
    empty: 'Nothing waits for anybody',
  },
  {
    path: '/servers',
    asks: '/servers',
    what: 'The servers',
    empty: 'Add your first server',
    filtered: ['tag=zzz', 'No server matches'],
  },
  {
    path: '/credentials',
    asks: '/credentials',
    what: 'The credentials',
    empty: 'Add your first credential',
    filtered: ['q=zzz', 'No credential matches'],
  },
  { path: '/schedules', asks: '/schedules', what: 'The schedules', empty: 'Nothing starts by the clock yet' },
  { path: '/webhooks', asks: '/webhooks', what: 'The webhooks', empty: 'Nothing calls us yet' },
  { path: '/run-triggers', asks: '/run-triggers', what: 'The run triggers', empty: 'No run starts another yet' },
  {
    path: '/logs',
    asks: '/logs',
    what: 'The lines',
    nothing: { data: [], nextCursor: null, isPartial: false, searchedFrom: '2026-11-01T00:00:00Z' },
    empty: 'No logs come in yet',
  },
  {
    path: '/logs?show=sources',
    asks: '/log-sources',
    what: 'The log sources',
    empty: 'No log source yet',
    isAnew: true,
  },
  {
    path: '/logs?show=searches',
    asks: '/log-searches',
    what: 'The saved searches',
    empty: 'No saved search yet',
    isAnew: true,
  },
  {
    path: '/incidents',
    asks: '/incidents/board',
    what: 'The board',
    nothing: {
      columns: [],
      figures: {
        active: 0,
        atRisk: 0,
        breached: 0,
        paused: 0,
        unacknowledged: 0,
        acknowledgeMs: null,
        resolveMs: null,
      },
    },
    empty: 'No incident yet',
    filtered: ['q=zzz', 'No incident matches'],
  },
  { path: '/incidents?view=list', asks: '/incidents', what: 'The incidents', empty: 'No incident yet' },
  {
    path: '/assets',
    asks: '/assets',
    what: 'The assets',
    empty: 'Add your first asset',
    filtered: ['q=zzz', 'No asset matches'],
  },
  // Incidents have asked who is on call.
  {
    path: '/oncall',
    asks: '/oncall/schedules',
    what: 'The schedules',
    empty: 'Nobody is on call yet',
    isAnew: true,
  },
  {
    path: '/oncall?show=policies',
    asks: '/oncall/policies',
    what: 'The escalation policies',
    empty: 'No escalation yet',
    isAnew: true,
  },
  { path: '/settings/values', asks: '/secrets', what: 'The secrets', empty: 'No secret yet' },
  { path: '/settings/values', asks: '/variables', what: 'The variables', empty: 'No variable yet', isAnew: true },
  { path: '/settings/channels', asks: '/channels', what: 'The channels', empty: 'No channel yet' },
  { path: '/settings/api-keys', asks: '/api-keys', what: 'The keys', empty: 'No key yet' },
  {
    path: '/settings/audit',
    asks: '/audit',
    what: 'The audit log',
    empty: 'Nothing was done yet',
    filtered: ['action=zzz', 'No entry matches'],
  },
  // Somebody always belongs to a workspace: nobody is left only where a search fits nobody.
  {
    path: '/settings/members',
    asks: '/members',
    what: 'The members',
    empty: '',
    filtered: ['q=zzz', 'No member matches'],
  },
];

const refusal = (status: number, error: string, message: string) => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify({ error, message, statusCode: status, requestId: randomUUID() }),
});
type Answer = (route: Route) => Promise<void>;
const real: Answer = (route) => route.continue();
const denied: Answer = (route) =>
  route.fulfill(refusal(403, 'identity.permission_missing', 'This needs the permission to read it.'));

/** Stands between the page and one route of the API; what it answers can be changed. */
async function between(page: Page, asks: string): Promise<{ answer: Answer; stop: () => Promise<void> }> {
  const isAsked = (url: URL) => url.pathname === `/api/v1${asks}`;
  const double = { answer: real, stop: () => page.unroute(isAsked) };
  await page.route(isAsked, (route) => (route.request().method() === 'GET' ? double.answer(route) : route.continue()));
  return double;
}

/** To another page as a link does it: the console is loaded once for all lists. */
const go = (page: Page, to: string): Promise<void> =>
  page.evaluate((address) => history.pushState({}, '', address), workspacePath + to);

test.each(lists)(
  '$path, $what: a skeleton while it is asked, the failure with what to quote and a second try that works, not allowed, nothing yet, nothing that fits',
  async ({ path, asks, what, nothing = page0, empty, isAnew = false, filtered }) => {
    const { page } = chrome;
    const double = await between(page, asks);
    onTestFinished(double.stop);
    const held = Promise.withResolvers<void>();
    const isHeld = Promise.withResolvers<void>();
    const failed = refusal(500, 'server.failed', 'Something broke on our side.');
    double.answer = async (route) => {
      isHeld.resolve();
      await held.promise;
      // Where the test is tried again the page that asked is gone.
      await route.fulfill(failed).catch(() => undefined);
    };
    await (isAnew ? page.goto(`${app.origin}${workspacePath}${path}`) : go(page, path));
    await isHeld.promise;
    await page.getByRole('status', { name: 'Loading' }).first().waitFor();
    held.resolve();

    const alert = page.getByRole('alert').filter({ hasText: `${what} did not load` });
    await alert.waitFor();
    const { requestId } = JSON.parse(failed.body) as { requestId: string };
    await alert.getByText(`server.failed · ${requestId}`).first().waitFor();
    // The rest of the page lives on.
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    double.answer = denied;
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.waitFor({ state: 'hidden' });
    await page.getByText('You may not see this').waitFor();
    await page.getByText('An owner or an admin of the workspace can give it.').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);

    // Somebody gives it, and one comes back to the tab.
    double.answer = empty
      ? (route) => route.fulfill({ contentType: 'application/json', body: JSON.stringify(nothing) })
      : real;
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
    await page.getByText('You may not see this').waitFor({ state: 'hidden' });
    if (empty) await page.getByText(empty, { exact: true }).waitFor();
    if (filtered) {
      const [query, says] = filtered;
      double.answer = real;
      await go(page, `${path}?${query}`);
      await page.getByText(says, { exact: true }).waitFor();
      await page
        .getByRole('button', { name: /^Clear/ })
        .last()
        .click();
      await page.getByText(says, { exact: true }).waitFor({ state: 'hidden' });
      await page.waitForURL((url) => url.search === '');
    }
  },
  60_000,
);

test('the first page says what failed in it, and its second try works', async () => {
  const { page } = chrome;
  const double = await between(page, '/overview');
  double.answer = (route) => route.fulfill(refusal(500, 'server.failed', 'Something broke on our side.'));
  await page.goto(`${app.origin}${workspacePath}`);
  const alert = page.getByRole('alert').filter({ hasText: 'The overview did not load' });
  await alert.waitFor();
  double.answer = real;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await alert.waitFor({ state: 'hidden' });
  expect(await page.getByRole('heading', { level: 1, name: 'Overview' }).count()).toBe(1);
  await double.stop();
}, 60_000);
