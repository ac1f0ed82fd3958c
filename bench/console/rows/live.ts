import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { Api } from '../../kit/api.ts';
import { ms, percentile } from '../../kit/figures.ts';
import { openConsole, type World } from '../seed.ts';
import type { ConsoleRow } from '../row.ts';

const patienceMs = 5_000;
const Id = z.object({ id: z.string() });
const Started = z.object({ runId: z.string() });

/** A page, and a change by somebody else that it must show: `word` is what comes on screen. */
interface Case {
  path: string;
  change: (word: string) => Promise<unknown>;
  /** What to look for where it is not the word itself. */
  shows?: string;
}

export const live: ConsoleRow = {
  name: 'live',
  notes: [
    'Live: from the moment the request is sent to the server by another client until the word it brings is in the page of a browser that only looks, without a reload, on every list and detail page. So the request itself counts too. Console speed is left out: its figures come by report, not by event.',
  ],
  async measure({ world, browser, say, isQuick }) {
    const { page } = await browser();
    const delays: number[] = [];
    const missed: string[] = [];
    const worst: { name: string; p95: number }[] = [];
    for (const [name, { path, change, shows }] of Object.entries(await cases(world))) {
      const here: number[] = [];
      await openConsole(page, `${world.base}${path}`);
      for (let round = 0; round < (isQuick ? 3 : 10); round++) {
        const word = `seen${Math.random().toString(36).slice(2, 10)}`;
        const seen = await whenSeen(page, shows ?? word);
        const sent = Date.now();
        await change(word);
        const at = await seen();
        here.push(at === null ? Infinity : at - sent);
        await page.waitForTimeout(600 + Math.random() * 300); // people do not act in step with our own clock
      }
      const p95 = percentile(here, 95);
      delays.push(...here);
      worst.push({ name, p95 });
      say(`${name}: p50 ${ms(percentile(here, 50))}, p95 ${ms(p95)}`);
      if (here.includes(Infinity)) missed.push(name);
    }
    const slow = worst.toSorted((a, b) => b.p95 - a.p95).slice(0, 3);
    const p95 = percentile(delays, 95);
    return [
      {
        what: `change on the server → on screen elsewhere, ${worst.length} lists and details, p50 / p95`,
        figure: `${ms(percentile(delays, 50))} / ${ms(p95)} of ${delays.length}; slowest: ${slow.map((each) => `${each.name} ${ms(each.p95)}`).join(', ')}${missed.length > 0 ? `; not within 5 s: ${missed.join(', ')}` : ''}`,
        target: 'p95 < 500 ms, every page',
        isMet: p95 < 500 && missed.length === 0,
      },
    ];
  },
};

/** Begins to look for a text in the page. @returns when it was painted (milliseconds since 1970), or null after 5 s */
async function whenSeen(page: Page, text: string): Promise<() => Promise<number | null>> {
  const handle = await page.evaluateHandle(
    ({ wanted, most }) => {
      const isThere = () =>
        (document.body.textContent ?? '').includes(wanted) ||
        [...document.querySelectorAll('input,textarea')].some((field) =>
          (field as HTMLInputElement).value.includes(wanted),
        );
      const found = new Promise<number | null>((resolve) => {
        const tell = () =>
          requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
        const observer = new MutationObserver(() => {
          if (!isThere()) return;
          observer.disconnect();
          tell();
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
        setTimeout(() => resolve(null), most);
      });
      return { found };
    },
    { wanted: text, most: patienceMs },
  );
  return () => handle.evaluate(({ found }) => found);
}

async function cases(world: World): Promise<Record<string, Case>> {
  const { product, playbookId, askingId, waitingRunId, serverId, credentialId, scheduleId, webhookId } = world;
  const { api, owner } = product;
  const target = { kind: 'playbook', id: playbookId };
  const make = async (path: string, body: object): Promise<string> => Id.parse(await api.post(path, body)).id;
  const start = (id: string, title: string) => api.post(`/playbooks/${id}/runs`, { inputs: {}, title });
  const channelId = await make('/channels', {
    kind: 'email',
    name: `#watch-${Date.now()}`,
    recipients: ['watch@example.org'],
  });
  const rename =
    (what: string, id: string, body = 'name') =>
    (word: string) =>
      api.patch(`/${what}/${id}`, { [body]: word });
  const steps = [{ id: 'a', kind: 'set', values: { x: 1 } }];
  return {
    overview: { path: '', change: (word) => start(askingId, word) },
    runs: { path: '/runs', change: (word) => start(askingId, word) },
    'run, its title': {
      path: `/runs/${waitingRunId}`,
      change: (word) => api.patch(`/runs/${waitingRunId}`, { title: word }),
    },
    approvals: { path: '/approvals', change: (word) => askWith(api, word) },
    playbooks: {
      path: '/playbooks',
      change: (word) => make('/playbooks', { definition: { apiVersion: 'windlass/v1', name: word, steps } }),
    },
    servers: { path: '/servers', change: (word) => make('/servers', { name: word, host: '192.0.2.200' }) },
    'server detail': { path: `/servers?sel=${serverId}`, change: rename('servers', serverId, 'description') },
    credentials: {
      path: '/credentials',
      change: (word) =>
        make('/credentials', { name: word, kind: 'password', username: 'u', password: 'p4ssw0rd long' }),
    },
    'credential detail': { path: `/credentials?sel=${credentialId}`, change: rename('credentials', credentialId) },
    schedules: { path: '/schedules', change: (word) => make('/schedules', { name: word, target, cron: '0 3 1 1 *' }) },
    'schedule detail': { path: `/schedules?sel=${scheduleId}`, change: rename('schedules', scheduleId) },
    webhooks: { path: '/webhooks', change: (word) => api.post('/webhooks', { name: word, target }) },
    'webhook detail': { path: `/webhooks?sel=${webhookId}`, change: rename('webhooks', webhookId) },
    'run triggers': {
      path: '/run-triggers',
      change: (word) => api.post('/run-triggers', { name: word, playbooks: [askingId], target, enabled: false }),
    },
    files: { path: '/files', change: (word) => api.post(`/artifacts?name=${word}.txt`, { content: word }) },
    members: { path: '/settings/members', change: (word) => owner.patch('/me', { name: word }) },
    invitations: {
      path: '/settings/members?tab=invitations',
      change: (word) => owner.post('/invitations', { email: `${word}@example.org`, role: 'viewer' }),
    },
    'secrets and variables': {
      path: '/settings/values',
      change: (word) => api.post('/secrets', { name: word, value: 'x' }),
    },
    channels: { path: '/settings/channels', change: rename('channels', channelId) },
    keys: {
      path: '/settings/api-keys',
      change: (word) => owner.post('/api-keys', { name: word, permissions: ['runs:read'] }),
    },
    audit: {
      path: '/settings/audit',
      change: (word) =>
        make('/credentials', { name: word, kind: 'password', username: 'u', password: 'p4ssw0rd long' }),
    },
    'playbook editor': {
      path: `/playbooks/${playbookId}`,
      change: (word) =>
        api.patch(`/playbooks/${playbookId}`, { definition: { apiVersion: 'windlass/v1', name: word, steps } }),
    },
  };
}

/** A run that asks for a decision by these words. */
async function askWith(api: Api, word: string): Promise<void> {
  const { id } = Id.parse(
    await api.post('/playbooks', {
      definition: {
        apiVersion: 'windlass/v1',
        name: `Ask ${word}`,
        steps: [{ id: 'ask', kind: 'approve', roles: ['owner'], message: word }],
      },
    }),
  );
  Started.parse(await api.post(`/playbooks/${id}/runs`, { inputs: {} }));
}
