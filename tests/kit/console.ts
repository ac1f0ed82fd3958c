import type { Page } from 'playwright-core';
import { testOwner } from './test-app.ts';

/** The first workspace's part of every address. */
export const workspacePath = '/w/alder-finch';

/** Gives the browser the first owner's session, without a page: `openPage` is the first that it loads. */
export async function signIn(page: Page, origin: string): Promise<void> {
  const { email, password } = testOwner;
  const answer = await page
    .context()
    .request.post(`${origin}/api/v1/auth/login`, { data: { email, password }, headers: { origin } });
  if (!answer.ok()) throw new Error(`Nobody was signed in: ${answer.status()} ${await answer.text()}`);
}

/** The same by the form, as a person does it; waits until the console stands. */
export async function signInByForm(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel('Mail address').fill(testOwner.email);
  await page.getByLabel('Password', { exact: true }).fill(testOwner.password);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/\/w\//);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
}

/** Opens a page of the first workspace and waits until all of it has come. */
export async function openPage(page: Page, origin: string, path: string): Promise<void> {
  await page.goto(`${origin}${workspacePath}${path}`);
  // By its tag: a page under an open panel has no roles.
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
}

/**
 * To another page of the first workspace as a link goes there, from a page that is open: the console is not loaded again.
 * Waits until all of it has come. For another query of the same page use `openPage`.
 */
export async function walkTo(page: Page, path: string): Promise<void> {
  await page.evaluate((address) => {
    // The title of the page that is left: another one stands when the new page has come.
    document.querySelector('h1')?.setAttribute('data-left', '');
    history.pushState({}, '', address);
  }, workspacePath + path);
  await page.waitForFunction(
    () => document.querySelector('h1:not([data-left])') && document.querySelector('[aria-label="Loading"]') === null,
  );
}
