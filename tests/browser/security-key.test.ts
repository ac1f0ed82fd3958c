import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests } from '#tests/kit/browser.ts';
import { workspacePath } from '#tests/kit/console.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

// A file of its own: so few sign-ins a minute are allowed an address that those of other tests would be in its way.
const openBrowser = browserTests();
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ withConsole: true, withHosts: false, withSweeps: false });
}, 180_000);
afterAll(async () => {
  await app?.close();
});

test('a security key is added, is asked for at once at sign-in, and opens the account no more once it is removed', async () => {
  const { email, token } = await app.addMember('Kira', 'member');
  const password = 'a long enough word';
  // Browsers tie keys to names, so not to 127.0.0.1.
  const origin = app.origin.replace('127.0.0.1', 'localhost');
  const { page, context } = await openBrowser();
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'usb', automaticPresenceSimulation: true },
  });
  const enterPassword = async () => {
    await page.goto(`${origin}/sign-in?next=${encodeURIComponent(`${workspacePath}/account`)}`);
    await page.getByLabel('Mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await button('Continue').click();
  };
  const card = page.getByRole('region', { name: 'Second factor' });
  await enterPassword();
  await card.getByText('Your password alone opens your account.').waitFor();
  await button('Add security key').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the key').fill('Blue key');
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await button('Continue').click();
  await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
  const codes = await dialog.getByRole('listitem').allTextContents();
  expect(codes).toHaveLength(10);
  await button('I have kept them').click();
  await card.getByText('not used yet').waitFor();

  // Signed out and in: nothing is to be typed but the password, and nothing to be pressed.
  await context.clearCookies();
  await enterPassword();
  await card.getByText(/used (just now|\d+ s)/).waitFor();
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  expect(credentials).toMatchObject([{ rpId: 'localhost', signCount: 2 }]);

  // A stranger's key is refused by the browser or by us, and a recovery code still opens.
  await context.clearCookies();
  await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
  await enterPassword();
  await page.getByRole('alert').filter({ hasText: 'The security key gave no answer' }).waitFor();
  await button('Ask the key again').waitFor();
  await button('Use a recovery code').click();
  await page.getByLabel('Recovery code').fill(codes[0] ?? '');
  await button('Continue').click();
  await card.getByText('9 codes left').waitFor();

  for (const credential of credentials) await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
  await button('Remove Blue key').click();
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await button('Remove key').click();
  await card.getByText('Your password alone opens your account.').waitFor();
  expect((await app.ok('GET', '/me', undefined, { token })).user.hasSecondFactor).toBe(false);
  await context.clearCookies();
  await enterPassword();
  await card.getByText('Your password alone opens your account.').waitFor();
}, 120_000);
