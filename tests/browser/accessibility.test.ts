import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let paths: string[];

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  const { ok } = app;
  const steps = [{ id: 'ask', kind: 'approve', roles: ['owner'], message: 'Shall it go on?' }];
  const { id } = await ok('POST', '/playbooks', { definition: { name: 'Ask first', steps } });
  const { runId } = await ok('POST', `/playbooks/${id}/runs`, {});
  await until(async () => (await ok('GET', '/approvals')).length > 0);
  const target = { kind: 'playbook', id };
  const server = await ok('POST', '/servers', { name: 'web-1', host: '10.20.1.11', tags: ['web', 'eu'] });
  const schedule = await ok('POST', '/schedules', { name: 'Each night', target, cron: '15 3 * * *', timeZone: 'UTC' });
  const { webhook } = await ok('POST', '/webhooks', { name: 'From the forge', target });
  const trigger = await ok('POST', '/run-triggers', { name: 'After it', playbooks: [id], target });
  await ok('POST', '/secrets', { name: 'DEPLOY_TOKEN', value: 'not to be seen' });
  paths = [
    '', '/runs', `/runs/${runId}`, '/playbooks', `/playbooks/${id}`, '/playbooks/new', '/approvals', '/servers',
    `/servers?sel=${server.id}`, '/servers?edit=new', '/servers?import=true', '/credentials', '/credentials?edit=new',
    '/schedules', `/schedules?sel=${schedule.id}`, '/schedules?edit=new', '/webhooks', `/webhooks?sel=${webhook.id}`,
    '/webhooks?edit=new', '/run-triggers', `/run-triggers?sel=${trigger.id}`, '/run-triggers?edit=new', '/settings',
    '/settings/members', '/settings/members?tab=roles', '/settings/members?invite=true', '/settings/values',
    '/settings/channels', '/settings/queues', '/settings/speed', '/settings/sign-in', '/settings/api-keys',
    '/settings/api-keys?edit=new', '/settings/audit', '/account', '/nowhere',
  ]; // prettier-ignore
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

/** In the dark theme only colours differ: the other rules need not be asked twice. */
const faultsOf = async (page: Page, where: string, theme: 'light' | 'dark' = 'light'): Promise<string[]> => {
  const axe = new AxeBuilder({ page });
  const { violations } = await (
    theme === 'light' // Experimental in axe: it takes the commas of a name for other words than those that are seen.
      ? axe.withTags(standards).disableRules(['label-content-name-mismatch'])
      : axe.withRules(['color-contrast', 'link-in-text-block'])
  ).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, target }) => `${where}: ${id} ${String(target)} ${html.slice(0, 160)}`),
  );
};

test.each(['light', 'dark'] as const)(
  'no page breaks a rule of WCAG A or AA in the %s theme',
  async (theme) => {
    const { page } = chrome;
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const faults: string[] = [];
    for (const path of paths) {
      await openPage(page, app.origin, path);
      faults.push(...(await faultsOf(page, path, theme)));
    }
    expect(faults).toEqual([]);
  },
  400_000,
);

test.each(['light', 'dark'] as const)(
  'nor with a dialog, a menu or the palette open, in the %s theme',
  async (theme) => {
    const { page } = chrome;
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const faults: string[] = [];
    const look = async (where: string) => faults.push(...(await faultsOf(page, where, theme)));
    await openPage(page, app.origin, '/schedules');
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByPlaceholder('Search or run a command').waitFor();
    await look('palette');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys of this page' }).waitFor();
    await look('keys');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More' }).first().click();
    await page.getByRole('menu').waitFor();
    await look('menu');
    await page.getByRole('menuitem', { name: 'Delete schedule' }).click();
    await page.getByRole('alertdialog').waitFor();
    await look('asking');
    await page.keyboard.press('Escape');
    for (const menu of ['New', 'You: Mara']) {
      await page.getByRole('button', { name: menu }).first().click();
      await page.getByRole('menu').waitFor();
      await look(menu);
      await page.keyboard.press('Escape');
    }
    expect(faults).toEqual([]);
  },
  120_000,
);

test('nor the pages before one is in', async () => {
  const { page } = await openBrowser();
  const faults: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const path of [
      '/sign-in',
      '/forgot-password',
      '/reset-password/0123456789abcdef',
      '/invite/0123456789abcdef',
    ]) {
      await page.goto(app.origin + path);
      await page.getByRole('main').waitFor();
      await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
      faults.push(...(await faultsOf(page, `${theme} ${path}`, theme)));
    }
  }
  expect(faults).toEqual([]);
}, 120_000);
