import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, until } from '../kit/test-app.ts';

const runs = 2_000;
const clients = 200;
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
});
afterAll(() => app?.close());

test(
  '2,000 runs started at once all end; the API answers meanwhile, and what it refuses says when to come again',
  { timeout: 300_000 },
  async () => {
    const { id } = await app.ok('POST', '/playbooks', {
      definition: { name: 'Many', steps: [{ id: 'a', kind: 'set', values: { x: 1 } }] },
    });
    const started = new Set<string>();
    let refused = 0;
    let left = runs;
    const startOne = async (): Promise<void> => {
      for (;;) {
        const answer = await app.call('POST', `/playbooks/${id}/runs`, {});
        if (answer.status === 202) return void started.add(answer.body.runId);
        refused += 1;
        expect([429, 503], answer.text).toContain(answer.status);
        const after = Number(answer.headers.get('retry-after'));
        expect(after).toBeGreaterThan(0);
        await new Promise((done) => setTimeout(done, after * 1_000));
      }
    };
    const client = async (): Promise<void> => {
      while (left-- > 0) await startOne();
    };
    let isOver = false;
    let probes = 0;
    // A key of its own: what the starts use up of their limit is not the probe's.
    const { key } = await app.makeKey(['runs:read']);
    const probe = async (): Promise<void> => {
      while (!isOver) {
        const answer = await app.call('GET', '/runs?limit=20', undefined, { token: key });
        expect(answer.status).toBe(200);
        probes += 1;
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    const probing = probe();
    await Promise.all(Array.from({ length: clients }, client));
    expect(started.size).toBe(runs);
    const alive = async (): Promise<number> => {
      const { counts } = await app.ok('GET', '/runs/counts', undefined, { token: key });
      return (counts.queued ?? 0) + (counts.running ?? 0) + (counts.waiting ?? 0);
    };
    await until(async () => (await alive()) === 0, 250);
    isOver = true;
    await probing;
    expect(probes).toBeGreaterThan(10);
    const ended = new Set<string>();
    for (let cursor = ''; ;) {
      const page = await app.ok('GET', `/runs?status=succeeded&limit=200${cursor}`, undefined, { token: key });
      for (const run of page.data) ended.add(run.id);
      if (page.pagination.nextCursor === null) break;
      cursor = `&cursor=${page.pagination.nextCursor}`;
    }
    expect([...started].filter((runId) => !ended.has(runId))).toEqual([]);
    expect(ended.size).toBe(runs);
    console.log(`${runs} runs, ${refused} refused and tried again, ${probes} probes`);
  },
);
