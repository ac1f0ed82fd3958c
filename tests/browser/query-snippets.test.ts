import { beforeAll, expect, test } from 'vitest';
import { faultsOf, inTheme, themes } from '#tests/kit/axe-rules.ts';
import { eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage } from '#tests/kit/console.ts';
import { isWiderThanScreen, tooSmall } from '#tests/kit/phone-rules.ts';
import { twoBrowsers, writeQuery } from '#tests/kit/query-browsers.ts';
import { mid, type QueryWorld } from '#tests/kit/query-world.ts';

const both = twoBrowsers();
let world: QueryWorld;
let here: Chrome;
let there: Chrome;
beforeAll(() => void ({ world, here, there } = both));

/** The text of the open query as the server keeps it. */
const kept = async (): Promise<string> =>
  (await world.app.ok('GET', '/query-tabs', undefined, { token: world.app.owner.token })).data[0]?.sql;

test('a selection becomes a snippet; its trigger brings it, Tab goes through its stops, its parameter is asked for, and it runs', async () => {
  const { page } = here;
  await openPage(there.page, world.app.origin, `/queries?c=${world.connections.sfmc}&bu=${mid}&side=snippets`);
  const listed = there.page.getByTestId('queries.snippets');
  await listed.getByRole('button', { name: /^dedupe/ }).waitFor();

  await openPage(page, world.app.origin, `/queries?c=${world.connections.sfmc}&bu=${mid}&side=snippets`);
  await writeQuery(page, 'SELECT SubscriberKey, City FROM Members WHERE Points < {{ below: number = 900 }}');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+Shift+s');
  const dialog = page.getByRole('dialog');
  const text = dialog.getByLabel(/^Text/);
  expect(await text.inputValue()).toContain('Points < {{ below: number = 900 }}');
  await text.fill('SELECT ${1:SubscriberKey}, City\nFROM Members\nWHERE ${2:Age} < {{ below: number = 900 }}$0');
  await dialog.getByText('2 stops. Parameter: below.').waitFor();
  await dialog.getByLabel(/^Trigger/).fill('fewer');
  await dialog.getByLabel(/^Description/).fill('Members below a value');
  await dialog.getByRole('button', { name: 'Save snippet' }).click();
  await dialog.waitFor({ state: 'detached' });
  // The other browser only looks: the event alone brings it.
  await listed.getByRole('button', { name: /^fewer/ }).waitFor();

  await writeQuery(page, ' ');
  await page.keyboard.press('Backspace');
  await page.getByTestId('queries.parameters').waitFor({ state: 'detached' });
  await page.keyboard.type('few');
  await page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'fewer' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByTestId('queries.parameters').getByText('below').first().waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('Points');
  await page.keyboard.press('Tab');
  await page.keyboard.type(' ');
  await eventually(kept).toBe('SELECT SubscriberKey, City\nFROM Members\nWHERE Points < {{ below: number = 900 }} ');
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('[data-testid="queries.status"] [data-phase="Done"]').waitFor();
  await page.getByRole('grid').getByText('sub-').first().waitFor();
  expect([...here.complaints, ...there.complaints]).toEqual([]);
}, 120_000);

test('from the list a snippet is put in where the cursor is, changed, deleted, and brought back', async () => {
  const { page } = here;
  const panel = page.getByTestId('queries.snippets');
  await writeQuery(page, 'SELECT SubscriberKey FROM Members WHERE ');
  await panel.getByRole('button', { name: 'Insert window' }).click();
  await page.keyboard.type('m');
  await page.keyboard.press('Escape');
  await eventually(kept).toMatch(/WHERE m\.EventDate >= \{\{ first_day: date = start of month \}\} AND m\.EventDate </);

  await panel.getByRole('button', { name: 'More for fewer' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await page
    .getByRole('dialog')
    .getByLabel(/^Trigger/)
    .fill('less');
  await page.getByRole('button', { name: 'Save snippet' }).click();
  await panel.getByRole('button', { name: /^less/ }).waitFor();
  await panel.getByRole('button', { name: 'More for less' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await panel.getByRole('button', { name: /^less/ }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await panel.getByRole('button', { name: /^less/ }).waitFor();
  // Where the list is a drawer, it is gone before the editor takes what is typed.
  await page.setViewportSize({ width: 1024, height: 800 });
  await writeQuery(page, 'SELECT SubscriberKey FROM Members WHERE ');
  await page.getByRole('button', { name: 'History, saved queries, snippets and docs' }).click();
  await panel.getByRole('button', { name: 'Insert lastdays' }).click();
  await page.keyboard.type('Each');
  await eventually(kept).toContain('WHERE Each.EventDate');
  expect(here.complaints).toEqual([]);
}, 60_000);

test('list and form keep the rules for all eyes and hands, in both themes, and on a phone, where none is put in and that is said', async () => {
  const { page } = here;
  const faults: string[] = [];
  const look = async (where: string) => {
    for (const theme of themes) {
      await inTheme(page, theme);
      faults.push(...(await faultsOf(page, `${where}, ${theme}`, theme)));
    }
    await inTheme(page, 'light');
  };
  await page.setViewportSize({ width: 1440, height: 900 });
  await openPage(page, world.app.origin, `/queries?c=${world.connections.sfmc}&bu=${mid}&side=snippets`);
  const panel = page.getByTestId('queries.snippets');
  await panel.getByRole('button', { name: /^opened/ }).click();
  await panel.getByText('FROM _Open o').waitFor();
  await look('list');
  await panel.getByRole('button', { name: 'New snippet' }).click();
  const dialog = page.getByRole('dialog', { name: 'New snippet' });
  await dialog.getByLabel(/^Text/).fill('${1');
  await look('form');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'History, saved queries, snippets and docs' }).click();
  await panel.getByRole('button', { name: /^opened/ }).waitFor();
  expect(await panel.getByRole('button', { name: 'Insert opened' }).getAttribute('aria-disabled')).toBe('true');
  faults.push(
    ...(await tooSmall(page)),
    ...((await isWiderThanScreen(page)) ? ['the list is wider than the screen'] : []),
  );
  await panel.getByRole('button', { name: 'New snippet' }).click();
  await dialog.waitFor();
  faults.push(
    ...(await tooSmall(page)),
    ...((await isWiderThanScreen(page)) ? ['the form is wider than the screen'] : []),
  );
  expect(faults).toEqual([]);
}, 60_000);
