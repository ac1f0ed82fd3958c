import type { Page } from 'playwright-core';
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
  await app.addMember('Ana-Ruiz', 'member');
  await app.addMember('Ben-Okafor', 'member');
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const choose = async (page: Page, label: string, name: string): Promise<void> => {
  await page.getByRole('dialog').last().getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name }).first().click();
  // Its list is gone before the next one opens.
  await page.getByRole('option').first().waitFor({ state: 'detached' });
};

test('a rotation is made, somebody stands in, and the week shows both without a reload', async () => {
  const { page } = chrome;
  const name = `Primary ${(made += 1)}`;
  await openPage(page, app.origin, '/oncall');
  await button(page, 'New schedule').first().click();
  const form = page.getByRole('dialog', { name: 'New schedule' });
  await form.getByLabel('Name', { exact: false }).first().fill(name);
  await choose(page, 'In this order', 'Ana-Ruiz');
  await choose(page, 'In this order', 'Ben-Okafor');
  await form.getByLabel('The first turn begins').fill('2026-01-05T09:00');
  await form.getByRole('button', { name: 'Make schedule' }).click();
  const card = page.getByRole('region', { name });
  await card
    .getByTestId('oncall.now')
    .getByText(/Ana-Ruiz|Ben-Okafor/)
    .waitFor();

  await card.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Stand in' }).click();
  await choose(page, 'Who stands in', 'Nobody');
  await button(page, 'Make the override').click();
  const row = card.getByRole('row', { name: 'On call' });
  await row.getByRole('button', { name: /^Nobody is on call/ }).waitFor();
  await card.getByText('Nobody is on call from').waitFor();

  // What another person takes back goes without a reload.
  const { data } = await app.ok('GET', '/oncall/schedules');
  const { id } = data.find((one: { name: string }) => one.name === name);
  const window = `from=${new Date(Date.now() - 86_400_000).toISOString()}&to=${new Date(Date.now() + 3 * 86_400_000).toISOString()}`;
  const { overrides } = await app.ok('GET', `/oncall/schedules/${id}/duty?${window}`);
  await app.ok('DELETE', `/oncall/schedules/${id}/overrides/${overrides[0].id}`);
  await row.getByRole('button', { name: /^Nobody is on call/ }).waitFor({ state: 'detached' });

  // Two people trade: the first shift that can be chosen for the first one of the other.
  const onCallNow = async (): Promise<string> => {
    const all = await app.ok('GET', '/oncall/schedules');
    const { now } = all.data.find((one: { id: string }) => one.id === id);
    return all.people.find((one: { id: string }) => one.id === now.personId).name;
  };
  const before = await onCallNow();
  await card.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Swap shifts' }).click();
  const other = before === 'Ana-Ruiz' ? 'Ben-Okafor' : 'Ana-Ruiz';
  await choose(page, 'This shift', before);
  await choose(page, 'For this one', other);
  await button(page, 'Swap').click();
  await page.getByText(`${before} and ${other} swap shifts on ${name}`).first().waitFor();
  await row
    .getByRole('button', { name: new RegExp(`^${other}, .*, an override`) })
    .first()
    .waitFor();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('an escalation policy is made and tells what it does if nobody answers', async () => {
  const { page } = chrome;
  const name = `Wake somebody ${(made += 1)}`;
  await openPage(page, app.origin, '/oncall?show=policies');
  await button(page, 'New policy').first().click();
  const form = page.getByRole('dialog', { name: 'New escalation policy' });
  await form.getByLabel('Name', { exact: false }).first().fill(name);
  await choose(page, 'Tell', 'Ana-Ruiz');
  await form.getByLabel('Again, so many times').fill('1');
  await choose(page, 'At last, if nobody ever answered', 'Ben-Okafor');
  await form.getByRole('button', { name: 'Make policy' }).click();
  const story = page.getByRole('list', { name: `What ${name} does if nobody answers` });
  await story.waitFor();
  expect(await story.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringMatching(/at once\s*Ana-Ruiz/),
    expect.stringMatching(/after 10m\s*Ana-Ruiz\s*again 1/),
    expect.stringMatching(/after 20m\s*Ben-Okafor\s*at last/),
  ]);
  expect(chrome.complaints).toEqual([]);
}, 120_000);
