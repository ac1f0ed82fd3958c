import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type Page, chromium } from 'playwright-core';

/** Real Chromium of the system, without its calls home. */
const settings = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
]; // prettier-ignore

export interface Chrome {
  context: BrowserContext;
  page: Page;
  /** What the page wrote to its console as an error, and exceptions nobody caught. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** A browser with a profile of its own. Complaints of the page are gathered, so that a test can hold them to none. */
export async function openChromium({
  width = 1440,
  height = 900,
  args = [] as string[],
  hasTouch = false,
  /** Whether things move as they come and go; else they are there at once, as for who asks for less motion. */
  hasMotion = true,
} = {}): Promise<Chrome> {
  const profile = mkdtempSync(join(tmpdir(), 'windlass-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    headless: true,
    args: [...settings, ...args],
    viewport: { width, height },
    hasTouch,
    reducedMotion: hasMotion ? 'no-preference' : 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    // A refusal that the page shows to the person is no fault of the page.
    if (message.type() === 'error' && !/status of (401|404|409|410|412|422)/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return {
    context,
    page,
    complaints,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
