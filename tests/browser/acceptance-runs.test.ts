import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTests, eventually } from '#tests/kit/browser.ts';
import type { Chrome } from '#tests/kit/chromium.ts';
import { openPage, signIn, workspacePath } from '#tests/kit/console.ts';
import { type Fleet, startFleet } from '#tests/kit/host-fleet.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

const openBrowser = browserTests();
let app: TestApp;
let chrome: Chrome;
let fleet: Fleet;

beforeAll(async () => {
  [app, chrome] = await Promise.all([
    startTestApp({
      withConsole: true,
      withSweeps: false,
      // Only its being there is asked for: the link leads below this product's own address.
      environment: { TEMPORAL_UI_URL: 'http://127.0.0.1:9' },
    }),
    openBrowser(),
  ]);
  fleet = await startFleet(app, { hosts: 2 }, ['web']);
  await signIn(chrome.page, app.origin);
}, 240_000);
afterAll(async () => {
  await app?.close();
  await fleet?.stop();
});

let made = 0;
const start = async (title: string, steps: unknown[], more: object = {}): Promise<string> => {
  const name = `${title} ${(made += 1)}`;
  const { id } = await app.ok('POST', '/playbooks', { definition: { name, steps, ...more } });
  return (await app.ok('POST', `/playbooks/${id}/runs`, { title })).runId;
};
const onHosts = (id: string, command: string, more: object = {}) => ({
  id,
  kind: 'ssh',
  hosts: { tags: ['web'] },
  command,
  ...more,
});
const log = (page: Page) => page.getByRole('log');

test('retries are separate attempts; step, host and log search are in the address, and a reload and another browser restore them', async () => {
  const { page } = chrome;
  // The first try fails on each host, the second one does not.
  const mark = `$HOME/tried-${(made += 1)}`;
  const id = await start('Try twice', [
    onHosts('shaky', `if [ -e "${mark}" ]; then echo fine now; else touch "${mark}"; echo not yet; exit 7; fi`, {
      retry: { attempts: 3, backoff: '1s' },
    }),
    onHosts('after', 'echo the end'),
  ]);
  await app.untilRun(id);
  await openPage(page, app.origin, `/runs/${id}`);
  const step = page.locator('[data-testid="run.steps"] [data-step="shaky"]');
  await eventually(() => step.locator('[data-attempt]').count()).toBe(2);
  const places = await step.locator('[data-attempt]').evaluateAll((bars) =>
    bars.map((bar) => {
      const { left, right } = bar.getBoundingClientRect();
      return [left, right] as const;
    }),
  );
  expect(places[0]?.[1]).toBeLessThanOrEqual(places[1]?.[0] ?? 0);

  const host = fleet.hosts[0]?.name ?? '';
  await step.getByRole('button', { name: 'shaky' }).last().click();
  await page.getByRole('region', { name: 'Step shaky' }).getByText('Attempt 2').waitFor();
  await page.getByTestId('run.hosts').locator(`[data-host="${host}"]`).click();
  await page.getByRole('tab', { name: 'Outputs' }).click();
  await page.getByLabel('Search the log').fill('fine');
  await page.getByLabel('Matches').filter({ hasText: '1 of 1' }).waitFor();
  await page.waitForURL(/q=fine/);
  const look = async (where: Page) => {
    await where.getByRole('region', { name: 'Step shaky' }).getByText('Attempt 2').waitFor();
    await where.locator(`[data-host="${host}"][aria-pressed="true"]`).waitFor();
    await where.getByRole('tab', { name: 'Outputs', selected: true }).waitFor();
    await where.getByTestId('run.steps').getByText(`on ${host}`).waitFor();
    await where.getByLabel('Matches').filter({ hasText: '1 of 1' }).waitFor();
    expect(await where.getByLabel('Search the log').inputValue()).toBe('fine');
    await log(where).locator('mark', { hasText: 'fine' }).waitFor();
  };
  await look(page);
  await page.reload();
  await look(page);
  const other = await openBrowser();
  await signIn(other.page, app.origin);
  await other.page.goto(page.url());
  await look(other.page);
}, 120_000);

test('colours of output come from tokens, reset ends them, bold is bold, and HTML in a line is text', async () => {
  const { page } = chrome;
  const codes = [...Array(8).keys()].flatMap((n) => [30 + n, 90 + n]);
  const print = codes.map((code) => `printf '\\033[${code}mcode${code}\\033[0m plain${code}\\n'`).join('; ');
  const id = await start('Colours', [
    onHosts(
      'paint',
      `${print}; printf '\\033[1mstout\\033[0m\\n'; echo '<b id="planted">no markup</b><script>document.title="got in"</script>'`,
    ),
  ]);
  await app.untilRun(id);
  await openPage(page, app.origin, `/runs/${id}?host=${fleet.hosts[0]?.name}`);
  await log(page).getByText('no markup').waitFor();
  const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    const wrong = await log(page).evaluate(
      (pane, { all, colors }) => {
        const probe = document.createElement('i');
        pane.append(probe);
        const resolved = (value: string) => {
          probe.style.color = value;
          return getComputedStyle(probe).color;
        };
        // Whatever holds the text: plain words stand in their line without an element of their own.
        const spanOf = (text: string): Element | null => {
          const walker = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode())
            if (node.textContent?.trim() === text) return node.parentElement;
          return null;
        };
        const colorOf = (text: string) => {
          const span = spanOf(text);
          return span ? getComputedStyle(span).color : 'missing';
        };
        const faults = all.flatMap((code) => {
          const token = resolved(`var(--wl-ansi-${colors[code % 10] ?? ''})`);
          const is = colorOf(`code${code}`);
          return is === token && colorOf(`plain${code}`) !== 'missing' ? [] : [`${code}: ${is} for ${token}`];
        });
        const bold = spanOf('stout');
        if (!bold || Number(getComputedStyle(bold).fontWeight) < 600) faults.push('bold');
        const plain = getComputedStyle(spanOf('plain31') ?? pane).color;
        if (plain !== getComputedStyle(pane).color) faults.push(`reset: ${plain}`);
        probe.remove();
        return faults;
      },
      { all: codes, colors: names },
    );
    expect(wrong, theme).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await page.locator('#planted').count()).toBe(0);
  expect(await page.title()).not.toBe('got in');
}, 120_000);

test('the log is followed while it grows, until one scrolls up; a button goes back to its end', async () => {
  const { page } = chrome;
  const id = await start('Count on', [
    onHosts('count', 'n=0; while [ ! -e "$HOME/enough" ]; do n=$((n+1)); echo "line $n"; sleep 0.05; done'),
  ]);
  await openPage(page, app.origin, `/runs/${id}`);
  const pane = log(page);
  const follows = page.getByRole('button', { name: 'Following' });
  await follows.waitFor();
  const isAtEnd = () => pane.evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight < 60);
  await page.waitForFunction(() => {
    const node = document.querySelector('[role=log]');
    return node !== null && node.scrollHeight > node.clientHeight * 1.5;
  });
  await eventually(isAtEnd).toBe(true);
  await pane.hover();
  await page.mouse.wheel(0, -200);
  const jump = page.getByRole('button', { name: 'Jump to now' });
  await jump.waitFor();
  // The wheel moves it softly: it has come to rest when it stands for some frames.
  await pane.evaluate(async (node) => {
    for (let still = 0, before = node.scrollTop; still < 10; before = node.scrollTop) {
      await new Promise((drawn) => requestAnimationFrame(drawn));
      still = node.scrollTop === before ? still + 1 : 0;
    }
  });
  const [place, lines] = await pane.evaluate((node) => [node.scrollTop, node.scrollHeight]);
  await page.waitForFunction((height) => (document.querySelector('[role=log]')?.scrollHeight ?? 0) > height, lines);
  expect(await pane.evaluate((node) => node.scrollTop)).toBe(place);
  await jump.click();
  await follows.waitFor();
  await eventually(isAtEnd).toBe(true);

  // It is canceled while it is at work: asked once, by the names of the hosts.
  await page.keyboard.press('ControlOrMeta+.');
  const asking = page.getByRole('alertdialog', { name: 'Cancel Count on?' });
  for (const { name } of fleet.hosts) await asking.getByText(name).waitFor();
  const keep = asking.getByRole('button', { name: 'Let it go on' });
  await eventually(() => keep.evaluate((node) => node.matches(':focus'))).toBe(true);
  await asking.getByRole('button', { name: 'Cancel run' }).click();
  await page.locator('[data-testid="run.page"][data-status="canceled"]').waitFor();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
}, 120_000);

test('a rerun from a step keeps what came before, and says so', async () => {
  const { page } = chrome;
  const id = await start('In steps', [
    { id: 'make', kind: 'set', values: { word: 'kept' } },
    onHosts('use', 'echo used ${{ steps.make.output.word }}'),
    { id: 'stop', kind: 'fail', message: 'Not this time.' },
  ]);
  await app.untilRun(id);
  await openPage(page, app.origin, `/runs/${id}?step=use`);
  await page.getByRole('button', { name: 'More ways to rerun' }).click();
  await page.getByRole('menuitem', { name: 'From use' }).click();
  await page.waitForURL((url) => /\/runs\/[0-9a-f-]{36}/.test(url.pathname) && !url.pathname.endsWith(id));
  const again = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const { steps } = await app.untilRun(again);
  expect(steps.map(({ carried }) => carried)).toEqual([true, false, false]);
  await page.locator('[data-step="make"]').getByText('kept from the run before').waitFor();
  await page.getByRole('link', { name: 'rerun of an earlier run' }).waitFor();
  await log(page).getByText('used kept').first().waitFor();
}, 120_000);

test('a secret that a command prints is told by nobody: not in the log, nor anywhere else on the page', async () => {
  const { page } = chrome;
  const secret = `TOKEN_${(made += 1)}`;
  await app.ok('POST', '/secrets', { name: secret, value: 'canary-5f1c9a77' });
  const id = await start('Tell it', [
    onHosts('tell', 'echo "the token is $TOKEN"; exit 3', { env: { TOKEN: `\${{ secrets.${secret} }}` } }),
  ]);
  await app.untilRun(id);
  await openPage(page, app.origin, `/runs/${id}?step=tell`);
  await log(page).getByText('the token is').first().waitFor();
  expect(await log(page).textContent()).toContain('[secret]');
  expect(await page.content()).not.toContain('canary-5f1c9a77');
}, 60_000);

test('a run that another one starts shows with its parent, and Temporal Web opens at its workflow in a new tab', async () => {
  const { page } = chrome;
  const child = `The child ${(made += 1)}`;
  const parent = `The parent ${made}`;
  await app.ok('POST', '/playbooks', {
    definition: { name: child, steps: [{ id: 'ask', kind: 'approve', roles: ['owner'] }] },
  });
  const id = await start(parent, [{ id: 'call', kind: 'playbook', playbook: child }]);
  await openPage(page, app.origin, '/runs');
  await page.getByRole('row', { name: parent, exact: true }).waitFor();
  await page.getByRole('button', { name: `Unfold 1 run of ${parent}` }).click();
  await page.getByRole('row', { name: child, exact: true }).waitFor();
  await page.goto(`${app.origin}${workspacePath}/runs/${id}`);
  await page.getByRole('tab', { name: /Linked/ }).click();
  await page.locator('#run-side').getByText(child).waitFor();

  const [opened] = await Promise.all([
    chrome.context.waitForEvent('page'),
    page.getByRole('link', { name: 'Temporal Web' }).click(),
  ]);
  await until(() => opened.url() !== 'about:blank' && opened.url() !== '');
  expect(new URL(opened.url()).pathname).toBe(`/temporal/namespaces/${app.temporal.namespace}/workflows/${id}`);
  expect(await opened.evaluate(() => window.opener)).toBeNull();
  await opened.close();
  const [byKey] = await Promise.all([chrome.context.waitForEvent('page'), page.keyboard.press('o')]);
  await until(() => byKey.url().includes(id));
  await byKey.close();
  expect(chrome.complaints).toEqual([]);
}, 120_000);
