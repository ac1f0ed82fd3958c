// What the eye and the thumb are promised beyond the rules of axe, held on a console that is furnished and signed in.
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { eventually } from '#tests/kit/browser.ts';
import { openPage } from '#tests/kit/console.ts';
import type { ConsoleWorld } from '#tests/kit/console-world.ts';

interface Furnished {
  readonly origin: string;
  readonly page: Page;
  readonly world: ConsoleWorld;
}

/** Asked for when a test begins: the product is started by the file that says this. */
export function holdSight(furnished: () => Furnished): void {
  test('where less motion is asked for, no animation runs', async () => {
    const { page, origin, world } = furnished();
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
    await openPage(page, origin, '/servers');
    await page.keyboard.press('c');
    await eventually(async () => (await running()).length > 0 || (await page.getByRole('dialog').count()) > 0).toBe(
      true,
    );
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving: string[] = [];
    for (const path of paths) {
      await openPage(page, origin, path);
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
    const { page, origin } = furnished();
    await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
    await openPage(page, origin, '/runs');
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

  /** Does it lie on a phone's screen, as high as a thumb? */
  const isInSight = async (act: Locator): Promise<boolean> => {
    const place = await act.boundingBox();
    if (!place) return false;
    const { x, y, width, height } = place;
    return y >= 0 && y + height <= 844 && x + width <= 390 && height >= 44;
  };

  test('on a phone the main act of a page that asks for one is in sight without scrolling', async () => {
    const { page, origin, world } = furnished();
    await page.setViewportSize({ width: 390, height: 844 });
    const acts: [path: string, act: RegExp][] = [
      ['', /^Review/],
      [`/runs/${world.waitingId}`, /^Decide:/],
      ['/runs', /^New$|^Run|^Filter|^Status/],
      ['/approvals', /Ask first/],
    ];
    for (const [path, name] of acts) {
      await openPage(page, origin, path);
      const act = page
        .locator('main')
        .getByRole('button', { name })
        .or(page.locator('main').getByRole('link', { name }))
        .first();
      await act.waitFor();
      await eventually(() => isInSight(act), { message: path }).toBe(true);
    }
    await openPage(page, origin, `/runs/${world.waitingId}`);
    await page.getByRole('button', { name: /^Decide:/ }).click();
    const approve = page.getByRole('dialog').getByRole('button', { name: 'Approve' });
    await approve.waitFor();
    await eventually(() => isInSight(approve)).toBe(true);
    expect(await isInSight(approve)).toBe(true); // and it stays
  }, 60_000);
}
