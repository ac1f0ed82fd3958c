import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
export const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const inTheme = (page: Page, theme: Theme) => page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });

/** What breaks WCAG A and AA, as `where: rule element`. In the dark theme only colours differ: the other rules need not be asked twice. */
export const faultsOf = async (page: Page, where: string, theme: Theme = 'light'): Promise<string[]> => {
  // Its half a megabyte is read once a load, and not for each look.
  const isThere = await page.evaluate(() => 'axe' in window);
  // Our pages hold no frames: so it needs no page of its own to put the parts together.
  // What is well is not told: gathering it for each element takes longer than the rules.
  const axe = new AxeBuilder({ page, ...(isThere && { axeSource: 'void 0' }) })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] });
  const { violations } = await (
    theme === 'light' // Experimental in axe: it takes the commas of a name for other words than those that are seen.
      ? axe.withTags(standards).disableRules(['label-content-name-mismatch'])
      : axe.withRules(['color-contrast', 'link-in-text-block'])
  ).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, target }) => `${where}: ${id} ${String(target)} ${html.slice(0, 160)}`),
  );
};
