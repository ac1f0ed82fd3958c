import type { Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { browserTests } from './browser.ts';
import type { Chrome } from './chromium.ts';
import { signIn } from './console.ts';
import { type QueryWorld, queryWorld } from './query-world.ts';

/** What a file of browser tests has once its first test begins: a world of queries, and its owner in two browsers. */
export interface TwoBrowsers {
  world: QueryWorld;
  here: Chrome;
  there: Chrome;
}

/** Called at the top of a file; its tests read the fields. */
export function twoBrowsers(): TwoBrowsers {
  const openBrowser = browserTests();
  const made = {} as TwoBrowsers;
  beforeAll(async () => {
    const [world, here, there] = await Promise.all([
      queryWorld({ withConsole: true, withSweeps: false }),
      openBrowser(),
      openBrowser(),
    ]);
    Object.assign(made, { world, here, there });
    for (const { page } of [here, there]) await signIn(page, world.app.origin);
  }, 180_000);
  afterAll(() => made.world?.close());
  return made;
}

export const editorOf = (page: Page) => page.getByTestId('queries.editor');

/** Puts a text in place of what the editor holds. */
export async function writeQuery(page: Page, text: string): Promise<void> {
  await editorOf(page).locator('.view-lines').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}
