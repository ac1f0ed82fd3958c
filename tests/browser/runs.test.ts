import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
import { type Sshd, startSshd } from '#tests/kit/sshd.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let hosts: Sshd;
let asking: string;
let talking: string;

beforeAll(async () => {
  [app, chrome, hosts] = await Promise.all([
    startTestApp({ withConsole: true }),
    openBrowser(),
    startSshd({ hosts: 2 }),
  ]);
  const { id: credentialId } = await app.ok('POST', '/credentials', {
    name: 'root key',
    kind: 'ssh_key',
    username: hosts.username,
    privateKey: hosts.privateKey,
  });
  for (const { name, address, port } of hosts.hosts)
    await app.ok('POST', '/servers', { name, host: address, port, tags: ['web'], credentialId });
  const save = async (name: string, steps: unknown[], more: object = {}): Promise<string> =>
    (await app.ok('POST', '/playbooks', { definition: { name, steps, ...more } })).id;
  asking = await save('Ask first', [{ id: 'ask', kind: 'approve', roles: ['owner'], message: 'Shall it go on?' }]);
  // Far more lines than are read before anybody asks for more, and the one that is searched for at their end.
  talking = await save(
    'Talk much',
    [
      {
        id: 'talk',
        kind: 'ssh',
        hosts: { tags: ['web'] },
        command: 'seq 1 60000 | sed "s/^/line /"; echo "the needle"; hostname >/dev/null; echo "done by $USER"',
      },
      { id: 'end', kind: 'set', values: { word: '${{ inputs.word }}' } },
    ],
    { inputs: [{ name: 'word', type: 'string', default: 'first' }] },
  );
  await signIn(chrome.page, app.origin);
}, 240_000);
afterAll(async () => {
  await app?.close();
  await hosts?.stop();
});

const start = async (playbook: string, title: string): Promise<string> =>
  (await app.ok('POST', `/playbooks/${playbook}/runs`, { title })).runId;
const row = (page: Page, title: string) => page.getByRole('row', { name: title, exact: true });

test('a run that is started by the API appears and moves without a reload, in the list and on the first page', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs');
  await page.locator('[data-live="live"]').waitFor();
  const id = await start(asking, 'From elsewhere');
  await page.locator(`[data-run="${id}"][data-status="waiting"]`).waitFor();
  const overview = await chrome.context.newPage();
  await openPage(overview, app.origin, '');
  await overview.getByTestId('overview.running').locator(`[data-run="${id}"]`).waitFor();

  // It is decided where it waits, without leaving the page, and both pages see it end.
  await overview.getByTestId('overview.waiting').getByRole('button', { name: 'Review' }).click();
  await overview.getByLabel('Reason').fill('Fine.');
  await overview.getByRole('button', { name: /^Approve/ }).click();
  await overview.getByText('Nothing waits for you.').waitFor();
  await page.locator(`[data-run="${id}"][data-status="succeeded"]`).waitFor();
  await overview.close();
  expect(chrome.complaints).toEqual([]);
}, 180_000);

test('new runs wait while the pointer is over the list, and are counted; the button shows them', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs');
  await page.locator('[data-live="live"]').waitFor();
  await row(page, 'From elsewhere').hover();
  await start(asking, 'While it is read 1');
  await start(asking, 'While it is read 2');
  const news = page.getByTestId('runs.new');
  await news.filter({ hasText: '2 new runs' }).waitFor();
  expect(await row(page, 'While it is read 1').count()).toBe(0);
  await news.click();
  await row(page, 'While it is read 2').waitFor();
  await news.waitFor({ state: 'detached' });
}, 120_000);

test('filters are in the address: another browser shows the same, and Back undoes the last choice', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs');
  await page.getByRole('button', { name: /^Status/ }).click();
  await page.getByRole('checkbox', { name: 'Waiting' }).click();
  await page.keyboard.press('Escape');
  await page.getByLabel('Search runs').fill('read 2');
  await row(page, 'While it is read 1').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Started', exact: false }).first().click();
  await page.getByRole('button', { name: 'last hour' }).click();
  await page.waitForURL(/started=1h/);
  expect(new URL(page.url()).search).toContain('status=waiting');

  const other = await openBrowser();
  try {
    await signIn(other.page, app.origin);
    await other.page.goto(page.url());
    await row(other.page, 'While it is read 2').waitFor();
    expect(await other.page.getByLabel('Search runs').inputValue()).toBe('read 2');
    expect(await row(other.page, 'From elsewhere').count()).toBe(0);
  } finally {
    await other.close();
  }
  await page.keyboard.press('Escape');
  await page.goBack();
  await page.waitForFunction(() => !location.search.includes('started'));
  expect(new URL(page.url()).search).toContain('status=waiting');
}, 180_000);

test('a view is saved under a name and shared; whoever opens it sees the same runs', async () => {
  const { page } = chrome;
  await page.goto(`${app.origin}${workspacePath}/runs?status=waiting`);
  await row(page, 'While it is read 1').waitFor();
  await page.getByRole('button', { name: 'Save view' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Asks somebody');
  await dialog.getByText('Share with the workspace').click();
  await dialog.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('tab', { name: /Asks somebody/, selected: true }).waitFor();
  await page.getByRole('tab', { name: 'All', exact: true }).click();
  await row(page, 'From elsewhere').waitFor();
  await page.getByRole('tab', { name: /Asks somebody/ }).click();
  await row(page, 'From elsewhere').waitFor({ state: 'hidden' });
  expect(new URL(page.url()).search).toContain('status=waiting');
}, 120_000);

test('several runs are canceled at once by the keyboard, and one that had ended is not among them', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs');
  await row(page, 'From elsewhere').waitFor();
  // The focus moves with the next frame; the next key is pressed when it is there.
  for (let place = 0; place < 3; place += 1) {
    await page.keyboard.press('j');
    await page.locator(`[role=row][data-index="${place}"]:focus`).waitFor();
    await page.keyboard.press('x');
  }
  const bar = page.getByRole('toolbar', { name: 'Selected runs' });
  await bar.getByText('3 selected').waitFor();
  await bar.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('alertdialog', { name: 'Cancel 2 runs?' }).getByRole('button', { name: 'Cancel runs' }).click();
  await bar.waitFor({ state: 'hidden' });
  await page.locator('[role=row][data-status="canceled"]').nth(1).waitFor();
  await eventually(() => page.locator('[role=row][data-status="succeeded"]').count()).toBe(1);
  expect(await bar.count()).toBe(0);
}, 120_000);

test('a host narrows log and steps; a search finds a line that is not loaded; a fork runs with another input', async () => {
  const { page } = chrome;
  const id = await start(talking, 'Much to say');
  await app.untilRun(id);
  await openPage(page, app.origin, `/runs/${id}`);
  const log = page.getByRole('log');
  await page.waitForFunction(() => /lines and more/.test(document.querySelector('[role=log]')?.ariaLabel ?? ''));

  const [one] = hosts.hosts;
  await page.getByTestId('run.hosts').getByRole('button', { name: one?.name }).click();
  await page.waitForURL(/host=/);
  await page.getByTestId('run.steps').getByText(`on ${one?.name}`).waitFor();
  await log.locator('[data-line="1"]').waitFor();

  await page.getByLabel('Search the log').fill('the needle');
  await page.getByLabel('Matches').filter({ hasText: 'of 1' }).waitFor();
  await page.keyboard.press('Enter');
  await log.locator('mark', { hasText: 'the needle' }).waitFor();
  expect(new URL(page.url()).search).toContain('q=the');

  await page.getByRole('button', { name: 'More ways to rerun' }).click();
  await page.getByRole('menuitem', { name: /With other inputs/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('From').click();
  await page.getByRole('option', { name: '2. end' }).click();
  await dialog.getByLabel('word').fill('second');
  await dialog.getByRole('button', { name: 'Run from this step' }).click();
  await page.waitForURL((url) => /\/runs\/[0-9a-f-]{36}/.test(url.pathname) && !url.pathname.endsWith(id));
  const forked = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const run = await app.untilRun(forked);
  expect(run.rerunOf).toBe(id);
  expect(run.inputs).toEqual({ word: 'second' });
  expect(run.steps.map(({ address, carried }) => [address, carried])).toEqual([
    ['talk', true],
    ['end', false],
  ]);
  expect(chrome.complaints).toEqual([]);
}, 240_000);

test('the runs that a filter shows leave as a file, and so do those that are selected', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs?status=canceled');
  await page.getByRole('link', { name: 'Export 2 runs as CSV' }).waitFor();
  const saved = async (press: () => Promise<void>): Promise<string[]> => {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    expect(download.suggestedFilename()).toMatch(/^runs-.*\.csv$/);
    const [head, ...lines] = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(head?.startsWith('id,title,kind,status')).toBe(true);
    return lines.map((line) => line.split(',')[1] ?? '').toSorted();
  };
  expect(await saved(() => page.getByRole('link', { name: /^Export/ }).click())).toEqual([
    'While it is read 1',
    'While it is read 2',
  ]);
  await page.getByRole('checkbox', { name: 'Select While it is read 2' }).click();
  const bar = page.getByRole('toolbar', { name: 'Selected runs' });
  expect(await saved(() => bar.getByRole('button', { name: 'Export' }).click())).toEqual(['While it is read 2']);
}, 120_000);

test('tags of several runs are changed at once and taken back; a tag in the address narrows the list', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs?status=canceled');
  for (const name of ['1', '2']) await page.getByRole('checkbox', { name: `Select While it is read ${name}` }).click();
  await page.getByRole('toolbar', { name: 'Selected runs' }).getByRole('button', { name: 'Tags' }).click();
  const dialog = page.getByRole('dialog', { name: 'Tags of 2 runs' });
  await dialog.getByLabel('Add').fill('night');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Add 1' }).click();
  await dialog.waitFor({ state: 'detached' });
  const tagged = async (): Promise<number> => (await app.ok('GET', '/runs?tag=night')).data.length;
  await eventually(tagged).toBe(2);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByText('The tags are as they were').first().waitFor();
  await eventually(tagged).toBe(0);

  const [first] = (await app.ok('GET', '/runs?status=canceled&limit=1')).data;
  await app.ok('POST', '/runs/tag', { ids: [first.id], add: ['night'] });
  await openPage(page, app.origin, '/runs?tag=night');
  await page.locator(`[data-run="${first.id}"]`).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[role=row][data-run]').length === 1);
  expect(await tagged()).toBe(1);
}, 120_000);

test('the list is sorted by another column, the address says so, and Back takes it back', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/runs');
  const titles = () =>
    page.locator('[role=row][data-run]').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));
  await row(page, 'From elsewhere').waitFor();
  const newest = await titles();
  await page.getByRole('columnheader', { name: 'Run' }).getByRole('button').click();
  await page.waitForURL(/sort=title/);
  await page.waitForFunction(
    () => document.querySelector('[role=row][data-run]')?.getAttribute('aria-label') === 'From elsewhere',
  );
  await eventually(titles).toEqual(newest.toSorted((a, b) => (a ?? '').localeCompare(b ?? '', 'en')));
  await page.goBack();
  await page.waitForFunction((first) => document.querySelector('[role=row][data-run]')?.getAttribute('aria-label') === first, newest[0]); // prettier-ignore
  expect(new URL(page.url()).search).not.toContain('sort');
}, 120_000);
