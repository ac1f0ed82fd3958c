import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSuperuser } from '#system/embedded/postgres-roles.ts';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn } from '#tests/kit/console.ts';
import { type Fleet, startFleet } from '#tests/kit/host-fleet.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let made = 0;
let chrome: Chrome;
let fleet: Fleet;

beforeAll(async () => {
  [app, chrome] = await Promise.all([startTestApp({ withConsole: true }), openBrowser()]);
  fleet = await startFleet(app, { hosts: 1 }, ['web']);
  await signIn(chrome.page, app.origin);
}, 180_000);
afterAll(async () => {
  await app?.close();
  await fleet?.stop();
});

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const hostOf = () => {
  const [host] = fleet.hosts;
  if (!host) throw new Error('There is no host.');
  return host;
};

test('an import tells first what each line would do and which are wrong, and takes the good ones', async () => {
  const { page } = chrome;
  const left: { id: string; name: string }[] = (await app.ok('GET', '/servers?q=db-')).data;
  for (const { id } of left) await app.ok('DELETE', `/servers/${id}`); // of an attempt before
  await openPage(page, app.origin, '/servers');
  await button(page, 'Import CSV').first().click();
  const dialog = page.getByRole('dialog', { name: 'Import servers' });
  await dialog
    .getByLabel('CSV')
    .fill('name,host,port,tags\ndb-1,10.20.1.11,22,db eu\ndb-2,10.20.1.12,99999,db\ndb-3,10.20.1.13,22,db');
  await button(page, 'Look first').click();
  const report = page.getByTestId('servers.import-report');
  await report.getByText('2 to add, 0 to change, 0 as they are, 1 refused').waitFor();
  const wrong = report.getByRole('row', { name: /refused/ });
  expect(await wrong.getByRole('cell').first().textContent()).toBe('3'); // the line, the head counted
  expect(await wrong.textContent()).toContain('port');
  expect((await app.ok('GET', '/servers?q=db-')).data).toEqual([]);

  await button(page, 'Import 2').click();
  await page.getByRole('row', { name: 'db-1' }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();

  // Tags for several at once, by their toolbar.
  for (const name of ['db-1', 'db-3']) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
  const bar = page.getByRole('toolbar', { name: 'Selected servers' });
  await bar.getByText('2 selected').waitFor();
  await bar.getByRole('button', { name: 'Tag', exact: true }).click();
  await page.getByPlaceholder('web, eu').fill('nightly');
  await page.keyboard.press('Enter');
  await button(page, 'Add tags').click();
  await page.getByRole('row', { name: 'db-3' }).getByText('nightly').waitFor();
  const tagged = async () =>
    (await app.ok('GET', '/servers?tag=nightly')).data.map(({ name }: { name: string }) => name).toSorted();
  await eventually(tagged).toEqual(['db-1', 'db-3']);
  await button(page, 'Undo').click();
  await page.getByRole('row', { name: 'db-3' }).getByText('nightly').waitFor({ state: 'detached' });
  await eventually(tagged).toEqual([]);
}, 180_000);

test('a playbook is run on the servers that are selected, filled into its input', async () => {
  const { page } = chrome;
  const inputs = [{ name: 'hosts', type: 'servers', label: 'Where' }];
  const steps = [
    { id: 'say', kind: 'ssh', hosts: { names: '${{ inputs.hosts }}' }, command: 'echo from the selection' },
  ];
  const book = `Say it there ${(made += 1)}`;
  await app.ok('POST', '/playbooks', { definition: { name: book, inputs, steps } });
  await app.ok('POST', '/playbooks', {
    definition: { name: `Names its own ${made}`, steps: [{ id: 'a', kind: 'set', values: {} }] },
  });
  await openPage(page, app.origin, `/servers?q=${hostOf().name}`);
  await page.getByRole('checkbox', { name: `Select ${hostOf().name}` }).click();
  await button(page, 'Run playbook').click();
  const dialog = page.getByRole('dialog', { name: 'Run a playbook on 1 server' });
  await dialog.getByText('It has no input for servers').first().waitFor();
  await dialog.getByRole('button', { name: new RegExp(book) }).click();
  const run = page.getByRole('dialog', { name: `Run ${book}` });
  expect(await run.getByRole('checkbox', { name: new RegExp(`^${hostOf().name} `) }).isChecked()).toBe(true);
  await run.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('[data-testid="run.page"][data-status="succeeded"]').waitFor();
  await page.getByText('from the selection').first().waitFor();
}, 180_000);

test('ten thousand servers are sorted and searched by the server, selected beyond the page, and checks change rows in place', async () => {
  const { page } = chrome;
  await asSuperuser(app.database.ownerUrl, (client) =>
    // Once, also where this is tried again.
    client.query(`insert into servers (workspace_id, id, name, name_key, host, port, tags, facts, cpu_percent, memory_percent, next_check_at)
      select (select id from workspaces limit 1), gen_random_uuid(), 'many-' || n, 'many-' || lpad(n::text, 12, '0'), '10.9.0.1', 22,
        array['many'], jsonb_build_object('load1', n / 10000.0, 'cpus', 1, 'memoryUsedPercent', n % 100), n / 100.0, n % 100, now() + interval '1 day'
      from generate_series(1, 10000) n where not exists (select from servers where name = 'many-1')`),
  );
  await openPage(page, app.origin, '/servers?tag=many&sort=-cpu');
  const rows = page.getByRole('grid', { name: 'Servers' }).getByRole('row');
  await page.getByRole('row', { name: 'many-10000', exact: true }).getByText('100%').waitFor();
  await button(page, 'Server').click();
  await page.waitForURL(/sort=-name/);
  await page.getByRole('searchbox', { name: 'Search servers' }).fill('many-4321');
  await eventually(() => rows.count()).toBe(2); // the head and the one
  await page.getByRole('searchbox', { name: 'Search servers' }).fill('');
  await page.getByRole('row', { name: 'many-10000', exact: true }).waitFor();
  expect(await page.getByRole('grid', { name: 'Servers' }).getAttribute('aria-rowcount')).toBe('10001');
  expect(await rows.count()).toBeLessThan(100);
  await page.getByRole('checkbox', { name: 'Select many-10000', exact: true }).click();
  await button(page, 'Select all 10,000').click();
  await page.getByRole('toolbar', { name: 'Selected servers' }).getByText('10,000 selected').waitFor();
  await button(page, 'Select none').click();

  // To the end, page by page.
  const grid = page.getByRole('grid', { name: 'Servers' });
  await eventually(
    async () => {
      await grid.evaluate((node) => node.scrollTo({ top: node.scrollHeight }));
      return page.getByRole('row', { name: 'many-1', exact: true }).count();
    },
    { timeout: 60_000 },
  ).toBe(1);
  expect(await rows.count()).toBeLessThan(100);

  // The keys go the whole way, and the focus with them.
  await rows.last().focus();
  await page.keyboard.press('Home');
  await page.locator('[role=row][data-index="0"]:focus').waitFor();
  await page.keyboard.press('End');
  await page.locator('[role=row][data-index="9999"]:focus').waitFor();
}, 180_000);

test('a step that failed and one whose end nobody knows are told apart, and a person says what became of the second', async () => {
  const { page } = chrome;
  const run = async (name: string, command: string): Promise<string> => {
    const definition = {
      name: `${name} ${(made += 1)}`,
      steps: [{ id: 'go', kind: 'ssh', hosts: { tags: ['web'] }, command }],
    };
    const { id } = await app.ok('POST', '/playbooks', { definition });
    return (await app.ok('POST', `/playbooks/${id}/runs`, {})).runId;
  };
  const failed = await run('Exits 3', 'echo oh no; exit 3');
  // What watches over the command is killed: the command ends, and nobody has seen how.
  const unknown = await run('Loses its watcher', 'echo before; kill -9 $PPID; sleep 0.3');
  await app.untilRun(failed);
  await openPage(page, app.origin, `/runs/${failed}`);
  await page.locator('[data-testid="run.page"][data-status="failed"]').waitFor();
  await page
    .getByText(/exit code 3/i)
    .first()
    .waitFor();

  await until(async () =>
    (await app.ok('GET', `/runs/${unknown}`)).hosts.some(({ status }: { status: string }) => status === 'unknown'),
  );
  await openPage(page, app.origin, `/runs/${unknown}?step=go`);
  await page.getByText('Nobody can know whether this command ran to its end').first().waitFor();
  expect(await page.locator('[data-testid="run.page"]').getAttribute('data-status')).not.toBe('failed');
  await button(page, 'It ran').first().click();
  await page.locator('[data-testid="run.page"][data-status="succeeded"]').waitFor();
}, 180_000);

test('a changed host key stops every connection until a person compares and pins the new one, which is audited', async () => {
  const { page } = chrome;
  const host = hostOf();
  await app.ok('POST', `/servers/${host.id}/check`);
  await fleet.sshd.restart({ newHostKeys: true });
  await openPage(page, app.origin, `/servers?sel=${host.id}`);
  const panel = page.getByTestId('servers.panel');
  await panel.getByRole('button', { name: 'Check' }).click();
  await panel.getByText('The host key has changed').waitFor();
  await panel.getByRole('button', { name: 'Trust the new key' }).click();
  const dialog = page.getByRole('alertdialog');
  const act = dialog.getByRole('button', { name: 'Trust the new key' });
  expect(await act.isDisabled()).toBe(true);
  expect(await dialog.textContent()).toContain('SHA256:');
  await dialog.getByLabel(`Type ${host.name}`).fill(host.name);
  await act.click();
  await dialog.waitFor({ state: 'hidden' });
  await panel.getByText('The host key has changed').waitFor({ state: 'hidden' });
  await panel.getByRole('button', { name: 'Check' }).click();
  await panel.getByText('Healthy').waitFor();

  await openPage(page, app.origin, `/settings/audit?subject=server:${host.id}`);
  await page
    .getByText(/host_key|trusted/)
    .first()
    .waitFor();
  expect(chrome.complaints).toEqual([]);
}, 180_000);
