import type { BrowserContext, Page } from 'playwright-core';
import pg from 'pg';
import { z } from 'zod';
import { person, type Product } from '../kit/product.ts';
import { databaseAsSuperuser, insertLog, insertRuns } from '../kit/seed-runs.ts';
import { createPlaybook } from '../kit/runs.ts';

export const runCount = 10_000;
export const lineCount = 200_000;

/** The installation with things on every page. */
export interface World {
  product: Product;
  /** The address of the workspace in the console. */
  base: string;
  playbookId: string;
  /** Asks and waits: its runs stay as long as they are wanted. */
  askingId: string;
  /** Ended, with `lineCount` lines of output. */
  longRunId: string;
  /** Waits for a decision. */
  waitingRunId: string;
  serverId: string;
  credentialId: string;
  scheduleId: string;
  webhookId: string;
}

const Id = z.object({ id: z.string() });
const Started = z.object({ runId: z.string() });
const Me = z.object({ workspaces: z.array(z.object({ slug: z.string() })) });

/** Fills a fresh installation, or finds what an earlier run of the bench has filled. */
export async function seedWorld(product: Product, say: (line: string) => void): Promise<World> {
  const { api, owner, workspaceId } = product;
  const { workspaces } = Me.parse(await owner.get('/me'));
  const base = `${product.url}/w/${workspaces[0]?.slug ?? ''}`;
  const make = async (path: string, body: object): Promise<string> => Id.parse(await api.post(path, body)).id;

  const steps = Array.from({ length: 12 }, (_, at) => ({ id: `s${at}`, kind: 'set', values: { x: at } }));
  const stamp = Date.now().toString(36);
  const playbookId = await createPlaybook(api, { name: `Twelve steps ${stamp}`, steps });
  const askingId = await createPlaybook(api, {
    name: `Ask first ${stamp}`,
    steps: [{ id: 'ask', kind: 'approve', roles: ['owner'], message: 'Shall it go on?' }],
  });
  const target = { kind: 'playbook', id: playbookId };
  const credentialId = await make('/credentials', {
    name: `deploy ${stamp}`,
    kind: 'password',
    username: 'deploy',
    password: 'a long bench password',
  });
  let serverId = '';
  for (let at = 0; at < 40; at++) {
    serverId = await make('/servers', {
      name: `shop-${stamp}-${at}`,
      host: `192.0.2.${at + 1}`,
      tags: ['web', 'shop'],
      credentialId,
    });
  }
  let scheduleId = '';
  let webhook: unknown;
  for (let at = 0; at < 6; at++) {
    scheduleId = await make('/schedules', { name: `Nightly ${stamp} ${at}`, target, cron: `${at} 3 * * *` });
    webhook = await api.post('/webhooks', { name: `Deploys ${stamp} ${at}`, target });
  }
  const webhookId = z.object({ webhook: Id }).parse(webhook).webhook.id;
  await api.post('/channels', { kind: 'email', name: `#night-${stamp}`, recipients: ['watch@example.org'] });
  await api.post('/secrets', { name: `token_${stamp}`, value: 'a secret of the bench' });
  await owner.post('/invitations', { email: `guest-${stamp}@example.org`, role: 'viewer' });
  for (let at = 0; at < 6; at++) await api.post(`/playbooks/${playbookId}/runs`, { inputs: {} });
  const { runId: waitingRunId } = Started.parse(await api.post(`/playbooks/${askingId}/runs`, { inputs: {} }));

  const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
  await client.connect();
  try {
    const { rows: there } = await client.query<{ count: number }>(
      'select count(*)::int as count from runs where workspace_id = $1',
      [workspaceId],
    );
    if ((there[0]?.count ?? 0) < runCount) await insertRuns(client, workspaceId, runCount);
    const { rows } = await client.query<{ id: string }>(
      `select id from runs r where workspace_id = $1 and ended_at is not null and title like 'Rotate%'
       order by exists (select from run_logs l where l.workspace_id = r.workspace_id and l.run_id = r.id) desc, id desc limit 1`,
      [workspaceId],
    );
    const longRunId = rows[0]?.id ?? '';
    const { rows: logged } = await client.query(
      'select from run_logs where workspace_id = $1 and run_id = $2 limit 1',
      [workspaceId, longRunId],
    );
    if (logged.length === 0) await insertLog(client, workspaceId, longRunId, lineCount);
    await client.query('analyze');
    say(
      `${runCount.toLocaleString('en')} runs, a log of ${lineCount.toLocaleString('en')} lines, things on every page`,
    );
    return {
      product,
      base,
      playbookId,
      askingId,
      longRunId,
      waitingRunId,
      serverId,
      credentialId,
      scheduleId,
      webhookId,
    };
  } finally {
    await client.end();
  }
}

/** Signs in by the API, as the form does: the cookie is in the browser afterwards. */
export async function signInTo(context: BrowserContext, { product }: World): Promise<void> {
  const answer = await context.request.post(`${product.url}/api/v1/auth/login`, {
    data: { email: person.email, password: person.password },
    headers: { origin: product.url },
  });
  if (!answer.ok()) throw new Error(`Sign-in answered ${answer.status()}: ${await answer.text()}`);
}

/** Opens a page and waits until all of it has come and the stream is open. */
export async function openConsole(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator('h1').first().waitFor(); // by its tag: behind an open drawer it has no role
  await page.waitForFunction(() => document.querySelector('[aria-label="Loading"]') === null);
  if (address.includes('/w/')) await page.locator('[data-live="live"]').first().waitFor();
}

/** Every page of a workspace, with details open where a list has them. */
export const pagesOf = ({
  playbookId,
  longRunId,
  waitingRunId,
  serverId,
  credentialId,
  scheduleId,
  webhookId,
}: World) => ({
  overview: '',
  runs: '/runs',
  'run (200,000 lines)': `/runs/${longRunId}`,
  'run (waiting)': `/runs/${waitingRunId}`,
  playbooks: '/playbooks',
  'playbook editor': `/playbooks/${playbookId}`,
  approvals: '/approvals',
  servers: '/servers',
  'server detail': `/servers?sel=${serverId}`,
  connections: '/connections',
  'connect a system': '/connections/new',
  credentials: '/credentials',
  'credential detail': `/credentials?sel=${credentialId}`,
  schedules: '/schedules',
  'schedule detail': `/schedules?sel=${scheduleId}`,
  webhooks: '/webhooks',
  'webhook detail': `/webhooks?sel=${webhookId}`,
  'run triggers': '/run-triggers',
  logs: '/logs',
  'on-call': '/oncall',
  queries: '/queries',
  'queue of queries': '/queries/queue',
  files: '/files',
  account: '/account',
  settings: '/settings',
  members: '/settings/members',
  values: '/settings/values',
  channels: '/settings/channels',
  queues: '/settings/queues',
  speed: '/settings/speed',
  'sign-in settings': '/settings/sign-in',
  keys: '/settings/api-keys',
  audit: '/settings/audit',
});
