import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let playbookId: string;

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  const book = (name: string) =>
    app.ok('POST', '/playbooks', {
      definition: {
        name,
        inputs: [{ name: 'note', type: 'string' }],
        steps: [{ id: 'say', kind: 'set', values: { note: '${{ inputs.note }}' } }],
        outputs: { note: '${{ steps.say.output.note }}' },
      },
    });
  playbookId = (await book('Say it')).id;
  await book('Say it again');
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const choosePlaybook = async (page: Page, label: string, name: string): Promise<void> => {
  await page.getByLabel(label, { exact: false }).click();
  await page.getByRole('option', { name, exact: false }).first().click();
};

test('a schedule is made in words that show its next times, starts at once, is paused and goes on again', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/schedules');
  await button(page, 'New schedule').first().click();
  await page.getByLabel('Name', { exact: false }).first().fill('Each night');
  await choosePlaybook(page, 'Playbook', 'Say it v1');
  await page.getByLabel('Cron', { exact: false }).fill('15 3 * * *');
  await page.getByLabel('When it starts').getByText('03:15').first().waitFor();
  await page.getByLabel('note').fill('by the clock');
  await button(page, 'Make schedule').click();
  const panel = page.getByRole('dialog', { name: 'Each night' });
  await panel.getByText('Active').waitFor();

  await panel.getByRole('button', { name: 'Start now' }).click();
  const run = await until(async () => (await app.ok('GET', '/runs?status=succeeded')).data[0]);
  expect(run.trigger).toBe('schedule');
  await panel.locator('[data-status="succeeded"]').first().waitFor(); // the panel follows without a reload

  await panel.getByRole('button', { name: 'Pause' }).click();
  await panel.getByText('Paused').first().waitFor();
  expect((await app.ok('GET', '/schedules')).data[0].paused).toBe(true);
  await panel.getByRole('button', { name: 'Unpause' }).click();
  await panel.getByText('Active').waitFor();
}, 180_000);

test('a webhook shows its address once; a call to it starts the playbook with what it brought, and shows among the calls', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/webhooks');
  await button(page, 'New webhook').first().click();
  await page.getByLabel('Name', { exact: false }).first().fill('From the forge');
  await choosePlaybook(page, 'Playbook', 'Say it v1');
  await page.getByLabel('note').fill('body.what');
  await button(page, 'Make webhook').click();
  const made = page.getByRole('dialog', { name: 'The address is made' });
  const url = ((await made.getByText(/^http/).first().textContent()) ?? '').trim();
  await button(page, 'I have copied it').click();

  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ what: 'from outside' }),
  });
  expect(answer.status).toBe(202);
  const { runId } = (await answer.json()) as { runId: string };
  expect((await app.untilRun(runId)).outputs).toEqual({ note: 'from outside' });
  await page.getByRole('row', { name: 'From the forge' }).click();
  await page.getByRole('dialog', { name: 'From the forge' }).getByRole('link', { name: 'run', exact: true }).click();
  await page.waitForURL(new RegExp(`/runs/${runId}`));
  await page.goBack();
  await page.getByRole('dialog', { name: 'From the forge' }).waitFor(); // the open panel is part of the address
  expect(await page.content()).not.toContain(url.split('/').at(-1));
}, 180_000);

test('a run trigger starts a playbook when another one has ended, and says which end led to which run', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/run-triggers');
  await button(page, 'New run trigger').first().click();
  await page.getByLabel('Name', { exact: false }).first().fill('Say it twice');
  await page.getByRole('checkbox', { name: 'Say it', exact: true }).click();
  await choosePlaybook(page, 'Start the playbook', 'Say it again');
  await page.getByLabel('note').fill('run.outputs.note + ", again"');
  await button(page, 'Make run trigger').click();
  const panel = page.getByRole('dialog', { name: 'Say it twice' });
  await panel.getByText('No run has ended yet').waitFor();

  const { runId } = await app.ok('POST', `/playbooks/${playbookId}/runs`, { inputs: { note: 'once' } });
  await app.untilRun(runId);
  await panel.getByRole('link', { name: 'run it started' }).waitFor();
  const second = await until(async () =>
    (await app.ok('GET', '/runs?status=succeeded')).data.find(({ trigger }: { trigger: string }) => trigger === 'run'),
  );
  expect((await app.ok('GET', `/runs/${second.id}`)).outputs).toEqual({ note: 'once, again' });
  expect(chrome.complaints).toEqual([]);
}, 180_000);
