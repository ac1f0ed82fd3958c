import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { type ConsoleWorld, furnishConsole } from '#tests/kit/console-world.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

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

/** WCAG 1.4.12: what a reader may set, and nothing may be lost by it. */
const spacing = `
  * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
  p { margin-bottom: 2em !important; }`;

/**
 * Words that cannot be read: cut off by a box that neither scrolls nor says the rest, or lying beside the screen where
 * nothing scrolls to them.
 */
const lostWords = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const lost: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) lost.push('the page is wider than the screen');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const node = text.parentElement;
      const words = (text.textContent ?? '').trim();
      if (!node || words === '' || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      // Drawn for the eye beside what says it, for readers alone, or said whole by a title.
      if (node.closest('.sr-only, .text-transparent, [aria-hidden=true], script, style, svg, .monaco-editor')) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const { left, right, top, bottom, width } = range.getBoundingClientRect();
      if (width === 0) continue;
      for (let box: HTMLElement | null = node; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (style.position === 'fixed') break;
        const [x, y] = [style.overflowX, style.overflowY];
        const edge = box.getBoundingClientRect();
        const isCutX = ['hidden', 'clip'].includes(x) && (right > edge.right + 2 || left < edge.left - 2);
        const isCutY = ['hidden', 'clip'].includes(y) && (bottom > edge.bottom + 3 || top < edge.top - 3);
        // Shortened by an ellipsis: then the whole is its title, its name or its tooltip.
        const isShortened = style.textOverflow === 'ellipsis';
        if (isShortened && isCutX && !isCutY) {
          if (!node.closest('[title], [aria-label], a[href], button'))
            lost.push(`shortened, and nowhere whole: ${words.slice(0, 60)}`);
          break;
        }
        if (isCutX && node.closest('[title]')) break;
        if (isCutX || isCutY) {
          lost.push(`cut off ${isCutX ? 'sideways' : 'below'}: ${words.slice(0, 60)} in ${box.className.slice(0, 60)}`);
          break;
        }
        if (/auto|scroll/.test(x + y)) break;
      }
    }
    return lost;
  });

const main = [
  '', '/runs', '/playbooks', '/approvals', '/servers', '/servers?edit=new', '/credentials', '/schedules', '/webhooks',
  '/run-triggers', '/oncall', '/settings', '/settings/members', '/settings/values', '/settings/channels', '/settings/queues',
  '/settings/sign-in', '/settings/api-keys', '/settings/audit', '/account',
]; // prettier-ignore

test('nothing is lost with text at twice its size, nor with the spacing of WCAG 1.4.12', async () => {
  const { page } = chrome;
  const faults: string[] = [];
  for (const path of [...main, `/runs/${world.waitingId}`, `/playbooks/${world.playbookId}`]) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await openPage(page, app.origin, path);
    const style = await page.addStyleTag({ content: spacing });
    faults.push(...(await lostWords(page)).map((what) => `${path} with spacing: ${what}`));
    await style.evaluate((node) => (node as Element).remove());
    // The browser's zoom: everything is twice as large, and half as much of it fits.
    await page.setViewportSize({ width: 640, height: 450 });
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    faults.push(...(await lostWords(page)).map((what) => `${path} at 200 %: ${what}`));
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(faults).toEqual([]);
}, 180_000);

test('where less motion is asked for, no animation runs', async () => {
  const { page } = chrome;
  const running = () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .filter(({ playState, effect }) => {
          const { duration, iterations } = effect?.getComputedTiming() ?? {};
          return playState === 'running' && (iterations === Infinity || Number(duration) > 10);
        })
        .map((animation) => {
          const target = (animation.effect as KeyframeEffect | null)?.target;
          return target?.outerHTML.slice(0, 120) ?? 'an animation';
        }),
    );
  const paths = [`/runs/${world.waitingId}`, '/runs', '', '/servers?edit=new'];
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await openPage(page, app.origin, '/servers');
  await page.keyboard.press('c');
  await eventually(async () => (await running()).length > 0 || (await page.getByRole('dialog').count()) > 0).toBe(true);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const moving: string[] = [];
  for (const path of paths) {
    await openPage(page, app.origin, path);
    moving.push(...(await running()).map((what) => `${path}: ${what}`));
  }
  // What opens, opens at once.
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByPlaceholder('Search or run a command').waitFor();
  moving.push(...(await running()));
  await page.keyboard.press('Escape');
  expect(moving).toEqual([]);
}, 60_000);

test('with colours forced by the system, focus, borders and the shapes of statuses remain', async () => {
  const { page } = chrome;
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
  await openPage(page, app.origin, '/runs');
  await page.locator('[role=row][data-index]').first().waitFor();
  const faults = await page.evaluate(() => {
    const found: string[] = [];
    const ground = getComputedStyle(document.body).backgroundColor;
    for (const glyph of document.querySelectorAll<SVGElement>('[data-status] svg')) {
      const { color, stroke } = getComputedStyle(glyph);
      if (color === ground && stroke === ground)
        found.push(`a glyph has the colour of the ground: ${glyph.outerHTML.slice(0, 80)}`);
      for (const mark of glyph.querySelectorAll('path'))
        if (getComputedStyle(mark).stroke === getComputedStyle(mark.previousElementSibling ?? mark).fill)
          found.push(`a mark has the colour of its disc: ${glyph.outerHTML.slice(0, 200)}`);
    }
    for (const field of document.querySelectorAll<HTMLElement>('main input:not([type=checkbox]), main button'))
      if (field.checkVisibility() && field.matches('input') && getComputedStyle(field).borderTopWidth === '0px') {
        const frame = field.parentElement;
        if (!frame || getComputedStyle(frame).borderTopWidth === '0px')
          found.push(`no border: ${field.outerHTML.slice(0, 120)}`);
      }
    // A strand tells how far a run is by its parts: forced colours take their grounds away unless they are kept.
    for (const part of document.querySelectorAll<HTMLElement>('[role=img] > i[data-status]')) {
      const { backgroundColor, backgroundImage, borderTopWidth } = getComputedStyle(part);
      if (backgroundColor === ground && backgroundImage === 'none' && borderTopWidth === '0px')
        found.push(`a part of a strand cannot be seen: ${part.outerHTML.slice(0, 120)}`);
    }
    return [...new Set(found)];
  });
  for (const stop of ['a', 'button', 'input'] as const) {
    await page.locator(`main ${stop}:visible, nav ${stop}:visible`).first().focus();
    await page.keyboard.press('Tab');
    const ring = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body);
      return `${outlineStyle} ${outlineWidth}`;
    });
    if (ring.startsWith('none') || ring.endsWith(' 0px')) faults.push(`no ring behind ${stop}: ${ring}`);
  }
  await page.emulateMedia({ forcedColors: 'none', colorScheme: 'light' });
  expect(faults).toEqual([]);
}, 60_000);

test('on a phone the main act of a page that asks for one is in sight without scrolling', async () => {
  const { page } = chrome;
  await page.setViewportSize({ width: 390, height: 844 });
  const acts: [path: string, act: RegExp][] = [
    ['', /^Review/],
    [`/runs/${world.waitingId}`, /^Decide:/],
    ['/runs', /^New$|^Run|^Filter|^Status/],
    ['/approvals', /Ask first/],
  ];
  for (const [path, name] of acts) {
    await openPage(page, app.origin, path);
    const act = page
      .locator('main')
      .getByRole('button', { name })
      .or(page.locator('main').getByRole('link', { name }))
      .first();
    await act.waitFor();
    const place = await act.boundingBox();
    expect(place && place.y >= 0 && place.y + place.height <= 844 && place.x + place.width <= 390, path).toBe(true);
    expect(place?.height, path).toBeGreaterThanOrEqual(44);
  }
  await openPage(page, app.origin, `/runs/${world.waitingId}`);
  await page.getByRole('button', { name: /^Decide:/ }).click();
  const approve = page.getByRole('dialog').getByRole('button', { name: 'Approve' });
  await approve.waitFor();
  const place = await approve.boundingBox();
  expect(place && place.y + place.height <= 844).toBe(true);
  expect(place?.height).toBeGreaterThanOrEqual(44);
}, 60_000);
