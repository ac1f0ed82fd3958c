import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultsOf, inTheme, themes } from '#tests/kit/axe-rules.ts';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { furnishConsole } from '#tests/kit/console-world.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let paths: readonly string[];

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  ({ paths } = await furnishConsole(app));
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

/** Statuses that have no name for those who do not see them: no word, no label, and not part of what has one. */
const namelessStatuses = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('[data-status]')]
      .filter((node) => {
        const named = node.closest('[role=img][aria-label], [aria-label]');
        return !named && (node.textContent ?? '').trim() === '';
      })
      .map((node) => node.outerHTML.slice(0, 160)),
  );

/** The palette opens by its key wherever one is, and leaves the focus where it was. */
const givesFocusBack = async (page: Page): Promise<boolean> => {
  const before = await page.evaluateHandle(() => {
    if (document.activeElement === document.body) document.querySelector<HTMLElement>('nav a[href]')?.focus();
    return document.activeElement;
  });
  await page.keyboard.press('ControlOrMeta+k');
  const field = page.getByPlaceholder('Search or run a command');
  await field.waitFor();
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
  return page.evaluate((node) => document.activeElement === node, before);
};

/** In which themes the page is wider than the screen, once it is drawn at its new size. */
const widerThanScreen = (page: Page): Promise<string[]> =>
  page.evaluate(
    (all) =>
      new Promise<string[]>((resolve) =>
        requestAnimationFrame(() => {
          const root = document.documentElement;
          const before = root.dataset['theme'];
          const over = all.flatMap((theme) => {
            root.dataset['theme'] = theme;
            const wide = root.scrollWidth - innerWidth;
            return wide > 0 ? [`${wide} px wider than the screen in ${theme}`] : [];
          });
          root.dataset['theme'] = before;
          resolve(over);
        }),
      ),
    themes,
  );

/** Each page is visited once, so that all that is asked of every page costs one load. */
test('every page keeps the rules of WCAG A and AA, names its statuses and opens the palette and fits each width without sideways scroll, in both themes, with no error in the browser’s console', async () => {
  const { page, complaints } = chrome;
  const faults: string[] = [];
  for (const path of paths) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await inTheme(page, 'light');
    await openPage(page, app.origin, path);
    faults.push(...(await faultsOf(page, path)));
    faults.push(...(await namelessStatuses(page)).map((node) => `${path}: no name for ${node}`));
    if (/^[^?]*$|edit=new$/.test(path) && !(await givesFocusBack(page)))
      faults.push(`${path}: the palette does not give the focus back`);
    await inTheme(page, 'dark');
    faults.push(...(await faultsOf(page, `${path} in dark`, 'dark')));
    for (const width of [1440, 1280, 1024, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      faults.push(...(await widerThanScreen(page)).map((what) => `${path} at ${width}: ${what}`));
    }
    faults.push(...complaints.splice(0).map((said) => `${path}: ${said}`));
  }
  expect(faults).toEqual([]);
}, 600_000);

test('nor does a dialog, a menu or the palette break a rule when it is open, in either theme', async () => {
  const { page } = chrome;
  const faults: string[] = [];
  const look = async (where: string) => {
    for (const theme of themes) {
      await inTheme(page, theme);
      faults.push(...(await faultsOf(page, `${where} in ${theme}`, theme)));
    }
  };
  await page.setViewportSize({ width: 1440, height: 900 });
  await openPage(page, app.origin, '/schedules');
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByPlaceholder('Search or run a command').waitFor();
  await look('palette');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys of this page' }).waitFor();
  await look('keys');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Notices/ }).click();
  await page.getByTestId('shell.notices').waitFor();
  await look('notices');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More' }).first().click();
  await page.getByRole('menu').waitFor();
  await look('menu');
  await page.getByRole('menuitem', { name: 'Delete schedule' }).click();
  await page.getByRole('alertdialog').waitFor();
  await look('asking');
  await page.keyboard.press('Escape');
  for (const menu of ['New', 'You: Mara']) {
    await page.getByRole('button', { name: menu, exact: true }).click();
    await page.getByRole('menu').waitFor();
    await look(menu);
    await page.keyboard.press('Escape');
  }
  expect(faults).toEqual([]);
}, 120_000);

test('nor do the pages before one is in', async () => {
  const { page, complaints } = await openBrowser();
  const faults: string[] = [];
  for (const path of [
    '/sign-in',
    '/forgot-password',
    '/reset-password/0123456789abcdef',
    '/invite/0123456789abcdef',
    '/approve/0123456789abcdef01234567',
  ]) {
    await page.goto(app.origin + path);
    await page.getByRole('main').waitFor();
    await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
    for (const theme of themes) {
      await inTheme(page, theme);
      faults.push(...(await faultsOf(page, `${path} in ${theme}`, theme)));
    }
    for (const width of [1024, 390, 1440]) {
      await page.setViewportSize({ width, height: 844 });
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (isWide) faults.push(`${path} at ${width} is wider than the screen`);
    }
  }
  expect(faults).toEqual([]);
  expect(complaints).toEqual([]);
}, 120_000);
