import { afterEach, beforeEach, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { handsOn } from '#tests/kit/hands.ts';
import { type Sshd, startSshd } from '#tests/kit/sshd.ts';
import { startBareApp, testOwner } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: Awaited<ReturnType<typeof startBareApp>>;
let hosts: Sshd;
let chrome: Chrome;

// Fresh for each attempt: the walk begins with set-up, which there is once.
beforeEach(async () => {
  [app, hosts, chrome] = await Promise.all([
    startBareApp({ withConsole: true, withSweeps: false }),
    startSshd({ hosts: 2 }),
    openBrowser({ hasMotion: true }),
  ]);
}, 180_000);
afterEach(async () => {
  await app?.close();
  await hosts?.stop();
});

test('without a pointer, and with the focus in sight at each stop, a newcomer sets it up, adds a credential and servers, writes a playbook and moves a step, runs it, watches it, approves, and invites somebody', async () => {
  const { page } = chrome;
  const hands = handsOn(page);
  /** The page has come, and the focus is on its title. */
  const title = async (name: string) => {
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await page.locator('h1:focus', { hasText: name }).waitFor();
  };

  // The first owner.
  await page.goto(app.origin);
  await hands.to('textbox', 'Your name');
  await hands.type(testOwner.name);
  await hands.to('textbox', 'Mail address');
  await hands.type(testOwner.email);
  await hands.to('textbox', 'Password');
  await hands.type(testOwner.password);
  await hands.to('textbox', 'Workspace');
  await hands.type(testOwner.workspace);
  await hands.press('Enter');
  await page.waitForURL(/\/w\//);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

  // A credential, by the rail and the button; the key is typed into its field.
  await hands.enter('link', 'Credentials');
  await title('Credentials');
  await hands.enter('button', 'Add credential');
  const credential = page.getByRole('dialog', { name: 'Add credential' });
  await credential.waitFor();
  await hands.to('textbox', 'Name');
  await hands.type('root key');
  await hands.to('textbox', 'User on the servers');
  await hands.type(hosts.username);
  await hands.to('radio', 'Make one here');
  await hands.press('ArrowRight', 'Enter');
  await hands.to('textbox', 'Private key');
  await hands.type(hosts.privateKey);
  await hands.enter('button', 'Add credential');
  await credential.waitFor({ state: 'hidden' });

  // Two servers, by their keys.
  for (const host of hosts.hosts) {
    await hands.press('g', 's');
    await title('Servers');
    await hands.press('c');
    const form = page.getByRole('dialog', { name: 'Add server' });
    await form.waitFor();
    await hands.to('textbox', 'Name');
    await hands.type(host.name);
    await hands.to('textbox', 'Host');
    await hands.type(host.address);
    await hands.to('spinbutton', 'Port');
    await hands.press('ControlOrMeta+a');
    await hands.type(String(host.port));
    await hands.to('combobox', 'Credential');
    await hands.press('Enter');
    await page.getByRole('option', { name: /root key/ }).waitFor();
    await hands.type('root');
    await page.locator('[role=option]:focus', { hasText: 'root key' }).waitFor();
    await hands.press('Enter');
    await page.getByRole('combobox', { name: 'Credential' }).filter({ hasText: 'root key' }).waitFor();
    await hands.to('textbox', /Tags/);
    await hands.type('demo');
    await hands.press('Enter');
    await hands.enter('button', 'Add server');
    await form.waitFor({ state: 'hidden' });
    await page.getByRole('row', { name: host.name }).waitFor();
    await hands.press('Escape');
  }

  // A playbook from the one that a new one begins with: a question before its step, moved behind it again.
  await hands.press('g', 'p');
  await title('Playbooks');
  await hands.press('c');
  await page.waitForURL(/\/playbooks\/new/);
  await hands.to('treeitem', /Say hello/);
  await hands.press('a');
  await page.getByRole('dialog').getByPlaceholder('What does it do').waitFor();
  await hands.type('approve');
  await page.locator('[role=dialog] [role=option][aria-selected=true]', { hasText: /approv|ask/i }).waitFor();
  await hands.press('Enter');
  await page.locator('[data-field="name"] input:focus').waitFor();
  await hands.type('Ask');
  await hands.press('Escape');
  await page.locator('[data-key="approve"]:focus').waitFor();
  const inList = () =>
    page
      .locator('[data-testid="playbook.list"] [data-key]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')));
  await hands.press('m', 'ArrowUp', 'Enter');
  await eventually(inList).toEqual(['~', 'approve', 'hello']);
  await hands.press('m', 'ArrowDown', 'Enter');
  await eventually(inList).toEqual(['~', 'hello', 'approve']);
  await hands.press('ControlOrMeta+s');
  await page.getByLabel('What has changed').waitFor();
  await hands.type('The first');
  await hands.press('Enter');
  await page.waitForURL(/\/playbooks\/[0-9a-f-]{36}/);

  // It is run and watched; the answer is given where it is asked.
  await hands.enter('button', 'Run');
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).waitFor();
  await hands.enter('button', 'Run');
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  await page.getByRole('log').getByText('load average').first().waitFor();
  await hands.to('textbox', 'Reason');
  await hands.type('It looks well.');
  await hands.press('ControlOrMeta+Enter');
  await page.locator('[data-testid="run.page"][data-status="succeeded"]').waitFor();
  await hands.to('log', /Log/, { back: true });
  const place = () => page.getByRole('log').evaluate((pane) => pane.scrollTop);
  await hands.press('Home');
  await eventually(place).toBe(0);

  // Somebody is invited.
  await hands.press('ControlOrMeta+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  await hands.type('Members');
  await page.locator('[role=dialog] [role=option][aria-selected=true]', { hasText: 'Members' }).waitFor();
  await hands.press('Enter');
  await title('Members and roles');
  await hands.enter('button', /^Invite/);
  const invite = page.getByRole('dialog', { name: 'Invite somebody' });
  await invite.waitFor();
  await hands.to('textbox', /^Mail address/);
  await hands.type('ines@example.org');
  await hands.press('Enter');
  await page.getByRole('dialog', { name: 'ines@example.org is invited' }).waitFor();
  await hands.enter('button', 'Done');

  expect(hands.stops).toBeGreaterThan(40);
  expect(chrome.complaints).toEqual([]);
  const left = await page.evaluate(() => document.documentElement.outerHTML + JSON.stringify({ ...localStorage }));
  for (const secret of [testOwner.password, hosts.privateKey.split('\n')[2] ?? '']) expect(left).not.toContain(secret);
}, 240_000);
