import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect } from 'vitest';
import { type Chrome, openChromium } from './chromium.ts';

/** Where pictures of failed browser tests lie. */
const folder = join(tmpdir(), 'windlass-failed-browser-tests');
const fileName = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 80);

/**
 * Said once at the top of a file of browser tests; gives the function that opens its browsers. They are closed after the
 * last test, and a test that fails leaves a picture of each page that was open, with its address.
 */
export function browserTests(): typeof openChromium {
  const browsers: Chrome[] = [];
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    mkdirSync(folder, { recursive: true });
    const pages = browsers.flatMap(({ context }) => context.pages());
    for (const [index, page] of pages.entries()) {
      const path = join(folder, `${fileName(task.name)}-${index + 1}.png`);
      const taken = await page.screenshot({ path, timeout: 10_000 }).then(
        () => true,
        () => false,
      ); // a page may have died
      if (taken) console.error(`The page as it was, at ${page.url()}: ${path}`);
    }
  });
  afterAll(async () => {
    for (const browser of browsers) await browser.close();
  });
  return async (options) => {
    // What moves is waited for at each press; the walks, which go through the whole product, see it move.
    const browser = await openChromium({ hasMotion: false, ...options });
    browsers.push(browser);
    return browser;
  };
}

/** Expects what a page comes to show: it is asked again for as long as a loaded machine may take (`vitest.config.ts`). */
export const eventually: typeof expect.poll = (look, options) => {
  return expect.poll(look, options);
};
