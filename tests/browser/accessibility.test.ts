import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultsOf, inTheme, themes } from '#tests/kit/axe-rules.ts';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, walkTo } from '#tests/kit/console.ts';
import { type ConsoleWorld, furnishConsole } from '#tests/kit/console-world.ts';
import { lostWords, spacing } from '#tests/kit/lost-words.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';
import { holdSight } from './sight.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let world: ConsoleWorld;

beforeAll(async () => {
  [app, chrome] = await Promise.all([
    startTestApp({ withConsole: true, withHosts: false, withSweeps: false }),
    openBrowser(),
  ]);
  world = await furnishConsole(app);
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
  // It is given back in the next moment.
  return page
    .waitForFunction((node) => document.activeElement === node, before, { timeout: 10_000 })
    .then(
      () => true,
      () => false,
    );
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

/** What is lost with more space between letters, words and lines. */
const lostBySpacing = async (page: Page): Promise<string[]> => {
  const style = await page.addStyleTag({ content: spacing });
  const lost = await lostWords(page);
  await style.evaluate((node) => (node as Element).remove());
  return lost.map((what) => `with spacing: ${what}`);
};
const drawn = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
const keepsItsWords = [
  '', '/runs', '/playbooks', '/approvals', '/servers', '/servers?edit=new', '/credentials', '/schedules', '/webhooks',
  '/run-triggers', '/incidents/reports', '/alerts', '/alerts?show=rules', '/logs', '/logs?show=sources', '/assets', '/oncall', '/settings', '/settings/members', '/settings/values', '/settings/channels', '/settings/queues',
  '/settings/sign-in', '/settings/api-keys', '/settings/audit', '/settings/sla', '/settings/incident-rules', '/settings/status-page', '/account', '/account/notifications',
]; // prettier-ignore

/** Each page is visited once, so that all that is asked of every page costs one visit; those without a query by a link. */
test('every page keeps the rules of WCAG A and AA, names its statuses and opens the palette and fits each width without sideways scroll, in both themes, loses no word at twice its size or with the spacing of WCAG 1.4.12, with no error in the browser’s console', async () => {
  const { page, complaints } = chrome;
  const { paths, waitingId, playbookId } = world;
  const faults: string[] = [];
  const note = (path: string, found: readonly string[]) => faults.push(...found.map((what) => `${path}: ${what}`));
  const roomOf = (path: string) => /^(?:\/[a-z-]+)?/.exec(path)?.[0] ?? '';
  const isWalked = (path: string) => !path.includes('?');
  const [walked, loaded] = [paths.filter(isWalked), paths.filter((path) => !isWalked(path))];
  const words = new Set([...keepsItsWords, `/runs/${waitingId}`, `/playbooks/${playbookId}`]);
  await inTheme(page, 'light');
  let before = '/settings/speed';
  await openPage(page, app.origin, before);
  for (const path of [...walked, ...loaded]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await inTheme(page, 'light');
    // From one run to another, say, the page stays the same: then it is loaded again.
    const isOtherPage = roomOf(path) !== roomOf(before) || roomOf(path) === '/settings';
    await (isWalked(path) && isOtherPage ? walkTo(page, path) : openPage(page, app.origin, path));
    before = path;
    faults.push(...(await faultsOf(page, path)));
    note(
      path,
      (await namelessStatuses(page)).map((node) => `no name for ${node}`),
    );
    if (/^[^?]*$|edit=new$/.test(path) && !(await givesFocusBack(page)))
      note(path, ['the palette does not give the focus back']);
    await inTheme(page, 'dark');
    faults.push(...(await faultsOf(page, `${path} in dark`, 'dark')));
    note(`${path} at 1440`, await widerThanScreen(page));
    for (const width of [1280, 1024, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      note(`${path} at ${width}`, await widerThanScreen(page));
      if (width === 1280 && words.has(path)) note(path, await lostBySpacing(page));
    }
    if (words.has(path)) {
      // The browser's zoom: everything is twice as large, and half as much of it fits.
      await page.setViewportSize({ width: 640, height: 450 });
      await drawn(page);
      note(`${path} at 200 %`, await lostWords(page));
    }
    note(path, complaints.splice(0));
  }
  expect([...words].filter((path) => !paths.includes(path))).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });
  await inTheme(page, 'light');
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
  const close = async (role: 'dialog' | 'menu' | 'alertdialog') => {
    await page.keyboard.press('Escape');
    await page.getByRole(role).waitFor({ state: 'detached' });
  };
  await close('dialog');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys of this page' }).waitFor();
  await look('keys');
  // Longer than its room, and nothing in it takes the focus: the keyboard must be able to scroll it.
  await page.setViewportSize({ width: 1440, height: 480 });
  await page.locator('[role=dialog] [tabindex="0"]:has(dl)').waitFor();
  await look('keys, not all in view');
  await page.setViewportSize({ width: 1440, height: 900 });
  await close('dialog');
  await page.getByRole('button', { name: /^Notices/ }).click();
  await page.getByTestId('shell.notices').waitFor();
  await look('notices');
  await page.keyboard.press('Escape');
  await page.getByTestId('shell.notices').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'More' }).first().click();
  await page.getByRole('menu').waitFor();
  await look('menu');
  await page.getByRole('menuitem', { name: 'Delete schedule' }).click();
  await page.getByRole('alertdialog').waitFor();
  await look('asking');
  await close('alertdialog');
  for (const menu of ['New', 'You: Mara']) {
    await page.getByRole('button', { name: menu, exact: true }).click();
    await page.getByRole('menu').waitFor();
    await look(menu);
    await close('menu');
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
    '/status/alder-finch', // it has no script: what it says is there at once
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

holdSight(() => ({ origin: app.origin, page: chrome.page, world }));
