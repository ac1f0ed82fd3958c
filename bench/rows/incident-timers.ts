import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { permissions } from '#contracts/identity/permissions.ts';
import { Api } from '../kit/api.ts';
import { ms, percentile, timed, times } from '../kit/figures.ts';
import type { Product } from '../kit/product.ts';
import { type Row, type RowTools, rounds } from '../kit/row.ts';
import { databaseAsSuperuser } from '../kit/seed-runs.ts';

const few = 10;
const many = 10_000;
const atOnce = 16;
const Made = z.object({ id: z.string() });
const Key = z.object({ key: z.string() });

export const incidentTimers: Row = {
  name: 'incident-timers',
  notes: [
    `Open incidents with clocks: ${many.toLocaleString('en')} workflows rest with a timer each, opened over the API. An update moves one of ten of them to and fro; measured is from the request to its answer, which comes once row and event are committed. Peer: the same product with ${few} open incidents, measured before.`,
  ],
  async measure(tools) {
    const product = await tools.product();
    const count = tools.scale < 1 ? Math.max(200, Math.round(many * tools.scale * 0.1)) : many;
    const { api: owner, id } = await workspaceOf(product);
    await owner.post('/sla/policies', {
      name: 'Bench',
      targets: { sev3: { respond: '4h', resolve: '2d' } },
    });
    const first = await openMany(owner, few);
    const alone = await measureMoves(tools, owner, first);
    const begun = performance.now();
    await openMany(owner, count - few);
    await untilQuiet(product, id);
    tools.say(`${count} incidents after ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    const among = await measureMoves(tools, owner, first);
    const ratio = among / alone;
    return [
      {
        what: `${count.toLocaleString('en')} open incidents with clocks: update to row and event, p95`,
        ours: ms(among),
        peer: `with ${few} ${ms(alone)}`,
        ratio: times(ratio),
        target: '≤ 1.5×',
        isMet: ratio <= 1.5,
      },
    ];
  },
};

/** A workspace of its own: what other rows have made is not counted here. */
async function workspaceOf({ url, owner }: Product): Promise<{ api: Api; id: string }> {
  const { id } = Made.parse(await owner.post('/workspaces', { name: 'Incidents', slug: `incidents-${Date.now()}` }));
  const inside = new Api(url, owner.token, id);
  await inside.patch('/settings', { requestsPerMinute: 600_000 });
  const { key } = Key.parse(await inside.post('/api-keys', { name: 'bench', permissions: [...permissions] }));
  return { api: new Api(url, key, id), id };
}

async function openMany(api: Api, count: number): Promise<string[]> {
  const ids: string[] = [];
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const body = { title: `Shop ${left} answers slowly`, severity: 'sev3', service: `shop-${left % 40}` };
      ids.push(Made.parse(await api.post('/incidents', body)).id);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return ids;
}

/** Waits until each one's workflow has looked at it and rests. */
async function untilQuiet(product: Product, workspaceId: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ left: number }>('select count(*)::int as left from incidents where workspace_id = $1 and not is_begun', [workspaceId]); // prettier-ignore
      if (rows[0]?.left === 0) break;
      await sleep(1_000);
    }
  } finally {
    await client.end();
  }
  await sleep(10_000);
}

/** p95 of a move, one at a time, of incidents that others rest beside. */
async function measureMoves(tools: RowTools, api: Api, ids: readonly string[]): Promise<number> {
  const delays: number[] = [];
  for (let round = 0; round < 2 * rounds(tools, 15, 3); round++)
    for (const id of ids) {
      const to = round % 2 === 0 ? 'investigating' : 'mitigated';
      delays.push(await timed(() => api.post(`/incidents/${id}/transitions`, { to })));
    }
  return percentile(delays, 95);
}
