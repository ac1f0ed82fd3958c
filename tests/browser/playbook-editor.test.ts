import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
import { startTestApp, type TestApp } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let made = 0;
let chrome: Chrome;

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true, withHosts: false }), openBrowser()]);
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
});

const keys = async (page: Page, ...pressed: string[]): Promise<void> => {
  for (const key of pressed) await page.keyboard.press(key);
};
const inList = (page: Page): Promise<(string | null)[]> =>
  page
    .locator('[data-testid="playbook.list"] [data-key]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')));
const inGraph = (page: Page): Promise<(string | null)[]> =>
  page.locator('[data-graph-key]').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-graph-key')));
const focused = (page: Page, selector: string) => page.locator(`${selector}:focus`).waitFor();
const idOf = (page: Page): string => /\/playbooks\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? '';

/** Adds a step behind the selected one, from the list: what it does, then its name. */
async function addStep(page: Page, kind: string, name: string): Promise<void> {
  await keys(page, 'a');
  await page.getByRole('dialog').getByPlaceholder('What does it do').waitFor();
  await page.keyboard.type(kind);
  await keys(page, 'Enter');
  await focused(page, '[data-field="name"] input');
  await page.keyboard.type(name);
}

test('by the keyboard alone: a playbook is begun, steps are added and moved, the graph agrees, a reload keeps it, a save says what was written', async () => {
  const { page } = chrome;
  const name = `Ask first ${(made += 1)}`;
  await openPage(page, app.origin, '/playbooks');
  await keys(page, 'c');
  await page.waitForURL(/\/playbooks\/new/);
  await page.getByTestId('playbook.list').getByText('Say hello').waitFor();

  // The playbook's own name, by its form.
  await page.locator('[data-testid="playbook.list"] [role=treeitem][tabindex="0"]').focus();
  await keys(page, 'Home', 'Enter');
  await focused(page, '[data-field="name"] input');
  await keys(page, 'ControlOrMeta+a');
  await page.keyboard.type(name);
  await keys(page, 'Escape');

  // Two steps behind the first; the second reads the first by completion.
  await focused(page, '[data-key="~"]');
  await keys(page, 'End');
  await addStep(page, 'wait', 'Take a breath');
  await keys(page, 'Escape');
  await focused(page, '[data-key="wait"]');
  await addStep(page, 'approve', 'Ask');
  await page.locator('[data-field="message"] textarea').focus();
  await page.keyboard.type('On ${{ steps.hel');
  await page.getByRole('option', { name: /hello/ }).waitFor();
  await keys(page, 'Enter');
  await page.keyboard.type('.output.succ');
  await page.getByRole('option', { name: /succeeded/ }).waitFor();
  await keys(page, 'Enter');
  await page.keyboard.type(' }}?');
  await keys(page, 'Escape');
  await focused(page, '[data-key="approve"]');

  // Lifted, moved up by one, dropped; then the one above is copied and the copy deleted again.
  await keys(page, 'm', 'ArrowUp', 'Enter');
  await eventually(() => inList(page)).toEqual(['~', 'hello', 'approve', 'wait']);
  await keys(page, 'm', 'ArrowUp', 'Escape', 'd');
  await page.locator('[data-key="approve_2"]:focus').waitFor();
  await keys(page, 'Delete');
  await page.locator('[data-key="approve_2"]').waitFor({ state: 'detached' });
  await eventually(() => inList(page)).toEqual(['~', 'hello', 'approve', 'wait']);
  await page.locator('[data-graph-key="wait"]').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[data-graph-key]').length === 3);
  await eventually(() => inGraph(page)).toEqual(['hello', 'approve', 'wait']);

  // What is not saved survives.
  await page.locator('[data-testid="playbook.kept"][data-kept="true"]').waitFor();
  await page.reload();
  await page.getByText('are here again').waitFor();
  await page.locator('[data-key="wait"]').waitFor();
  await eventually(() => inList(page)).toEqual(['~', 'hello', 'approve', 'wait']);

  await keys(page, 'ControlOrMeta+s');
  await page.getByLabel('What has changed').waitFor();
  await page.keyboard.type('The first');
  await keys(page, 'Enter');
  await page.waitForURL(/\/playbooks\/[0-9a-f-]{36}/);
  const { yaml, note } = await app.ok('GET', `/playbooks/${idOf(page)}`);
  expect(note).toBe('The first');
  expect(yaml).toBe(`apiVersion: windlass/v1
name: ${name}
description: Says hello on every server with the tag demo.
steps:
  - id: hello
    name: Say hello
    kind: ssh
    hosts:
      tags: [demo]
    command: uname -a && uptime
  - id: approve
    kind: approve
    name: Ask
    roles: [owner]
    message: On \${{ steps.hello.output.succeeded }}?
  - id: wait
    kind: wait
    name: Take a breath
    for: 5m
`);

  // The YAML view shows that very text, and what is typed there is in the list.
  await page.getByRole('radio', { name: 'YAML' }).focus();
  await keys(page, 'Enter');
  await page.locator('.monaco-editor .view-lines').getByText('Take a breath').waitFor();
  expect(chrome.complaints).toEqual([]);
}, 240_000);

test('a field that is not right blocks the save and takes the focus; a version that somebody saved meanwhile is shown beside mine', async () => {
  const { page } = chrome;
  const { id, yaml } = await app.ok('POST', '/playbooks', {
    yaml: `name: Two people ${(made += 1)}\nsteps:\n  # Why so long?\n  - id: rest\n    kind: wait\n    for: 5m\n  - id: stop\n    kind: fail\n    message: here\n`,
  });
  await page.goto(`${app.origin}${workspacePath}/playbooks/${id}?step=rest`);
  const time = page.locator('[data-field="for"] input');
  await time.fill('soon');
  await page.getByText('is no duration').first().waitFor();
  await keys(page, 'ControlOrMeta+s');
  await focused(page, '[data-field="for"] input');
  await time.fill('10m');
  await app.ok(
    'PATCH',
    `/playbooks/${id}`,
    { yaml: String(yaml).replace('here', 'there') },
    { headers: { 'if-match': '"1"' } },
  );
  await page.getByText('both are shown side by side').waitFor();
  await page.getByText('Valid', { exact: true }).waitFor();
  await keys(page, 'ControlOrMeta+s');
  await page.getByLabel('What has changed').waitFor();
  await keys(page, 'Enter');
  const both = page.getByRole('dialog');
  await both.getByText('was saved meanwhile').waitFor();
  await both.getByRole('button', { name: 'Merge' }).click();
  await keys(page, 'ControlOrMeta+s');
  await page.getByLabel('What has changed').waitFor();
  await keys(page, 'Enter');
  await page.getByText('Saved as version 3').first().waitFor();
  const saved = await app.ok('GET', `/playbooks/${id}`);
  expect(saved.yaml).toBe(String(yaml).replace('here', 'there').replace('5m', '10m'));
  expect(saved.yaml).toContain('# Why so long?');
}, 240_000);
