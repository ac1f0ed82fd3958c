// The editor as several people and several hands meet it: mouse and keyboard, who may and who may not, two at once.
import type { Page } from 'playwright-core';
import { beforeAll, afterAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openChromium = browserTests();
let app: TestApp;
let made = 0;
let page: Page;

beforeAll(async () => {
  [app, page] = await Promise.all([
    startTestApp({ withConsole: true, withHosts: false }),
    openChromium({ hasMotion: true }).then((chrome) => chrome.page),
  ]);
  await signIn(page, app.origin);
}, 180_000);
afterAll(() => app?.close());

/** A browser of its own, signed in as this person. */
async function asPerson({ email }: { email: string }): Promise<Page> {
  const { page: own } = await openChromium({ hasMotion: true });
  await own.goto(`${app.origin}/sign-in`);
  await own.getByLabel('Mail address').fill(email);
  await own.getByLabel('Password', { exact: true }).fill('a long enough word');
  await own.getByRole('button', { name: 'Continue' }).click();
  await own.waitForURL(/\/w\//);
  await own.getByRole('heading', { level: 1 }).first().waitFor();
  return own;
}
const three = (name: string): string =>
  `name: ${name}\nsteps:\n  - id: hello\n    kind: set\n    name: Hello\n    values:\n      greeting: hi\n  - id: rest\n    kind: wait\n    name: Rest\n    for: 5m\n  - id: stop\n    kind: approve\n    name: Ask\n    roles: [owner]\n    message: On\n`;
const create = async (name: string): Promise<string> =>
  (await app.ok('POST', '/playbooks', { yaml: three(`${name} ${(made += 1)}`) })).id;
const openEditor = async (at: Page, id: string, query = ''): Promise<void> => {
  await openPage(at, app.origin, `/playbooks/${id}${query}`);
  await at.getByTestId('playbook.list').getByText('Rest').waitFor();
};
const order = (at: Page): Promise<(string | null)[]> =>
  at.getByTestId('playbook.list').locator('[data-key]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key'))); // prettier-ignore
const isOrder = (at: Page, keys: string) =>
  at.waitForFunction(
    (wanted) => [...document.querySelectorAll('[data-testid="playbook.list"] [data-key]')].map((row) => row.getAttribute('data-key')).join(' ') === wanted,
    keys,
  ); // prettier-ignore
/** What a screen reader has been told last, politely and at once. */
const said = async (at: Page): Promise<(string | null)[]> => {
  await at.locator('.sr-only[aria-live=polite]', { hasText: 'Ask, 2 of 3, step 2' }).waitFor({ state: 'attached' });
  await at.locator('.sr-only[aria-live=assertive]', { hasText: 'Ask dropped' }).waitFor({ state: 'attached' });
  return at.locator('.sr-only[aria-live]').allTextContents();
};

test('a step that is dragged and one that is moved by M and arrows come to the same place, and the same is said', async () => {
  await openEditor(page, await create('By keyboard'), '?view=list');
  await page.locator('[data-key="stop"]').click();
  await page.locator('[data-key="stop"]').focus();
  for (const key of ['m', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
  await isOrder(page, '~ hello stop rest');
  const byKeys = await said(page);
  await page.locator('[data-testid="playbook.kept"][data-kept="true"]').waitFor();

  await openEditor(page, await create('By mouse'), '?view=list');
  const row = page.locator('[data-key="stop"]');
  await row.hover();
  const from = await row.locator('[data-grip]').boundingBox();
  const to = await page.locator('[data-key="rest"]').boundingBox();
  if (!from || !to) throw new Error('The rows are not drawn.');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2, to.y + to.height / 2, { steps: 8 });
  await page.mouse.move(from.x + from.width / 2, to.y + 4, { steps: 4 });
  await page.mouse.up();
  await isOrder(page, '~ hello stop rest');
  expect([await said(page), await order(page)]).toEqual([byKeys, ['~', 'hello', 'stop', 'rest']]);
}, 120_000);

test('a test is written, runs in virtual time on the text as it stands, and tells what differs', async () => {
  await openEditor(page, await create('Tested'), '?view=list&panel=tests');
  const tests = page.getByTestId('playbook.tests');
  await tests.getByRole('button', { name: 'Add test' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save test' }).click();
  await tests.getByRole('button', { name: 'Run tests' }).click();
  await tests.getByText('1 passed').waitFor();
  expect(await tests.getByText(/of virtual time/).count()).toBe(1);
}, 120_000);

test('who may only read sees what they could do, and which permission it needs', async () => {
  const id = await create('Only read');
  const theirs = await asPerson(await app.addMember(`vic${(made += 1)}`, 'viewer'));
  await openEditor(theirs, id, '?view=list');
  for (const [name, permission] of [
    [/^Save as v2/, 'playbooks:edit'],
    [/^Run/, 'playbooks:run'],
  ] as const) {
    const button = theirs.getByRole('button', { name }).first();
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.hover();
    const tip = theirs.getByRole('tooltip');
    await tip.filter({ hasText: permission }).waitFor({ state: 'attached' });
    // Away from the tip as a hand goes, over many places. It listens for that a moment after it has come: who was quicker
    // goes there and away again.
    await eventually(async () => {
      await theirs.mouse.move(400, 500, { steps: 10 });
      const isGone = await tip.waitFor({ state: 'detached', timeout: 2_000 }).then(
        () => true,
        () => false,
      );
      if (!isGone) await button.hover();
      return isGone;
    }).toBe(true);
  }
  expect(await theirs.getByRole('button', { name: 'Add step' }).count()).toBe(0);
}, 120_000);

test('two who edit the same are told of each other, and no longer once one has left', async () => {
  const id = await create('Together');
  const name = `Jo${(made += 1)}`;
  const theirs = await asPerson(await app.addMember(name, 'member'));
  await openEditor(page, id, '?view=list');
  await page.locator('[data-live="live"]').waitFor();
  const present = page.getByTestId('playbook.presence');
  expect(await present.textContent()).toBe('');
  await openEditor(theirs, id, '?view=list');
  await present.getByText(`${name} edits this too`).waitFor();
  await theirs.getByTestId('playbook.presence').getByText('Mara edits this too').waitFor();

  // Jo saves first: whose words count is asked, and each answer is what it says.
  const change = async (at: Page, to: string): Promise<void> => {
    await at.locator('[data-key="rest"]').click();
    await at.locator('[data-field="for"] input').fill(to);
  };
  const save = async (at: Page): Promise<void> => {
    await at.getByText('Valid', { exact: true }).waitFor();
    await at.keyboard.press('ControlOrMeta+s');
    await at.getByLabel('What has changed').waitFor();
    await at.keyboard.press('Enter');
  };
  await change(page, '10m');
  await change(theirs, '20m');
  await save(theirs);
  await theirs.getByText('Saved as version 2').first().waitFor();
  await page.getByText('both are shown side by side').waitFor();
  await save(page);
  const both = page.getByRole('dialog', { name: 'Version 2 was saved meanwhile' });
  await both.getByRole('button', { name: 'Keep mine as v3' }).click();
  await page.getByText('Saved as version 3').first().waitFor();
  expect((await app.ok('GET', `/playbooks/${id}`)).yaml).toContain('for: 10m');

  await theirs.goto(`${app.origin}${workspacePath}/playbooks`);
  await present.getByText(`${name} edits this too`).waitFor({ state: 'detached' });
}, 180_000);

test('in the YAML view, inside ${{ }}, the steps before are offered as one types', async () => {
  await openEditor(page, await create('Offers what is in scope'), '?view=yaml');
  const lines = page.locator('.monaco-editor .view-line');
  await lines.filter({ hasText: 'message:' }).waitFor();
  await page.locator('.monaco-editor').first().click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('  - id: last\nkind: fail\nmessage: ${{ steps.h');
  const offers = page.locator('.suggest-widget.visible .monaco-list-row');
  await offers.filter({ hasText: 'hello' }).waitFor();
  await page.keyboard.press('Enter');
  await lines.filter({ hasText: 'steps.hello' }).waitFor();
  expect(await page.locator('.suggest-widget.visible').count()).toBe(0);
});
