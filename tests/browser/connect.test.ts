import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SfmcSimulator, startSfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let sfmc: SfmcSimulator;

beforeAll(async () => {
  [app, chrome] = await Promise.all([
    startTestApp({ withConsole: true, withHosts: false, withQueries: true }),
    openBrowser(),
  ]);
  sfmc = await startSfmcSimulator({ redirectUris: [`${app.origin}/api/v1/oauth/callback`] });
  await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1'] });
}, 180_000);
afterAll(async () => {
  await sfmc?.stop();
  await app?.close();
});

test('somebody connects Marketing Cloud through its own sign-in page: details outlive a reload, a refusal leads back to the same step, and then it stands', async () => {
  const { page } = chrome;
  const [ada] = sfmc.users;
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  await signIn(page, app.origin);
  await openPage(page, app.origin, '/connections');
  await page.getByText('Connect your first system').waitFor();
  await button('New connection').first().click();
  await button(/^Marketing Cloud/).click();
  await page.getByLabel(/^Name/).fill('Northwind');
  await page.getByLabel(/^Authentication base URI/).fill(sfmc.authUrl);
  await page.getByLabel(/^Client ID/).fill(sfmc.packages.web.clientId);
  const secret = sfmc.packages.web.clientSecret ?? '';
  await page.getByLabel(/^Client secret/).fill(secret);
  await eventually(() => keptDrafts(page)).toContain('Northwind');
  expect(await keptDrafts(page)).not.toContain(secret);
  await page.reload();
  await eventually(() => page.getByLabel(/^Name/).inputValue()).toBe('Northwind');
  expect(await page.getByLabel(/^Client secret/).inputValue()).toBe('');
  await page.getByLabel(/^Client secret/).fill(secret);
  await button('Continue').click();

  const step = page.getByRole('region', { name: 'Sign in' });
  const enter = async (decision: 'Allow' | 'Deny'): Promise<void> => {
    await page.getByLabel('User name').fill(ada?.username ?? '');
    await page.getByLabel('Password').fill(ada?.password ?? '');
    await button('Sign in').click();
    await button(decision).click();
  };
  await step.getByRole('button', { name: 'Sign in at Marketing Cloud' }).click();
  await enter('Deny');
  await step.getByText('access_denied').waitFor();
  await page.reload();
  await step.getByRole('button', { name: 'Try again' }).click();
  await enter('Allow');

  const units = page.getByRole('region', { name: 'business unit' });
  await units.getByText('Northwind Retail').first().waitFor();
  await units.getByRole('button', { name: 'Continue' }).click();
  await page.getByText(/^It answered in/).waitFor();
  await button('Continue').click();
  await page.getByText('Northwind is connected').waitFor();
  await button('All connections').click();
  const card = page.getByRole('region', { name: 'Northwind', exact: true });
  await card.getByText('Connected', { exact: true }).waitFor();
  await card.getByText('Ada Admin').waitFor();
  await card.getByText(/^Token renews in/).waitFor();
  expect(page.url()).not.toContain(secret);
  expect(chrome.complaints).toEqual([]);
}, 180_000);

/** All that this browser keeps of unsaved work, as text. */
const keptDrafts = (page: Chrome['page']): Promise<string> =>
  page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const opening = indexedDB.open('windlass', 1);
        opening.addEventListener('error', () => reject(new Error('The drafts cannot be read.')));
        opening.addEventListener('success', () => {
          const reading = opening.result.transaction('drafts').objectStore('drafts').getAll();
          reading.addEventListener('success', () => {
            opening.result.close();
            resolve(JSON.stringify(reading.result));
          });
        });
      }),
  );
