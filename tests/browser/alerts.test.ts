import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
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

test('a source is made, its alert comes in without a reload with its incident, and is silenced from its row', async () => {
  const { page } = chrome;
  made += 1;
  const [name, title] = [`Alertmanager ${made}`, `Disk of db-${made} is full`];
  await openPage(page, app.origin, '/alerts?show=sources');
  await page.getByRole('button', { name: 'New source' }).first().click();
  const form = page.getByRole('dialog', { name: 'New source' });
  await form.getByLabel('Name', { exact: false }).first().fill(name);
  await form.getByRole('button', { name: 'Make source' }).click();
  const shown = page.getByRole('dialog', { name: 'The address is made' });
  const url = await shown.locator('pre').first().innerText();
  await shown.getByText('webhook_configs').waitFor();
  await shown.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByRole('radio', { name: 'Alerts' }).click();

  const labels = { alertname: 'DiskFull', severity: 'critical', instance: `db-${made}` };
  const answer = await fetch(`${app.origin}/api/v1/ingest/${url.split('/').at(-1)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ version: '4', alerts: [{ status: 'firing', labels, annotations: { summary: title } }] }),
  });
  expect(answer.status).toBe(200);
  const row = page.getByRole('row', { name: new RegExp(title) });
  await row.getByRole('link', { name: /^INC-\d+$/ }).waitFor();

  await row.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Silence' }).click();
  const silence = page.getByRole('dialog', { name: 'New silence' });
  expect(await silence.getByLabel('Label 1').inputValue()).toBe('alertname');
  await silence.getByRole('button', { name: 'Make silence' }).click();
  await silence.waitFor({ state: 'detached' });
  await openPage(page, app.origin, '/alerts?show=silences');
  await page.getByText(`Silence of ${title}`).first().waitFor();
  expect(chrome.complaints).toEqual([]);
}, 60_000);

test('a rule says whose its incidents are and which playbooks begin', async () => {
  const { page } = chrome;
  made += 1;
  const [name, first, second] = [`Database ${made}`, `Collect ${made}`, `Restart ${made}`];
  for (const book of [first, second])
    await app.ok('POST', '/playbooks', {
      definition: { name: book, steps: [{ id: 'say', kind: 'set', values: { word: 'hello' } }] },
    });
  await openPage(page, app.origin, '/alerts?show=rules&edit=new');
  const form = page.getByRole('dialog', { name: 'New rule' });
  const choose = async (label: string, option: string) => {
    await form.getByRole('combobox', { name: label }).click();
    await page.getByRole('option', { name: option }).first().click();
    await page.getByRole('option').first().waitFor({ state: 'detached' });
  };
  await form.getByLabel('Name', { exact: false }).first().fill(name);
  await choose('Who owns it', 'Mara');
  await choose('Playbooks', first);
  await choose('Playbooks', second);
  await choose(`What happens with ${second}`, 'Starts');
  await form.getByRole('button', { name: 'Make rule' }).click();
  await form.waitFor({ state: 'detached' });
  await page.getByRole('listitem').filter({ hasText: name }).getByText('starts 1 and suggests 1 playbooks').waitFor();
  const { data } = await app.ok('GET', '/alert-rules');
  const rule = data.find((one: { name: string }) => one.name === name);
  expect(rule.assigneeId).toBe(app.owner.id);
  expect(rule.playbooks.map(({ mode }: { mode: string }) => mode)).toEqual(['suggest', 'auto']);
  // What is saved is what the form shows again, and can be taken out.
  await openPage(page, app.origin, `/alerts?show=rules&edit=${rule.id}`);
  const again = page.getByRole('dialog', { name: `Edit ${name}` });
  await again.getByRole('combobox', { name: 'Who owns it' }).getByText('Mara').waitFor();
  await again.getByRole('button', { name: `Take ${first} out` }).click();
  await again.getByRole('button', { name: 'Save rule' }).click();
  await again.waitFor({ state: 'detached' });
  const saved = await app.ok('GET', '/alert-rules');
  expect(saved.data.find(({ id }: { id: string }) => id === rule.id).playbooks).toMatchObject([{ mode: 'auto' }]);
  expect(chrome.complaints).toEqual([]);
}, 60_000);
