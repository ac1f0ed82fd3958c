import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultsOf, inTheme, themes } from '#tests/kit/axe-rules.ts';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { chooseByKeys, menuIsGone } from '#tests/kit/menus.ts';
import { isWiderThanScreen, tooSmall } from '#tests/kit/phone-rules.ts';
import { type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';

/** Numbers, texts, nulls, empty texts, instants; more rows and columns than a screen shows. */
const sql = `select n as id, 'Tier ' || n % 4 as tier, (n * 37 % 1000)::numeric(10, 2) as points,
  case n % 3 when 0 then null when 1 then '' else 'note ' || n end as note,
  timestamp '2026-11-01' + n * interval '1 minute' as opened_at, ${Array.from({ length: 15 }, (_, at) => `n + ${at} as c${at}`).join(', ')}
  from generate_series(1, 3000) n`;
const openBrowser = browserTests();
let world: QueryWorld;
let chrome: Chrome;
let runId: string;

beforeAll(async () => {
  [world, chrome] = await Promise.all([queryWorld({ withConsole: true, withSweeps: false }), openBrowser()]);
  await chrome.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.app.origin });
  runId = await world.start('postgres', sql);
  const other = await world.start('postgres', sql.replace('* 37', '* 41'));
  await Promise.all([world.until(runId), world.until(other)]);
  await signIn(chrome.page, world.app.origin);
}, 180_000);
afterAll(() => world?.close());

const grid = (page: Page) => page.getByRole('grid', { name: /^Rows of/ });
/** The cell at a place of the result, by row and column from 1. */
const cellAt = (page: Page, row: number, column: number) =>
  page.locator(`[aria-rowindex="${row + 1}"] [role="gridcell"][aria-colindex="${column + 1}"]`);
async function openResult(page: Page): Promise<void> {
  await openPage(page, world.app.origin, `/queries?c=${world.connections.postgres}&past=${runId}`);
  await cellAt(page, 1, 1).getByText('1', { exact: true }).waitFor();
  await page.getByText('20 columns · 3,000 rows').waitFor();
}
const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

test('a result is gone into, sorted, filtered, pinned, copied and left by the keyboard alone', async () => {
  const { page } = chrome;
  await openResult(page);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  // In, from the control before it.
  await page.getByRole('button', { name: 'Export', exact: true }).focus();
  await press('Tab');
  await eventually(() => grid(page).evaluate((node) => node === document.activeElement)).toBe(true);
  await press('ArrowDown', 'ArrowRight');
  await cellAt(page, 2, 2).waitFor();
  const second = await cellAt(page, 2, 2).getAttribute('id');
  await eventually(() => grid(page).getAttribute('aria-activedescendant')).toBe(second);
  // Sorted from the head, by the acts of the column.
  await press('Control+Home', 'ArrowUp', 'Enter');
  await chooseByKeys(page, 'Sort descending');
  await cellAt(page, 1, 1).getByText('3,000').waitFor();
  // Filtered: the dialog takes the focus and gives it back.
  await press('ArrowRight', 'Enter');
  await chooseByKeys(page, 'Filter…');
  await page.getByRole('dialog', { name: 'Filter by tier' }).waitFor();
  const field = page.getByRole('textbox', { name: 'Value' });
  await eventually(() => page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)).toBe(true);
  for (let step = 0; step < 6 && !(await field.evaluate((node) => node === document.activeElement)); step += 1)
    await press('Tab');
  await page.keyboard.insertText('Tier 2');
  await press('Enter');
  await page.getByText('750 of 3,000 rows').first().waitFor();
  await eventually(() => grid(page).evaluate((node) => node === document.activeElement)).toBe(true);
  // Pinned: it stays where the others are scrolled away.
  await press('Control+Home', 'ArrowUp', 'Enter');
  await chooseByKeys(page, 'Pin to the left');
  await press('ArrowDown', 'Control+ArrowRight');
  await cellAt(page, 1, 20).waitFor();
  await eventually(async () => {
    const [edge, pinned] = [await grid(page).boundingBox(), await cellAt(page, 1, 1).boundingBox()];
    return (pinned?.x ?? 0) - (edge?.x ?? 0);
  }).toBeLessThan(100);
  // Copied: as they are by key, in other forms by the menu of the cell. Null is not the empty text.
  await press('Control+Home', 'Shift+ArrowRight', 'Control+c');
  await eventually(() => copied(page)).toBe('2998\tTier 2');
  const copyAs = async (form: string) => {
    await press('Shift+F10');
    await chooseByKeys(page, `Copy as ${form}`);
  };
  await copyAs('JSON');
  await eventually(async () => JSON.parse(await copied(page))).toEqual([{ id: 2998, tier: 'Tier 2' }]);
  await copyAs('Markdown');
  await eventually(() => copied(page)).toContain('| 2998 | Tier 2 |');
  // Out again, both ways.
  await press('Tab');
  await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
    'Find in loaded rows',
  );
  await press('Shift+Tab');
  await eventually(() => grid(page).evaluate((node) => node === document.activeElement)).toBe(true);
  await press('Shift+Tab');
  await eventually(() => grid(page).evaluate((node) => node.contains(document.activeElement))).toBe(false);
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('the rows fill the window and leave it again, and what lies behind answers to no key meanwhile', async () => {
  const { page } = chrome;
  await openResult(page);
  await page.getByRole('button', { name: 'Fill the window with the rows' }).click();
  const section = page.getByTestId('queries.grid');
  await eventually(async () => (await section.boundingBox())?.height).toBe(900);
  await eventually(async () => (await section.boundingBox())?.width).toBe(1440);
  await grid(page).focus();
  for (let tab = 0; tab < 12; tab += 1) {
    await page.keyboard.press('Tab');
    expect(
      await page.evaluate(
        () =>
          document.activeElement === document.body ||
          document.activeElement?.closest('[data-testid="queries.grid"]') !== null,
      ),
    ).toBe(true);
  }
  await grid(page).focus();
  await page.keyboard.press('Escape');
  await eventually(async () => ((await section.boundingBox())?.height ?? 900) < 800).toBe(true);
  await eventually(() => page.locator('[inert]').count()).toBe(0);
});

test('scrolled far and sideways it shows the rows and columns of that place, in order', async () => {
  const { page } = chrome;
  await openResult(page);
  await grid(page).evaluate((node) => node.scrollTo(900, 2_000 * 27));
  await cellAt(page, 2_005, 12).waitFor();
  await eventually(() => cellAt(page, 2_005, 12).textContent()).toBe('2,011');
  const places = () =>
    page.locator('[data-place]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-place'))));
  await eventually(async () => {
    const now = await places();
    return now.every((place, index) => place === (now[0] ?? 0) + index);
  }).toBe(true);
  expect(await places()).toContain(2_004);
});

test('a result that is open keeps the rules of WCAG A and AA in both themes: rows, panels, chart, menus, messages and comparison', async () => {
  const { page } = chrome;
  // Every cell is drawn alike: of a smaller window each is looked at sooner.
  await page.setViewportSize({ width: 1024, height: 900 });
  const faults: string[] = [];
  const look = async (where: string) => {
    for (const theme of themes) {
      await inTheme(page, theme);
      faults.push(...(await faultsOf(page, `${where} in ${theme}`, theme)));
    }
  };
  const menu = page.getByRole('menu');
  /** A head may move as what it is pressed for takes effect: it is pressed until its menu has come. */
  const openHead = async (column: string) => {
    await menuIsGone(page);
    const acts = page.getByRole('columnheader', { name: column }).getByRole('button', { name: /^Acts on/ });
    const isOpen = () =>
      menu.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    do await acts.click({ force: true });
    while (!(await isOpen()));
  };
  const fromHead = async (column: string, act: string) => {
    await openHead(column);
    await page.getByRole('menuitem', { name: act }).click();
    await menuIsGone(page);
  };
  await openResult(page);
  await look('grid');
  await cellAt(page, 3, 2).click();
  await cellAt(page, 6, 4).click({ modifiers: ['Shift'] });
  await page.getByTestId('queries.selection').waitFor();
  await fromHead('id', 'Pin to the left');
  await fromHead('points', 'Sort descending');
  await page.keyboard.press('Control+f');
  await page.getByRole('searchbox', { name: 'Find in loaded rows' }).fill('note');
  await page.getByText(/^1 of /).waitFor();
  await look('grid with a pin, an order, a selection and a find');
  await page.keyboard.press('Escape');
  await openHead('points');
  await look('menu of a column');
  await page.keyboard.press('Escape');
  await menuIsGone(page);
  await cellAt(page, 4, 3).click({ button: 'right' });
  await page.getByRole('menu').waitFor();
  await look('menu of a cell');
  await page.keyboard.press('Escape');
  await menuIsGone(page);
  for (const [column, act] of [
    ['points', 'Profile'],
    ['tier', 'Chart by this'],
    ['tier', 'Filter…'],
  ] as const) {
    await fromHead(column, act);
    await page.getByRole('dialog').waitFor();
    await look(act);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await cellAt(page, 2, 4).dblclick();
  await page.getByRole('dialog').waitFor();
  await look('one cell');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Fill the window with the rows' }).click();
  await look('full window');
  await page.getByRole('button', { name: 'Leave the full window' }).click();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('menu').waitFor();
  await look('export');
  await page.keyboard.press('Escape');
  await menuIsGone(page);
  await page.getByRole('radio', { name: /^Messages/ }).click();
  await look('messages');
  await page.getByRole('radio', { name: 'Compare' }).click();
  await page.getByRole('combobox', { name: 'The other run' }).click();
  await page.getByRole('option').first().click();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByText(/^[\d,]+ changed$/).waitFor();
  await look('comparison of rows');
  await page.getByRole('radio', { name: 'Columns' }).click();
  await look('comparison of columns');
  await page.getByRole('radio', { name: 'Text' }).click();
  await look('comparison of texts');
  expect(faults).toEqual([]);
}, 180_000);

test('on a phone a result is no wider than the screen, its rows are read, chosen and sorted by thumb', async () => {
  const phone = await openBrowser({ width: 390, height: 844, hasTouch: true });
  const { page } = phone;
  await signIn(page, world.app.origin);
  await openResult(page);
  expect(await isWiderThanScreen(page)).toBe(false);
  const faults = (await tooSmall(page)).map((what) => `grid: ${what}`);
  await cellAt(page, 2, 2).tap();
  await eventually(() => cellAt(page, 2, 2).getAttribute('aria-selected')).toBe('true');
  await page.getByRole('columnheader', { name: 'id' }).getByText('id', { exact: true }).tap();
  await page.getByRole('menuitem', { name: 'Sort descending' }).tap();
  await cellAt(page, 1, 1).getByText('3,000').waitFor();
  for (const pane of [/^Messages/, /^Compare/]) {
    await page.getByRole('radio', { name: pane }).tap();
    await page.getByRole('radio', { name: pane, checked: true }).waitFor();
    expect(await isWiderThanScreen(page)).toBe(false);
    faults.push(...(await tooSmall(page)).map((what) => `${String(pane)}: ${what}`));
  }
  expect(faults).toEqual([]);
  expect(phone.complaints).toEqual([]);
}, 120_000);
