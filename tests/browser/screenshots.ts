// `npm run screenshots`: a picture of every page of the demo, in both themes and both widths, into docs/screens/.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '#system/embedded/processes.ts';
import { openChromium } from '#tests/kit/chromium.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(project, 'docs/screens');
const pages = {
  overview: '', runs: 'runs', playbooks: 'playbooks', approvals: 'approvals', servers: 'servers', credentials: 'credentials',
  schedules: 'schedules', webhooks: 'webhooks', members: 'settings/members', keys: 'settings/keys', audit: 'settings/audit', queues: 'settings/queues',
}; // prettier-ignore
const widths = { 1440: 900, 390: 844 };

const home = mkdtempSync(join(tmpdir(), 'windlass-screens-'));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const demo = spawn(process.execPath, [join(project, 'system/supervisor/main.ts'), '--demo'], {
  cwd: project,
  env: { ...process.env, WINDLASS_HOME: home, PORT: String(port) },
  stdio: ['ignore', 'inherit', 'inherit'],
});
const chrome = await openChromium();
try {
  const signIn = () =>
    chrome.context.request.post(`${origin}/api/v1/auth/demo`, { data: { role: 'owner' }, headers: { origin } });
  await until('the demo', async () => (await signIn()).ok());
  await until('a sample run that has ended', async () => {
    const runs = await chrome.context.request.get(`${origin}/api/v1/runs?status=succeeded,failed&limit=3`);
    return runs.ok() && ((await runs.json()) as { data: unknown[] }).data.length >= 2;
  });
  const { page } = chrome;
  await page.goto(origin);
  await page.waitForURL(/\/w\/[^/]+/);
  const base = /^.*?\/w\/[^/]+/.exec(page.url())?.[0] ?? origin;
  const list = await chrome.context.request.get(`${origin}/api/v1/runs?limit=1&status=failed,succeeded`);
  const [run] = ((await list.json()) as { data: { id: string; subject: { id: string } | null }[] }).data;
  const all = { ...pages, ...(run && { run: `runs/${run.id}`, playbook: `playbooks/${run.subject?.id ?? ''}` }) };
  mkdirSync(folder, { recursive: true });
  for (const [name, path] of Object.entries(all)) {
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      for (const [width, height] of Object.entries(widths)) {
        await page.setViewportSize({ width: Number(width), height });
        await page.goto(`${base}/${path}`, { waitUntil: 'load' });
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.evaluate(() => document.fonts.ready);
        await pause(700); // skeletons give way to what was loaded
        await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
      }
    }
    console.log(`${name}: four pictures`);
  }
} finally {
  await chrome.close();
  const ended = new Promise((done) => demo.once('exit', done));
  demo.kill('SIGINT');
  await ended;
  rmSync(home, { recursive: true, force: true });
}

/** Looks again and again until it holds; three minutes at most. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 180_000; Date.now() < end;) {
    if (await holds().catch(() => false)) return;
    await pause(1_000);
  }
  throw new Error(`Waited in vain for ${what}.`);
}
