import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { handsOn } from '#tests/kit/hands.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
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

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
/** The column that a card is in; empty where it is on no column. */
const columnOf = (page: Page, key: string): Promise<string> =>
  page.evaluate(
    (of) => document.querySelector(`[data-key="${of}"]`)?.closest('[data-column]')?.getAttribute('data-column') ?? '',
    key,
  );
const cardOf = (page: Page, key: string) => page.locator(`[data-testid="incidents.board"] [data-key="${key}"]`);
/** The card in its column, once the server has answered for it. */
const settled = (page: Page, key: string, state: string) =>
  page.locator(`[data-column="${state}"] [data-key="${key}"]:not([data-unsaved])`).waitFor();
const stateOf = async (id: string): Promise<string> => (await app.ok('GET', `/incidents/${id}`)).state;
const open = async (title: string): Promise<{ id: string; key: string }> =>
  app.ok('POST', '/incidents', { title: `${title} ${(made += 1)}`, severity: 'sev3' });

/** Carries a card to a column by the pointer, without letting it go. */
async function carryTo(page: Page, key: string, state: string): Promise<void> {
  const [from, to] = [await cardOf(page, key).boundingBox(), await page.locator(`[data-column="${state}"]`).boundingBox()]; // prettier-ignore
  if (!from || !to) throw new Error('The card or the column is not on screen.');
  await page.mouse.move(from.x + from.width / 2, from.y + 14);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + 12, from.y + 20, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + 80, { steps: 8 });
}
async function dragTo(page: Page, key: string, state: string): Promise<void> {
  await carryTo(page, key, state);
  await page.locator(`[data-column="${state}"][data-over]`).waitFor();
  await page.mouse.up();
}
/** What was said in the region of urgent words. */
const said = (page: Page, words: string) =>
  page.locator('[role=alert]', { hasText: words }).waitFor({ state: 'attached' });

test('an incident is declared, acknowledged by its key and carried over the board by keys, with each step said', async () => {
  const { page } = chrome;
  await openPage(page, app.origin, '/incidents');
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'Declare an incident' });
  await dialog
    .getByLabel('Title', { exact: false })
    .first()
    .fill(`Mails do not leave ${(made += 1)}`);
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-testid="incident.page"]').waitFor();
  const key = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const id = (await page.getByTestId('incident.page').getAttribute('data-incident')) ?? '';

  await openPage(page, app.origin, '/incidents');
  await cardOf(page, key).focus();
  await page.keyboard.press('a');
  await settled(page, key, 'acknowledged');
  expect(await stateOf(id)).toBe('acknowledged');
  // The card that moved keeps the focus, so the next key is for it.
  await cardOf(page, key).focus();
  await page.keyboard.press('m');
  await page.locator(`[data-key="${key}"][data-lifted]`).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByText(`${key}, over Investigating, 2 of 5`).waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  await said(page, `${key} dropped on Investigating`);
  await settled(page, key, 'investigating');
  expect(await stateOf(id)).toBe('investigating');
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('a card is dragged; one that somebody else moved meanwhile goes back and says where it stands', async () => {
  const { page } = chrome;
  const { id, key } = await open('Dragged');
  // Alone on the board, so that all its columns are on screen.
  await openPage(page, app.origin, `/incidents?q=${key}`);
  await cardOf(page, key).waitFor();
  await dragTo(page, key, 'investigating');
  await said(page, `${key} dropped on Investigating`);
  await settled(page, key, 'investigating');
  expect(await stateOf(id)).toBe('investigating');
  // A column that does not take it is dimmed and says where it can go; let go over it, the card stays.
  await carryTo(page, key, 'closed');
  const closed = page.locator('[data-column="closed"][data-refused]');
  await closed.getByText(/^From Investigating to /).waitFor();
  await page.mouse.up();
  await said(page, `${key} stays. From Investigating to `);
  expect([await columnOf(page, key), await stateOf(id)]).toEqual(['investigating', 'investigating']);

  // Somebody else sets it aside while this one has not heard of it: what is seen here is old.
  const isMove = (url: URL) => url.pathname.includes(`/incidents/${id}/transitions`);
  await page.route(isMove, async (route) => {
    await app.ok('POST', `/incidents/${id}/transitions`, { to: 'pending', reason: 'Waits for the vendor' });
    await route.continue();
  });
  await cardOf(page, key).focus();
  await page.keyboard.press('m');
  await page.locator(`[data-key="${key}"][data-lifted]`).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.getByText(`${key}, over Mitigated`).waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  await page.getByText(`Somebody else changed ${key} meanwhile`).first().waitFor();
  await page.unroute(isMove);
  await eventually(() => columnOf(page, key)).toBe('pending');
  expect(await stateOf(id)).toBe('pending');
  // Dropped on Resolved it asks why in place, and is not moved before.
  await dragTo(page, key, 'resolved');
  const why = page.getByRole('form', { name: `Why is ${key} Resolved?` });
  expect(await stateOf(id)).toBe('pending');
  await why.getByRole('textbox').fill('The vendor has answered');
  await why.getByRole('button', { name: 'Move to Resolved' }).click();
  await settled(page, key, 'resolved');
  expect(await stateOf(id)).toBe('resolved');
}, 120_000);

test('it is resolved with a reason, reopened, resolved and closed, and its postmortem has the story', async () => {
  const { page } = chrome;
  const { id, key } = await open('Resolved twice');
  await openPage(page, app.origin, `/incidents/${key}`);
  await button(page, /^Acknowledge(?!d)/).click();
  await page.locator('[data-testid="incident.page"][data-state="acknowledged"]').waitFor();
  const give = async (main: RegExp, act: string, reason: string, state: string): Promise<void> => {
    await button(page, main).click();
    const dialog = page.getByRole('dialog', { name: `Move ${key}` });
    await dialog.getByLabel('Why', { exact: false }).fill(reason);
    await dialog.getByRole('button', { name: act }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator(`[data-testid="incident.page"][data-state="${state}"]`).waitFor();
  };
  await give(/^Resolve(?!d)/, 'Move to Resolved', 'Rolled back', 'resolved');
  await page
    .getByRole('list', { name: 'States' })
    .getByRole('button', { name: /^Investigating/ })
    .click();
  const dialog = page.getByRole('dialog', { name: `Move ${key}` });
  await dialog.getByLabel('Why', { exact: false }).fill('It came back');
  await dialog.getByRole('button', { name: 'Move to Investigating' }).click();
  await page.locator('[data-testid="incident.page"][data-state="investigating"]').waitFor();
  await give(/^Resolve(?!d)/, 'Move to Resolved', 'Rolled back for good', 'resolved');
  await give(/^Close$/, 'Move to Closed', 'Nothing more to do', 'closed');
  // What somebody else writes comes without a reload.
  await app.ok('POST', `/incidents/${id}/notes`, { text: 'Seen from **outside**' });
  await page.getByTestId('incident.timeline').getByText('outside').waitFor();
  await page.getByRole('tab', { name: 'Postmortem' }).click();
  const draft = button(page, 'Draft it from the timeline');
  await page.getByTestId('incident.postmortem').or(draft).waitFor();
  if (await draft.isVisible()) await draft.click();
  await page.getByTestId('incident.postmortem').getByText('Rolled back for good').first().waitFor();
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('what narrows the list is saved as a view, comes back by its tab, and is deleted', async () => {
  const { page } = chrome;
  const name = `Payments late ${Date.now()}`;
  const { key } = await open('Payments');
  await openPage(page, app.origin, '/incidents?view=list&q=Payments');
  await page.getByRole('row', { name: new RegExp(key) }).waitFor();
  await button(page, 'Save view').click();
  const dialog = page.getByRole('dialog', { name: 'Save view' });
  await dialog.getByLabel('Name', { exact: false }).fill(name);
  await dialog.getByRole('button', { name: 'Save view' }).click();
  const tab = page.getByRole('tab', { name });
  await tab.waitFor();
  expect(await tab.getAttribute('aria-selected')).toBe('true');
  await page.getByRole('tab', { name: 'All' }).click();
  await eventually(() => new URL(page.url()).search).toBe('?view=list&show=all');
  await tab.click();
  await eventually(() => new URL(page.url()).searchParams.get('q')).toBe('Payments');
  await button(page, `More about the view ${name}`).click();
  await page.getByRole('menuitem', { name: 'Delete view' }).click();
  await tab.waitFor({ state: 'detached' });
  expect(await app.ok('GET', '/incident-views')).toEqual([]);
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('without a pointer, by the keys of its page, an incident is acknowledged, escalated and resolved', async () => {
  const { page } = chrome;
  const hands = handsOn(page);
  const { people } = await app.ok('GET', '/oncall/schedules');
  const steps = [1, 2].map(() => ({ after: '30m', targets: [{ kind: 'person', id: people[0].id }] }));
  const policy = await app.ok('POST', '/oncall/policies', { name: `Levels ${(made += 1)}`, steps });
  const { id, key } = await app.ok('POST', '/incidents', {
    title: `By keys ${made}`,
    severity: 'sev2',
    escalationPolicyId: policy.id,
  });
  await openPage(page, app.origin, `/incidents?q=${key}`);
  await cardOf(page, key).waitFor();
  await hands.to('listitem', new RegExp(`^${key}, `));
  await hands.press('Enter');
  await page.waitForURL(new RegExp(`${workspacePath}/incidents/${key}`));
  await page.locator('h1:focus', { hasText: 'By keys' }).waitFor();
  const story = page.getByTestId('incident.timeline');
  await hands.press('e');
  await story.locator('[data-kind="escalated"]').first().waitFor();
  await hands.press('a');
  await page.locator('[data-testid="incident.page"][data-state="acknowledged"]').waitFor();
  await page.getByText(`You have ${key} now`).first().waitFor();
  // In a field a letter is a letter.
  await hands.to('textbox', 'Write a note');
  await hands.type('sea');
  await hands.press('ControlOrMeta+Enter');
  await story.locator('[data-kind="note"]', { hasText: 'sea' }).waitFor();
  await hands.to('button', 'More', { back: true });
  await hands.press('s');
  await page.getByRole('dialog', { name: `Move ${key}` }).waitFor();
  await hands.to('radio', /^Investigating/);
  await hands.press('ArrowDown', 'ArrowDown', 'ArrowDown');
  await page.getByRole('radio', { name: /^Resolved/, checked: true }).waitFor();
  await hands.to('textbox', /^Why/);
  await hands.type('Rolled back');
  await hands.press('ControlOrMeta+Enter');
  await page.locator('[data-testid="incident.page"][data-state="resolved"]').waitFor();
  expect(await stateOf(id)).toBe('resolved');
  expect(chrome.complaints).toEqual([]);
}, 120_000);

test('acknowledging, handing over, moving and deleting a note are taken back by the toast, and the story keeps both', async () => {
  const { page } = chrome;
  const { id, key } = await open('Taken back');
  const shown = () => app.ok('GET', `/incidents/${id}`);
  const story = async (): Promise<string[]> =>
    (await app.ok('GET', `/incidents/${id}/timeline`)).data.map(({ text }: { text: string }) => text);
  await openPage(page, app.origin, `/incidents/${key}`);
  const inState = (state: string) => page.locator(`[data-testid="incident.page"][data-state="${state}"]`).waitFor();
  await page.keyboard.press('a');
  await page.getByText(`You have ${key} now`).first().waitFor();
  await page.keyboard.press('z');
  await inState('open');
  expect(await shown()).toMatchObject({ state: 'open', owner: null, acknowledgedAt: null });

  await button(page, 'Give it to…').click();
  await page.getByRole('menuitemradio').first().click();
  await page
    .getByText(/ owns it now$/)
    .first()
    .waitFor();
  await page.keyboard.press('z');
  await button(page, 'Give it to…').waitFor();
  expect((await shown()).owner).toBeNull();

  await openPage(page, app.origin, `/incidents?q=${key}`);
  await cardOf(page, key).waitFor();
  await dragTo(page, key, 'mitigated');
  await settled(page, key, 'mitigated');
  await page.getByText(`${key} is Mitigated`).first().waitFor();
  await page.keyboard.press('z');
  await settled(page, key, 'open');

  await openPage(page, app.origin, `/incidents/${key}`);
  const field = page.getByRole('textbox', { name: 'Write a note' });
  await field.fill('Said too soon');
  await field.press('ControlOrMeta+Enter');
  const note = page.getByTestId('incident.timeline').locator('[data-kind="note"]');
  await note.getByRole('button', { name: 'Delete' }).click();
  await note.getByText('wrote a note that was deleted').waitFor();
  expect(await note.textContent()).not.toContain('Said too soon');
  await page.keyboard.press('z');
  await note.getByText('Said too soon').waitFor();
  expect(await story()).toEqual(
    expect.arrayContaining([
      'From Open to Acknowledged',
      'From Acknowledged to Open: Taken back',
      'Changed owner nobody',
      'From Open to Mitigated',
      'From Mitigated to Open: Taken back',
    ]),
  );
  const { data } = await app.ok('GET', '/audit?limit=60');
  const did = data.flatMap(({ action, subject }: Record<string, string>) => (subject === `incident:${id}` ? [action] : [])); // prettier-ignore
  expect(did).toEqual(expect.arrayContaining(['incident.note_deleted', 'incident.note_restored']));
  expect(chrome.complaints).toEqual([]);
}, 120_000);
