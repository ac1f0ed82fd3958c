// `npm run screenshots`: a picture of every page of the demo, in both themes and both widths, into docs/screens/ as WebP.
// `npm run screenshots -- runs servers` takes some; `--png=<folder>` puts them elsewhere, as PNG.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { freePort } from '#system/embedded/processes.ts';
import { openChromium, type Chrome } from '#tests/kit/chromium.ts';
import { scenesOf, type DemoThings, type Scene } from './scenes.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const options = process.argv.slice(2);
const asked = options.filter((option) => !option.startsWith('--'));
const elsewhere = options.find((option) => option.startsWith('--png='))?.slice('--png='.length);
const folder = elsewhere ?? join(project, 'docs/screens');
const widths = { 1440: 900, 390: 844 };

const home = mkdtempSync(join(tmpdir(), 'windlass-screens-'));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const demo = spawn(process.execPath, [join(project, 'system/supervisor/main.ts'), '--demo'], {
  cwd: project,
  env: { ...process.env, WINDLASS_HOME: home, PORT: String(port) },
  stdio: ['ignore', 'inherit', 'inherit'],
});
const inside = await openChromium();
const outside = await openChromium();
try {
  const signIn = () =>
    inside.context.request.post(`${origin}/api/v1/auth/demo`, { data: { role: 'owner' }, headers: { origin } });
  await until('the demo', async () => (await signIn()).ok());
  const things = await untilSettled(inside);
  mkdirSync(folder, { recursive: true });
  const scenes = scenesOf(things).filter(({ name }) => asked.length === 0 || asked.includes(name));
  for (const scene of scenes) {
    await takePictures(scene, (scene.isSignedOut ? outside : inside).page);
    console.log(`${scene.name}: four pictures`);
  }
} finally {
  await inside.close();
  await outside.close();
  const ended = new Promise((done) => demo.once('exit', done));
  demo.kill('SIGINT');
  await ended;
  rmSync(home, { recursive: true, force: true });
}

async function takePictures({ name, path, act }: Scene, page: Page): Promise<void> {
  const client = await page.context().newCDPSession(page);
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const [width, height] of Object.entries(widths)) {
      await page.setViewportSize({ width: Number(width), height });
      await page.goto(`${origin}${path}`, { waitUntil: 'load' });
      await page.getByRole('heading').first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      await pause(900); // skeletons give way to what was loaded
      if (act) {
        await act(page);
        await pause(300);
      }
      const file = join(folder, `${name}-${theme}-${width}`);
      if (elsewhere !== undefined) await page.screenshot({ path: `${file}.png` });
      else {
        const { data } = await client.send('Page.captureScreenshot', { format: 'webp', quality: 88 });
        writeFileSync(`${file}.webp`, Buffer.from(data, 'base64'));
      }
    }
  }
  await client.detach();
}

/** Waits until the demo's sample runs have come as far as they come by themselves, and finds what the pages are about. */
async function untilSettled({ context }: Chrome): Promise<DemoThings> {
  const get = async (path: string) => {
    const answer = await context.request.get(`${origin}/api/v1${path}`);
    if (!answer.ok()) throw new Error(`GET ${path}: ${answer.status()}`);
    return (await answer.json()) as { data: { id: string; title?: string; subject?: { id: string } | null }[] };
  };
  const find = async (status: string, title: string) =>
    (await get(`/runs?status=${status}&limit=50`)).data.find((run) => run.title?.includes(title));
  await until('the sample runs', async () => {
    const alive = await get('/runs?status=queued,running&limit=1');
    return alive.data.length === 0 && (await find('waiting', 'certificate')) !== undefined;
  });
  const ended = await find('succeeded', 'nginx');
  const failed = await find('failed', 'nginx');
  const waiting = await find('waiting', 'certificate');
  const servers = await get('/servers?limit=1');
  const me = await context.request.get(`${origin}/api/v1/me`);
  const { workspaces } = (await me.json()) as { workspaces: { slug: string }[] };
  const invited = await context.request.post(`${origin}/api/v1/invitations`, {
    data: { email: 'noor.ashby@alder-finch.example', role: 'member' },
    headers: { origin },
  });
  const { link } = (await invited.json()) as { link: string };
  return {
    workspace: workspaces[0]?.slug ?? '',
    endedRunId: ended?.id ?? '',
    failedRunId: failed?.id ?? '',
    waitingRunId: waiting?.id ?? '',
    playbookId: ended?.subject?.id ?? '',
    serverId: servers.data[0]?.id ?? '',
    invitation: link.split('/').at(-1) ?? '',
  };
}

/** Looks again and again until it holds; four minutes at most. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 240_000; Date.now() < end;) {
    if (await holds().catch(() => false)) return;
    await pause(1_000);
  }
  throw new Error(`Waited in vain for ${what}.`);
}
