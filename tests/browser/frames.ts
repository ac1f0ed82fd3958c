// `node tests/browser/frames.ts`: scrolls 10,000 runs and 200,000 log lines in Chromium, five seconds each, and prints
// the median and the longest frame. With FRAMES_ORIGIN and FRAMES_DATABASE it measures a demo that runs already.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { freePort } from '#system/embedded/processes.ts';
import { knownUrls } from '#system/embedded/postgres-secrets.ts';
import { openChromium } from '#tests/kit/chromium.ts';

const runCount = 10_000;
const lineCount = 200_000;
const project = fileURLToPath(new URL('../../', import.meta.url));

interface Product {
  origin: string;
  databaseUrl: string;
  stop: () => Promise<void>;
}

async function openProduct(): Promise<Product> {
  const { FRAMES_ORIGIN: known, FRAMES_DATABASE: database } = process.env;
  if (known && database) return { origin: known, databaseUrl: database, stop: async () => undefined };
  const home = mkdtempSync(join(tmpdir(), 'windlass-frames-'));
  const port = await freePort();
  const demo = spawn(process.execPath, [join(project, 'system/supervisor/main.ts'), '--demo'], {
    cwd: project,
    env: { ...process.env, WINDLASS_HOME: home, PORT: String(port) },
    stdio: 'ignore',
  });
  const origin = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 180_000; Date.now() < end; await pause(1_000)) {
    const door = await fetch(`${origin}/api/v1/auth/demo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: '{}',
    }).catch(() => undefined);
    if (door?.ok) break;
  }
  return {
    origin,
    databaseUrl: knownUrls(home)?.owner ?? '',
    stop: async () => {
      const ended = new Promise((done) => demo.once('exit', done));
      demo.kill('SIGINT');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Runs and lines as the product writes them, put there at once: what is measured is the console, not the product. */
async function furnish(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into runs (workspace_id, id, kind, shape, title, status, trigger, actor, strand, progress, workflow_type, task_queue, created_at, started_at, ended_at)
       select w.id, (lpad(to_hex((extract(epoch from t) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid,
         'playbook', 'job', 'Run ' || n || ' of many', case when n % 9 = 0 then 'failed' else 'succeeded' end, 'user',
         '{"kind":"user","id":null,"name":"Tomas Okafor"}',
         '[{"id":"a","status":"succeeded"},{"id":"b","status":"succeeded"},{"id":"c","status":"succeeded"},{"id":"d","status":"failed"}]',
         '{"done":3,"total":4,"unit":"hosts"}', 'runPlaybook', 'main', t, t, t + interval '9 s'
       from generate_series(1, $1::int) n, lateral (select now() - interval '1 day' - make_interval(secs => n)) as x (t),
         (select id from workspaces order by id limit 1) w on conflict do nothing`,
      [runCount],
    );
    const { rows } = await client.query<{ id: string; workspaceId: string }>(
      `select id, workspace_id as "workspaceId" from runs where title = 'Run 1 of many' order by id desc limit 1`,
    );
    const run = rows[0];
    if (!run) throw new Error('The runs were not written.');
    const { rowCount } = await client.query('select from run_logs where run_id = $1 limit 1', [run.id]);
    if (rowCount === 0)
      await client.query(
        `insert into run_logs (workspace_id, run_id, seq, address, host, stream, attempt, from_byte, text)
         select $1, $2, nextval('run_logs_seq'), 'a', 'web-' || c % 8, 'stdout', 1, 0,
           (select string_agg(E'\\x1b[32mok\\x1b[0m line ' || (c * 100 + l) || ' of the log, with some words of output', E'\\n') || E'\\n' from generate_series(1, 100) l)
         from generate_series(0, $3::int / 100 - 1) c`,
        [run.workspaceId, run.id, lineCount],
      );
    return run.id;
  } finally {
    await client.end();
  }
}

/** Scrolls by a good part of a screen each frame for five seconds, to and fro, and gives the time between frames. */
const measure = (page: Page, selector: string): Promise<number[]> =>
  page.evaluate(
    (where) =>
      new Promise<number[]>((resolve) => {
        const pane = document.querySelector<HTMLElement>(where);
        const frames: number[] = [];
        let last = performance.now();
        let step = 120;
        const end = last + 5_000;
        const draw = (now: number) => {
          frames.push(now - last);
          last = now;
          const before = pane?.scrollTop ?? 0;
          pane?.scrollBy(0, step);
          if (pane && pane.scrollTop === before) step = -step;
          if (now < end) requestAnimationFrame(draw);
          else resolve(frames.slice(1));
        };
        requestAnimationFrame(draw);
      }),
    selector,
  );

function tell(what: string, frames: readonly number[]): void {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  const late = frames.filter((frame) => frame > 33).length;
  console.log(
    `${what}: ${frames.length} frames, median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms, ${late} over 33 ms`,
  );
}

const product = await openProduct();
const chrome = await openChromium();
try {
  const runId = await furnish(product.databaseUrl);
  const { page } = chrome;
  await page.context().request.post(`${product.origin}/api/v1/auth/demo`, {
    data: { role: 'owner' },
    headers: { origin: product.origin },
  });
  const console_ = process.env['FRAMES_CONSOLE'] ?? product.origin;
  await page.goto(`${console_}/w/alder-finch/runs?q=of+many`);
  await page.locator('[role=row][data-index]').first().waitFor();
  // All of them are loaded as somebody does who scrolls to the end.
  await page.waitForFunction(
    (most) => {
      const grid = document.querySelector('[role=grid]');
      grid?.scrollTo(0, grid.scrollHeight);
      return (grid?.scrollHeight ?? 0) >= most * 43;
    },
    runCount,
    { timeout: 120_000, polling: 50 },
  );
  await page.evaluate(() => document.querySelector('[role=grid]')?.scrollTo(0, 0));
  tell(`${runCount} runs`, await measure(page, '[role=grid]'));

  await page.goto(`${console_}/w/alder-finch/runs/${runId}`);
  await page.getByRole('log').waitFor();
  await page.waitForFunction(
    (most) => {
      const pane = document.querySelector('[role=log]');
      pane?.scrollTo(0, pane.scrollHeight);
      return (pane?.scrollHeight ?? 0) >= most * 19;
    },
    lineCount,
    { timeout: 120_000, polling: 50 },
  );
  await page.evaluate(() => document.querySelector('[role=log]')?.scrollTo(0, 0));
  tell(`${lineCount} log lines`, await measure(page, '[role=log]'));
} finally {
  await chrome.close();
  await product.stop();
}
