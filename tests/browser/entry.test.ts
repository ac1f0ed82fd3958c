import { generateSync } from 'otplib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, workspacePath } from '#tests/kit/console.ts';
import { startBareApp, testOwner } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: Awaited<ReturnType<typeof startBareApp>>;
let chrome: Chrome;

beforeAll(async () => {
  [app, chrome] = await Promise.all([
    startBareApp({ withConsole: true, withHosts: false, withSweeps: false }),
    openBrowser(),
  ]);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const enterPassword = async (page: Page): Promise<void> => {
  await page.goto(`${app.origin}/sign-in`);
  await page.getByLabel('Mail address').fill(testOwner.email);
  await page.getByLabel('Password', { exact: true }).fill(testOwner.password);
  await button(page, 'Continue').click();
};

test('set-up tells at each field what is wrong, and goes on once it is right', async () => {
  const { page } = chrome;
  await page.goto(app.origin);
  await page.getByLabel('Your name').fill(testOwner.name);
  await page.getByLabel('Mail address').fill('no address');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await button(page, 'Create owner and workspace').click();
  for (const label of ['Mail address', 'Password', 'Workspace']) {
    const field = page.getByLabel(label, { exact: true });
    await eventually(() => field.getAttribute('aria-invalid')).toBe('true');
    const said = await field.evaluate(
      (node) => document.getElementById(node.getAttribute('aria-describedby') ?? '')?.textContent,
    );
    expect(said, label).toBeTruthy();
  }
  // Focus is where the first fault is.
  expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('email');

  await page.getByLabel('Mail address').fill(testOwner.email);
  await page.getByLabel('Password', { exact: true }).fill(testOwner.password);
  await page.getByLabel('Workspace').fill(testOwner.workspace);
  await button(page, 'Create owner and workspace').click();
  await page.waitForURL(/\/w\//);
  await page.goto(`${app.origin}/setup`);
  await page.waitForURL(/\/w\//); // set-up happens once
}, 120_000);

test('a member joins by the link of an invitation, in a browser of their own, and sees what their role may', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/settings/members');
  await button(page, 'Invite').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Mail address').fill('ines@example.org');
  await dialog.getByLabel('Role').click();
  await page.getByRole('option', { name: 'Viewer' }).click();
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  const link =
    (await dialog
      .getByText(/\/invite\//)
      .first()
      .textContent()) ?? '';
  await button(page, 'Done').click();

  const { page: hers } = await openBrowser();
  await hers.goto(link.trim());
  await hers.getByText(`Mara invites ines@example.org as viewer.`).waitFor();
  await hers.getByLabel('Your name').fill('Ines');
  await hers.getByLabel('Password', { exact: true }).fill('a long enough word');
  await button(hers, `Join ${testOwner.workspace}`).click();
  await hers.waitForURL(new RegExp(workspacePath));
  await openPage(hers, app.origin, '/servers');
  const add = button(hers, 'Add server').first();
  expect(await add.getAttribute('aria-disabled')).toBe('true');
  // The link is used up, and the owner's page knows the new member without a reload.
  await hers.goto(link.trim());
  await hers.getByRole('heading', { name: 'This link is good no more' }).waitFor();
  await page.getByRole('tab', { name: /Members/ }).click();
  await page.getByText('ines@example.org').waitFor();
}, 120_000);

test('an API key is shown once, works, and is gone from the page after', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/settings/api-keys?edit=new');
  await page.getByLabel('Name').fill('pipeline');
  await page.getByLabel('runs:read').click();
  await button(page, 'Create key').last().click();
  const made = page.getByRole('dialog', { name: 'pipeline is made' });
  const key = ((await made.getByText(/^wl_/).textContent()) ?? '').trim();
  const call = (path: string) => fetch(`${app.origin}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
  expect((await call('/runs')).status).toBe(200);
  expect((await call('/servers')).status).toBe(403);
  await button(page, 'I have copied it').click();
  await made.waitFor({ state: 'hidden' });
  await page.reload();
  await page.getByText('pipeline', { exact: true }).waitFor();
  expect(await page.content()).not.toContain(key);

  await button(page, 'Revoke pipeline').click();
  await button(page, 'Revoke key').click();
  await page.getByText('pipeline', { exact: true }).waitFor({ state: 'hidden' });
  expect((await call('/runs')).status).toBe(401);
}, 120_000);

test('a second factor is set up by its QR code; then a code or a recovery code is asked at sign-in, each good once', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/account');
  await button(page, 'Set up').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(testOwner.password);
  await button(page, 'Continue').click();
  await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
  const shown = (await dialog.locator('span.font-mono').first().textContent()) ?? '';
  const secret = /^[A-Z2-7]{32}/.exec(shown.replaceAll(' ', ''))?.[0] ?? '';
  const codeAt = (offsetSeconds: number) =>
    generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + offsetSeconds });
  const type = async (where: Page, code: string) => {
    await where.getByRole('group', { name: 'Six digits' }).getByRole('textbox').first().click();
    await where.keyboard.type(code);
  };
  await type(page, codeAt(0));
  await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
  const codes = await page.getByRole('dialog').getByRole('listitem').allTextContents();
  expect(codes.length).toBeGreaterThanOrEqual(8);
  await button(page, 'I have kept them').click();
  await button(page, 'Turn off').waitFor();

  const { page: other, context } = await openBrowser();
  await enterPassword(other);
  await other.getByRole('heading', { name: 'Enter the code from your app' }).waitFor();
  await type(other, '000000');
  await other.getByRole('alert').filter({ hasText: 'identity.code_wrong' }).waitFor();
  await type(other, codeAt(30));
  await other.waitForURL(/\/w\//);

  await context.clearCookies();
  await enterPassword(other);
  await button(other, 'Use a recovery code').click();
  await other.getByLabel('Recovery code').fill(codes[0] ?? '');
  await button(other, 'Continue').click();
  await other.waitForURL(/\/w\//);

  await context.clearCookies();
  await enterPassword(other);
  await button(other, 'Use a recovery code').click();
  await other.getByLabel('Recovery code').fill(codes[0] ?? '');
  await button(other, 'Continue').click();
  await other.getByRole('alert').filter({ hasText: 'identity.code_wrong' }).waitFor();
}, 180_000);

test('a forgotten password: without mail the page says who can help, and a link that was made by an administrator sets a new one', async () => {
  const { page } = await openBrowser();
  await page.goto(`${app.origin}/sign-in`);
  await page.getByRole('link', { name: 'Forgotten the password?' }).click();
  await page.getByRole('heading', { name: 'Forgotten your password?' }).waitFor();
  await page.getByLabel('Mail address').fill('ines@example.org');
  await button(page, 'Send the link').click();
  await page.getByRole('heading', { name: 'Ask an administrator' }).waitFor();

  await openPage(chrome.page, app.origin, '/settings/members');
  await chrome.page
    .getByRole('row', { name: /ines@example\.org/ })
    .getByRole('button', { name: 'More' })
    .click();
  await chrome.page.getByRole('menuitem', { name: 'Link to a new password' }).click();
  const dialog = chrome.page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = (
    (await dialog
      .getByText(/\/reset-password\//)
      .first()
      .textContent()) ?? ''
  ).trim();

  await page.goto(link);
  await page.getByText('For ines@example.org.').waitFor();
  await page.getByLabel('New password').fill('another long enough word');
  await button(page, 'Set the password').click();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Mail address').fill('ines@example.org');
  await page.getByLabel('Password', { exact: true }).fill('another long enough word');
  await button(page, 'Continue').click();
  await page.waitForURL(/\/w\//);
  await page.goto(link);
  await page.getByRole('heading', { name: 'This link is good no more' }).waitFor();
  expect(chrome.complaints).toEqual([]);
}, 180_000);
