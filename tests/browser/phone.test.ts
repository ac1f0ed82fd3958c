import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signInByForm } from '#tests/kit/console.ts';
import { isWiderThanScreen, tooSmall } from '#tests/kit/phone-rules.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let runId: string;

beforeAll(async () => {
  [app, chrome] = await Promise.all([
    startTestApp({ withConsole: true, withHosts: false }),
    openBrowser({ width: 390, height: 844, hasTouch: true }),
  ]);
  const steps = [{ id: 'ask', kind: 'approve', roles: ['owner'], message: 'Shall it go on?' }];
  const { id } = await app.ok('POST', '/playbooks', { definition: { name: 'Ask first', steps } });
  ({ runId } = await app.ok('POST', `/playbooks/${id}/runs`, {}));
  await until(async () => (await app.ok('GET', '/approvals')).length > 0);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

test('on a phone one signs in, looks around and approves, by touch', async () => {
  const { page } = chrome;
  await signInByForm(page, app.origin);
  await page.getByRole('navigation', { name: 'Main' }).getByText('Approvals').tap();
  await page.getByRole('heading', { name: 'Approvals', level: 1 }).waitFor();
  await page.getByText('Ask first').first().tap();
  const card = page.getByTestId('approval.card');
  await card.getByLabel('Reason').fill('From the train.');
  const approve = card.getByRole('button', { name: 'Approve' });
  expect((await approve.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await approve.tap();
  await app.untilRun(runId);
  await page.goto(`${app.origin}/w/alder-finch/runs`);
  await page.getByText('Ask first').first().tap();
  await page.locator('[data-testid="run.page"][data-status="succeeded"]').waitFor();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('an incident is found and acknowledged by touch, without a scroll, and nothing on its page is too small for a thumb', async () => {
  const { page } = chrome;
  const { key } = await app.ok('POST', '/incidents', { title: `Mails stand still ${Date.now()}`, severity: 'sev1' });
  await openPage(page, app.origin, '');
  await page.getByRole('navigation', { name: 'Main' }).getByText('Incidents').tap();
  await page.locator(`[data-key="${key}"]`).tap();
  const shown = page.getByTestId('incident.page');
  await shown.waitFor();
  expect(await isWiderThanScreen(page)).toBe(false);
  const acknowledge = page.getByTestId('incident.act').getByRole('button', { name: 'Acknowledge and take it' });
  const box = await acknowledge.boundingBox();
  expect(box?.height).toBeGreaterThanOrEqual(44);
  expect((box?.y ?? 844) + (box?.height ?? 0)).toBeLessThanOrEqual(844);
  await acknowledge.tap();
  await page.locator('[data-testid="incident.page"][data-state="acknowledged"]').waitFor();
  await page.getByText(/ has it\.$/).waitFor();
  expect(await tooSmall(page)).toEqual([]);
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('in the drawer of a form, words, radios and boxes are as large as a thumb', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/servers?edit=new');
  const tags = page.getByRole('dialog').getByLabel(/^Tags/);
  await tags.fill('web');
  await tags.press('Enter');
  await page.getByRole('button', { name: 'Remove web' }).waitFor();
  const faults = (await tooSmall(page)).map((what) => `server: ${what}`);
  await openPage(page, app.origin, '/run-triggers?edit=new');
  await page.getByRole('radio', { name: 'Any playbook' }).waitFor();
  faults.push(...(await tooSmall(page)).map((what) => `run trigger: ${what}`));
  // The whole line of a choice answers, not its dot alone.
  await page.getByText('Any playbook').tap();
  await page.getByRole('radio', { name: 'Any playbook', checked: true }).waitFor();
  expect(faults).toEqual([]);
}, 120_000);

test('no page is wider than the screen, and what is pressed is as large as a thumb', async () => {
  const { page } = chrome;
  const faults: string[] = [];
  const paths = [
    '', '/runs', '/playbooks', '/approvals', '/servers', '/connections', '/connections/new', '/credentials', '/schedules', '/webhooks', '/run-triggers', '/incidents', '/incidents?view=list', '/assets', '/assets?view=graph', '/assets/imports', '/incidents/reports', '/alerts', '/alerts?show=sources', '/alerts?show=rules', '/alerts?show=silences', '/logs', '/logs?show=sources', '/logs?show=searches', '/logs?show=keeping', '/oncall', '/oncall?show=policies', '/queries', '/queries/queue', '/files',
    '/settings', '/settings/members', '/settings/values', '/settings/channels', '/settings/incidents', '/settings/incident-rules', '/settings/sla', '/settings/sla?show=calendars', '/settings/status-page', '/settings/queues', '/settings/sign-in',
    '/settings/api-keys', '/settings/audit', '/account', '/account/notifications',
  ]; // prettier-ignore
  for (const path of paths) {
    await openPage(page, app.origin, path);
    if (await isWiderThanScreen(page)) faults.push(`${path} is wider than the screen`);
    faults.push(...(await tooSmall(page)).map((what) => `${path}: ${what}`));
  }
  expect(faults).toEqual([]);
}, 300_000);
