import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, workspacePath } from '#tests/kit/console.ts';
import { editorOf, twoBrowsers, writeQuery } from '#tests/kit/query-browsers.ts';
import { membersQuery, mid, type QueryWorld } from '#tests/kit/query-world.ts';

const both = twoBrowsers();
let world: QueryWorld;
let here: Chrome;
let there: Chrome;
beforeAll(() => void ({ world, here, there } = both));

/** The lines that the editor shows. Monaco draws spaces of its own. */
const linesOf = async (page: Page): Promise<string[]> =>
  (await editorOf(page).locator('.view-line').evaluateAll((all) =>
    all
      .map((line) => ({ top: line.getBoundingClientRect().top, text: line.textContent ?? '' }))
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text),
  )).map((text) => text.replaceAll('\u00a0', ' ')); // prettier-ignore

test('two browsers with one query: what one types is in the other within moments, and where both typed, both stand', async () => {
  await openPage(here.page, world.app.origin, `/queries?c=${world.connections.postgres}&new=${Date.now()}`);
  await writeQuery(here.page, 'select 1\nfrom a\nwhere b');
  await eventually(async () => (await world.app.ok('GET', '/query-tabs', undefined, { token: world.app.owner.token })).data.map(({ sql }: { sql: string }) => sql)).toContain('select 1\nfrom a\nwhere b'); // prettier-ignore
  await here.page.waitForURL(/[?&]tab=/);
  const tab = new URL(here.page.url()).searchParams.get('tab');
  await openPage(there.page, world.app.origin, `/queries?tab=${tab}`);
  await eventually(() => linesOf(there.page)).toEqual(['select 1', 'from a', 'where b']);

  // The other browser only looks: the event alone brings the text.
  await editorOf(here.page).locator('.view-lines').click();
  await here.page.keyboard.press('ControlOrMeta+End');
  await here.page.keyboard.type(' = 2');
  await eventually(() => linesOf(there.page)).toEqual(['select 1', 'from a', 'where b = 2']);

  // Both type at once, in lines of their own: neither is overwritten.
  await editorOf(there.page).locator('.view-lines').click();
  await there.page.keyboard.press('ControlOrMeta+Home');
  await here.page.keyboard.press('ControlOrMeta+End');
  await Promise.all([there.page.keyboard.type('-- there\n'), here.page.keyboard.type('\n-- here')]);
  const both = ['-- there', 'select 1', 'from a', 'where b = 2', '-- here'];
  await eventually(() => linesOf(here.page)).toEqual(both);
  await eventually(() => linesOf(there.page)).toEqual(both);
  expect([...here.complaints, ...there.complaints]).toEqual([]);
}, 120_000);

test('a fork remembers what it comes from, also when the page is loaded again before it is saved', async () => {
  const { page } = here;
  const name = `Origin ${Math.random().toString(36).slice(2, 8)}`;
  const { id } = await world.app.ok('POST', '/queries', {
    name,
    body: { engine: 'sfmc', sql: membersQuery, connectionId: world.connections.sfmc, unit: mid },
  });
  await openPage(page, world.app.origin, '/queries?side=saved');
  await page.getByRole('button', { name: `More for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Fork into a new tab' }).click();
  await page.getByRole('tab', { name: new RegExp(`Fork of ${name}`) }).waitFor();
  await eventually(async () => (await world.app.ok('GET', '/query-tabs', undefined, { token: world.app.owner.token })).data.some(({ forkedFrom }: { forkedFrom: object | null }) => forkedFrom !== null)).toBe(true); // prettier-ignore
  await page.reload();
  await editorOf(page).waitFor();
  await page.keyboard.press('ControlOrMeta+s');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Name/).fill(`${name}, mine`);
  await dialog.getByRole('button', { name: 'Save query' }).click();
  await dialog.waitFor({ state: 'detached' });
  const { data } = await world.app.ok('GET', `/queries?q=${encodeURIComponent(`${name}, mine`)}`);
  expect(data).toMatchObject([{ forkedFrom: { id, version: 1 } }]);
}, 120_000);

test('a link opens a run with its text and rows for who may see its connection, and says no more to who may not', async () => {
  const runId = await world.start('sfmc', membersQuery, { title: 'Shared run' });
  await world.until(runId);
  const { page } = here;
  await openPage(page, world.app.origin, `/queries?past=${runId}`);
  await page.getByRole('grid').getByText('sub-').first().waitFor();
  await page.getByRole('button', { name: 'Copy a link to this run' }).waitFor();
  const guest = await world.app.addMember(`Guest${Math.random().toString(36).slice(2, 8)}`, 'member');
  await world.app.ok('POST', '/query-rules', {
    personId: guest.id,
    connectionId: world.connections.sfmc,
    denied: ['view'],
  });
  await there.context.clearCookies();
  await there.page.goto(`${world.app.origin}/sign-in`);
  await there.page.getByLabel('Mail address').fill(guest.email);
  await there.page.getByLabel('Password', { exact: true }).fill('a long enough word');
  await there.page.getByRole('button', { name: 'Continue' }).click();
  await there.page.waitForURL(/\/w\//);
  await there.page.goto(`${world.app.origin}${workspacePath}/queries?past=${runId}`);
  await there.page
    .getByText(/nothing here|not there|no such|not found/i)
    .first()
    .waitFor();
  expect(await there.page.content()).not.toContain('Shared run');
}, 120_000);
