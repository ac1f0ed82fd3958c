import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { type Sshd, startSshd } from '#tests/kit/sshd.ts';
import { startBareApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: Awaited<ReturnType<typeof startBareApp>>;
let hosts: Sshd;
let chrome: Chrome;
const password = 'correct horse battery';

beforeAll(async () => {
  [app, hosts, chrome] = await Promise.all([
    startBareApp({ withConsole: true }),
    startSshd({ hosts: 3 }),
    openBrowser({ hasMotion: true }),
  ]);
}, 180_000);
afterAll(async () => {
  await app?.close();
  await hosts?.stop();
});

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).filter({ visible: true });
const rail = (page: Page, name: string) =>
  page.getByRole('navigation').getByRole('link', { name, exact: false }).first();

const yaml = `name: Roll it out
steps:
  - id: count
    kind: ssh
    hosts: { tags: [web] }
    command: echo start >> "$HOME/counter"; for i in 1 2 3 4 5; do echo line $i; sleep 0.3; done
  - id: ask
    kind: approve
    roles: [owner]
    message: Shall it go on?
  - id: last
    kind: ssh
    hosts: { tags: [web] }
    command: uname -s
outputs: { hosts: "\${{ steps.last.output.succeeded }}" }
`;

test('a newcomer sets it up, adds three servers, writes a playbook, runs it, watches it live and approves a step', async () => {
  const { page } = chrome;

  await chrome.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: app.origin });

  // The first owner.
  await page.goto(app.origin);
  await page.getByLabel('Your name').fill('Mara Lind');
  await page.getByLabel('Mail address').fill('mara@example.org');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Workspace').fill('Alder & Finch');
  await button(page, 'Create owner and workspace').click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForURL(/\/w\/[^/]+/);

  // A credential, then three servers.
  await rail(page, 'Credentials').click();
  await button(page, 'Add credential').first().click();
  const credential = page.getByRole('dialog');
  await credential.getByLabel('Name', { exact: false }).first().fill('root key');
  await credential.getByLabel('User on the servers').fill(hosts.username);
  await credential.getByText('Paste a private key').click();
  await credential.getByLabel('Private key').fill(hosts.privateKey);
  await credential.getByRole('button', { name: 'Add credential' }).click();
  await credential.waitFor({ state: 'hidden' });
  for (const host of hosts.hosts) {
    await rail(page, 'Servers').click();
    await button(page, 'Add server').first().click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name', { exact: false }).first().fill(host.name);
    await form.getByLabel('Host', { exact: false }).first().fill(host.address);
    await form.getByLabel('Port').fill(String(host.port));
    await form.getByLabel('Credential').click();
    await page.getByRole('option', { name: /root key/ }).click();
    await form.getByLabel('Tags', { exact: false }).fill('web');
    await form.getByLabel('Tags', { exact: false }).press('Enter');
    await form.getByRole('button', { name: 'Add server' }).click();
    await form.waitFor({ state: 'hidden' });
    await page.getByText(host.name).first().waitFor();
  }

  // A playbook, written as YAML; a mistake is told while it is written, and saving waits until it is mended.
  await rail(page, 'Playbooks').click();
  await button(page, 'New playbook').first().click();
  await page.getByRole('radio', { name: 'YAML' }).click();
  await page.locator('.monaco-editor').first().waitFor();
  await write(page, yaml.replace('command: uname -s', 'comand: uname -s'));
  await page.getByText('shape.unknown_field').first().waitFor();
  await write(page, yaml);
  await page.getByText('shape.unknown_field').first().waitFor({ state: 'hidden' });
  await button(page, /^Save/).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/playbooks\/[0-9a-f-]{36}/);

  // Run it, see each host's lines arrive, approve, see it end.
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const start = page.getByRole('dialog');
  await start.getByRole('button', { name: 'Run', exact: true }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  const log = page.getByTestId('run.log');
  await log.getByText('line 5').first().waitFor();
  await page.getByLabel('Reason').fill('It looks well.');
  await button(page, /^Approve/)
    .first()
    .click();
  await page.locator('[data-testid="run.page"][data-status="succeeded"]').waitFor();
  await log.getByText('Linux').first().waitFor();
  for (const { home } of hosts.hosts) expect(readFileSync(join(home, 'counter'), 'utf8')).toBe('start\n');
  expect(chrome.complaints).toEqual([]);
}, 300_000);

test('signing out and in again leads back, a wrong password is refused without telling which part was wrong', async () => {
  const { page } = chrome;
  await page.getByRole('button', { name: 'Mara Lind' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Mail address').fill('mara@example.org');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.keyboard.press('Enter');
  await page.getByText('The address or the password is wrong.').filter({ visible: true }).first().waitFor();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/w\//);
  await rail(page, 'Runs').click();
  await page.getByText('Roll it out').first().waitFor();
  expect(new URL(page.url()).pathname).toBe('/w/alder-finch/runs');
}, 120_000);

/** Puts a whole text into the editor as a real paste does: typed keys would meet its own indentation. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator('.monaco-editor .view-lines').first().click();
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+v');
}
