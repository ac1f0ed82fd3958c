import pg from 'pg';
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let askId: string;
let quickId: string;

beforeAll(async () => {
  [app, chrome] = await Promise.all([
    startTestApp({ withConsole: true, withHosts: false, withSweeps: false }),
    openBrowser(),
  ]);
  const save = async (name: string, steps: unknown[]): Promise<string> =>
    (await app.ok('POST', '/playbooks', { definition: { name, steps } })).id;
  askId = await save('Ask first', [
    { id: 'ask', kind: 'approve', roles: ['owner', 'admin'], message: 'Shall it go on?', notStarter: true },
  ]);
  quickId = await save('Say it', [{ id: 'say', kind: 'set', values: { word: 'hello' } }]);
  await signIn(chrome.page, app.origin);
  await openPage(chrome.page, app.origin, '');
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const start = async (playbook: string, token?: string): Promise<string> =>
  (await app.ok('POST', `/playbooks/${playbook}/runs`, {}, token === undefined ? {} : { token })).runId;
const isLive = (page: Page) => page.locator('[data-live="live"]').waitFor();
/** The page's time stands still. Where the moment for it has passed on a loaded machine, it stands where it is. */
const stopTime = (page: Page): Promise<void> =>
  page.clock.pauseAt(Date.now() + 500).catch((error: unknown) => {
    if (!String(error).includes('to the past')) throw error;
  });
const openTab = async (path: string): Promise<Page> => {
  const page = await chrome.context.newPage();
  page.setDefaultTimeout(60_000);
  await openPage(page, app.origin, path);
  await isLive(page);
  return page;
};

test('the tab that reads is closed: the next takes over without waiting for any timer, and the tabs miss no event and take none twice', async () => {
  const { context } = chrome;
  const streams = new Set<Request>();
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/v1/events') streams.add(request);
  });
  context.on('requestfailed', (request) => streams.delete(request));
  context.on('requestfinished', (request) => streams.delete(request));
  const readers = () => [...streams].map((request) => request.frame().page()).filter((tab) => !tab.isClosed());

  const first = await openTab('/runs');
  await chrome.page.close();
  await until(() => readers().length === 1 && readers()[0] === first);
  const second = await context.newPage();
  second.setDefaultTimeout(60_000);
  // Its timers stand still once it is up: what it does after is done at once.
  await second.clock.install();
  await openPage(second, app.origin, '/runs');
  await isLive(second);
  const third = await openTab('/runs');
  await third.evaluate(() => {
    const heard: { cursor: string; type: string; run: string | null }[] = [];
    Object.assign(globalThis, { heard });
    const slug = location.pathname.split('/')[2] ?? '';
    new BroadcastChannel(`windlass-events-${slug}`).addEventListener('message', ({ data }) => {
      if (data.kind === 'event') heard.push(data.event);
    });
  });
  expect(readers()).toEqual([first]);

  const runs = [await start(quickId)];
  await stopTime(second);
  await first.close();
  runs.push(await start(quickId));
  await until(() => readers().length === 1 && readers()[0] === second);
  await second.clock.resume();
  runs.push(await start(quickId));
  for (const id of runs) {
    await app.untilRun(id);
    for (const tab of [second, third]) await tab.locator(`[data-run="${id}"][data-status="succeeded"]`).waitFor();
  }
  const heard = await third.evaluate(
    () => (globalThis as unknown as { heard: { cursor: string; run: string | null }[] }).heard,
  );
  for (const id of runs) {
    const { data } = await app.ok('GET', `/runs/${id}/events`);
    const seen = heard.filter(({ run }) => run === id).map(({ cursor }) => cursor);
    const told = data.map(({ cursor }: { cursor: string }) => cursor);
    expect(seen.toSorted()).toEqual(told.toSorted());
  }
  // A run's own page shows each of its events once, by its place in the stream.
  const [run] = runs;
  await openPage(third, app.origin, `/runs/${run}`);
  await third.locator('[data-seq]').first().waitFor();
  const drawn = await third
    .locator('[data-seq]')
    .evaluateAll((rows) => rows.map((node) => node.getAttribute('data-seq')));
  const { data } = await app.ok('GET', `/runs/${run}/events`);
  expect(drawn.toSorted()).toEqual(data.map(({ cursor }: { cursor: string }) => cursor).toSorted());
  await second.close();
  await third.close();
}, 120_000);

test('the stream is cut: a bar says since when, durations stand still, after 30 s nothing can be written; back again, it says how many events came meanwhile', async () => {
  const line = await startTcpProxy({ address: '127.0.0.1', port: Number(new URL(app.origin).port) });
  const page = await chrome.context.newPage();
  page.setDefaultTimeout(60_000);
  const database = new pg.Client({ connectionString: app.database.superuserUrl });
  await database.connect();
  const countEvents = async (): Promise<number> => {
    const { rows } = await database.query<{ count: number }>(
      'select count(*)::int as count from events where workspace_id = $1',
      [app.workspaceId],
    );
    return rows[0]?.count ?? 0;
  };
  /** Once nothing more comes: what ends a run is told in several steps. */
  const settledEvents = async (): Promise<number> => {
    for (let last = -1; ;) {
      const now = await countEvents();
      if (now === last) return now;
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
  };
  try {
    const id = await start(askId);
    await page.clock.install();
    await openPage(page, `http://127.0.0.1:${line.port}`, `/runs/${id}`);
    await isLive(page);
    await page.locator('[data-testid="run.page"][data-status="waiting"]').waitFor();
    const cancel = page.getByRole('button', { name: 'Cancel', exact: true });
    expect(await cancel.getAttribute('aria-disabled')).toBeNull();
    const before = await settledEvents();

    // From here on the page's time goes on by hand; no request comes through any more.
    await stopTime(page);
    line.refuse();
    line.reset();
    const bar = page.getByRole('alert').filter({ hasText: /Connection lost at \d\d:\d\d:\d\d/ });
    let waitedMs = 0;
    for (; !(await bar.isVisible()); waitedMs += 500) await page.clock.runFor(500);
    expect(waitedMs).toBeGreaterThanOrEqual(3_000);
    const head = page.locator('[data-testid="run.page"] header').first();
    const told = await head.textContent();
    expect(told).toMatch(/so far/);
    await page.clock.runFor(20_000);
    expect(await head.textContent()).toBe(told);
    expect(await cancel.getAttribute('aria-disabled')).toBeNull();
    await page.clock.runFor(8_000);
    await eventually(() => cancel.getAttribute('aria-disabled')).toBe('true');
    await cancel.focus();
    await page.clock.runFor(1_000);
    await page.getByRole('tooltip', { name: /Nothing can be changed until it is back/ }).waitFor();

    const others = [await start(quickId), await start(quickId)];
    for (const other of others) await app.untilRun(other);
    const missed = (await settledEvents()) - before;
    line.accept();
    await page.clock.resume();
    await bar.getByRole('button', { name: 'Now' }).click();
    await page.getByText(`Back. ${missed} events caught up, none missed.`).waitFor();
    await eventually(() => cancel.getAttribute('aria-disabled')).toBeNull();
    await eventually(() => head.textContent()).not.toBe(told);
  } finally {
    await page.close();
    await line.stop();
    await database.end();
  }
}, 120_000);

test('who started a run sees why they may not decide; a decision without a reason is refused at its field; another’s decision closes the card, and a second one learns whose was first', async () => {
  const tomas = await app.addMember('Tomas', 'admin');
  const mine = await start(askId, app.owner.token);
  const page = await openTab(`/runs/${mine}`);
  const card = page.getByTestId('approval.card');
  await card.getByText('You started this run, and somebody else must decide.').waitFor();
  expect(await card.getByRole('button', { name: 'Approve' }).getAttribute('aria-disabled')).toBe('true');

  // Another decides: the card goes by the event alone.
  const waiting = async (runId: string): Promise<string> =>
    until(async () => (await app.ok('GET', `/approvals?run=${runId}`))[0]?.id);
  const decide = async (id: string) =>
    app.ok('POST', `/approvals/${id}/decision`, { decision: 'approve', reason: 'Fine.' }, { token: tomas.token });
  await decide(await waiting(mine));
  await card.waitFor({ state: 'hidden' });
  await page.locator('[data-testid="run.page"][data-status="succeeded"]').waitFor();
  // Here no Temporal Web is configured.
  expect(await page.getByRole('link', { name: 'Temporal Web' }).count()).toBe(0);
  await page.close(); // it would tell the next one what it hears

  // A page that hears nothing still shows the card.
  const theirs = await start(askId, tomas.token);
  const asked = await waiting(theirs);
  const deaf = await chrome.context.newPage();
  deaf.setDefaultTimeout(60_000);
  await deaf.route('**/api/v1/events**', (route) => route.abort());
  await openPage(deaf, app.origin, `/runs/${theirs}`);
  const open = deaf.getByTestId('approval.card');
  await open.getByRole('button', { name: 'Approve' }).click();
  const reason = open.getByLabel('Reason');
  await eventually(() => reason.getAttribute('aria-invalid')).toBe('true');
  expect((await app.ok('GET', `/runs/${theirs}`)).status).toBe('waiting');
  await app.ok(
    'POST',
    `/approvals/${asked}/decision`,
    { decision: 'approve', reason: 'Fine.' },
    { token: (await app.addMember('Ada', 'admin')).token },
  );
  await reason.fill('It looks well.');
  await open.getByRole('button', { name: 'Approve' }).click();
  await deaf.getByText('This was already approved, by Ada.').first().waitFor();
  await deaf.close();
}, 120_000);
