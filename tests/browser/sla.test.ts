import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let made = 0;

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('a calendar with holidays of a file and a policy by it say when an incident of Friday evening is due', async () => {
  const { page } = chrome;
  const name = `Office ${(made += 1)}`;
  await openPage(page, app.origin, '/settings/sla?show=calendars');
  await button(page, 'New calendar').first().click();
  const calendar = page.getByRole('dialog', { name: 'New calendar' });
  await calendar.getByLabel('Name', { exact: false }).first().fill(name);
  const entry = (day: string, title: string) =>
    `BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:${day}\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:${title}\r\nEND:VEVENT\r\n`;
  await calendar.getByLabel('A calendar file').setInputFiles({
    name: 'holidays.ics',
    mimeType: 'text/calendar',
    buffer: Buffer.from(`BEGIN:VCALENDAR\r\n${entry('20200101', 'New Year')}END:VCALENDAR\r\n`),
  });
  await calendar.getByRole('list', { name: 'Holidays' }).getByText('New Year').first().waitFor();
  await calendar.getByRole('button', { name: 'Make calendar' }).click();
  await page.getByRole('region', { name }).getByText('Mon–Fri 09:00–17:00').waitFor();

  await openPage(page, app.origin, '/settings/sla?edit=new');
  const policy = page.getByRole('dialog', { name: 'New SLA policy' });
  await policy.getByLabel('Name', { exact: false }).first().fill(`Gold ${made}`);
  await policy.getByLabel('SEV2: resolve in').fill('2h30m');
  await policy.getByRole('combobox', { name: 'Time counts' }).click();
  await page.getByRole('option', { name }).click();
  await policy.getByLabel('Opened').fill('2026-11-20T16:50');
  await policy.getByTestId('sla.due.resolve').getByText('due Mon 23 Nov, 11:20').waitFor();
  await policy.getByRole('button', { name: 'Make policy' }).click();
  const targets = page.getByRole('table', { name: `Targets of Gold ${made}` });
  await targets.getByRole('row', { name: 'SEV2 30m 2h30m' }).waitFor();
  // What another person changes is seen without a reload.
  const { data } = await app.ok('GET', '/sla/policies');
  const { id } = data.find((one: { name: string }) => one.name === `Gold ${made}`);
  await app.ok('DELETE', `/sla/policies/${id}`);
  await targets.waitFor({ state: 'detached' });
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('a rule suggests its playbook for an incident, and a person starts it by a click', async () => {
  const { page } = chrome;
  const book = `Collect ${(made += 1)}`;
  const definition = { name: book, steps: [{ id: 'say', kind: 'set', values: { word: 'hello' } }] };
  await app.ok('POST', '/playbooks', { definition });
  await openPage(page, app.origin, '/settings/incident-rules?edit=new');
  const form = page.getByRole('dialog', { name: 'New rule' });
  await form.getByLabel('Name', { exact: false }).first().fill(`On SEV1 ${made}`);
  await form.getByLabel('Only where').fill("incident.severity == 'sev1'");
  await form.getByRole('combobox', { name: 'The playbook' }).click();
  await page.getByRole('option', { name: book }).click();
  await form.getByRole('button', { name: 'Make rule' }).click();
  const rule = page.getByRole('dialog', { name: `On SEV1 ${made}` });
  await rule.getByText('It has not held for an incident yet.').waitFor();
  const { key } = await app.ok('POST', '/incidents', { title: 'Disk full', severity: 'sev1' });
  await rule.getByRole('button', { name: `Start ${book}` }).click();
  await rule.getByRole('link', { name: 'its run' }).waitFor();
  await rule.getByRole('link', { name: `${key} Disk full` }).waitFor();
  // It holds for no other incident of this file.
  const { data } = await app.ok('GET', '/incident-rules');
  for (const { id } of data) await app.ok('DELETE', `/incident-rules/${id}`);
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('an update is published, and somebody without a sign-in reads it on the status page', async () => {
  const { page } = chrome;
  const slug = `alder-${(made += 1)}`;
  const title = `Payments are slow ${made}`;
  const { key } = await app.ok('POST', '/incidents', { title: 'Ledger of 10.0.0.7 is down', severity: 'sev3' });
  await openPage(page, app.origin, '/settings/status-page');
  await page.getByLabel('Address').fill(slug);
  const sight = page.getByRole('switch', { name: 'Everybody may see it' });
  if ((await sight.getAttribute('aria-checked')) !== 'true') await sight.click();
  await button(page, 'Save').click();
  await page.getByRole('link', { name: 'Open it' }).waitFor();
  await button(page, 'Publish an update').click();
  const dialog = page.getByRole('dialog', { name: 'Publish an update' });
  await dialog.getByRole('combobox', { name: 'Incident' }).click();
  await page.getByRole('option', { name: key }).click();
  await dialog.getByLabel('Title for the public').fill(title);
  await dialog.getByLabel('What to tell').fill('We are looking into it.');
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  // Without any cookie.
  const answer = await fetch(`${app.origin}/status/${slug}`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).not.toContain('10.0.0.7');
  const outside = await chrome.context.newPage();
  await outside.goto(`${app.origin}/status/${slug}`);
  await outside.getByRole('heading', { name: title }).waitFor();
  await outside.getByText('We are looking into it.').waitFor();
  // What was said too soon is taken off again.
  await button(page, 'Publish an update').click();
  await dialog.getByRole('combobox', { name: 'Incident' }).click();
  await page.getByRole('option', { name: key }).click();
  await dialog.getByRole('button', { name: /^Take off the page: We are looking/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Take it off' }).click();
  await dialog.getByRole('region', { name: 'Published so far' }).waitFor({ state: 'detached' });
  // The public page is kept for a moment.
  await eventually(async () => {
    await outside.reload();
    return outside.getByRole('heading', { name: title }).count();
  }).toBe(0);
  await outside.close();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('clocks agree with the server though that of the browser is ten minutes wrong, and stand still while paused', async () => {
  const service = `ledger-${(made += 1)}`;
  const targets = { sev2: { respond: null, resolve: '4h' } };
  const policy = await app.ok('POST', '/sla/policies', { name: service, services: [service], targets });
  const [counting, paused] = [
    await app.ok('POST', '/incidents', { title: 'It counts', severity: 'sev2', service }),
    await app.ok('POST', '/incidents', { title: 'It waits', severity: 'sev2', service }),
  ];
  const { page, complaints } = await openBrowser();
  await signIn(page, app.origin);
  // Only what time it is is another; timers go as ever.
  await page.addInitScript(() => {
    const real = Date.now;
    const wrong = { ms: 600_000 };
    Reflect.set(globalThis, 'wrong', wrong);
    globalThis.Date = class extends Date {
      constructor(...given: [] | [number]) {
        super(...((given.length === 0 ? [real() + wrong.ms] : given) as [number]));
      }
      static override now = () => real() + wrong.ms;
    } as DateConstructor;
  });
  await openPage(page, app.origin, `/incidents?q=${service}`);
  const clockOf = ({ key }: { key: string }) => page.locator(`[data-key="${key}"] [data-clock="resolve"]`);
  const secondsOf = async (of: { key: string }): Promise<number> =>
    ((await clockOf(of).locator('.num').textContent()) ?? '')
      .split(':')
      .reduce((sum, part) => sum * 60 + Number(part), 0);
  const dueAt = Date.parse(counting.clocks.find(({ kind }: { kind: string }) => kind === 'resolve').dueAt);
  // Rounded up to a second and drawn each second: how far it is off as it is drawn.
  const offMs = async () => {
    const drawn = await page.evaluate(
      (key) =>
        new Promise<[text: string, at: number]>((resolve) => {
          const figure = document.querySelector(`[data-key="${key}"] [data-clock="resolve"] .num`);
          if (!figure) throw new Error('There is no clock.');
          const watch = new MutationObserver(() => {
            watch.disconnect();
            resolve([figure.textContent, Date.now() - 600_000]);
          });
          watch.observe(figure, { characterData: true, childList: true, subtree: true });
        }),
      counting.key,
    );
    const left = drawn[0].split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000;
    return Math.abs(left - (dueAt - drawn[1]));
  };
  await eventually(offMs).toBeLessThanOrEqual(1_000);

  await app.ok('POST', `/incidents/${paused.id}/transitions`, { to: 'pending', reason: 'The bank answers on Monday' });
  await page.locator(`[data-key="${paused.key}"] [data-mode="paused"]`).waitFor();
  const [stood, went] = [await secondsOf(paused), await secondsOf(counting)];
  // Five minutes go by in the browser.
  await page.evaluate(() => void (Reflect.get(globalThis, 'wrong').ms += 300_000));
  await eventually(() => secondsOf(counting)).toBeLessThanOrEqual(went - 300);
  expect(await secondsOf(paused)).toBe(stood);
  await app.ok('DELETE', `/sla/policies/${policy.id}`);
  expect(complaints).toEqual([]);
}, 120_000);
