import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import pg from 'pg';
import { z } from 'zod';
import { permissions } from '#contracts/identity/permissions.ts';
import { openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { listRuns } from '#db/runs/runs.ts';
import { Api } from '../kit/api.ts';
import { median, ms, percentile, times } from '../kit/figures.ts';
import type { Product } from '../kit/product.ts';
import { type Row, rounds } from '../kit/row.ts';
import { databaseAsSuperuser, insertRuns } from '../kit/seed-runs.ts';

const workspaces = 50;
const runsEach = 20_000;
const connections = 50;
const limit = 50;

interface Reader {
  workspaceId: string;
  key: string;
  /** An id nine tenths down the list. */
  deep: string;
}
interface Query {
  sql: string;
  parameters: unknown[];
}

export const lists: Row = {
  name: 'lists',
  notes: [
    `Lists: \`GET /runs?limit=${limit}\` with 1,000,000 runs in ${workspaces} workspaces, ${connections} connections, each with the key of another workspace; the deep page begins nine tenths down. Ours is the whole request: key, rate limit, permission, tenant transaction, page, schema of the answer. Peer: Fastify and pg alone, the same SQL (taken from the product's own query) in the same tenant transaction (\`begin\`, \`set_config\`, query, \`commit\`), pool of the same size, without sign-in; and once more without a transaction and without row security, the workspace in the \`where\`.`,
  ],
  async measure(tools) {
    const product = await tools.product();
    const readers = await seed(product, tools.say);
    const query = { first: await captureSql(product, undefined), deep: await captureSql(product, readers[0]?.deep) };
    const results = [];
    for (const page of ['first', 'deep'] as const) {
      const bare = fork(fileURLToPath(new URL('../peers/bare-list.ts', import.meta.url)), [
        product.urls.app,
        databaseAsSuperuser(product),
        query[page].sql,
        JSON.stringify(query[page].parameters),
      ]);
      try {
        const { port } = await portOf(bare);
        const figures: Record<'ours' | 'peer' | 'plain', { p95: number; rate: number }[]> = {
          ours: [],
          peer: [],
          plain: [],
        };
        for (let round = 0; round <= rounds(tools, 4, 2); round++) {
          const seconds = round === 0 ? 3 : 6;
          const path = page === 'deep';
          const ours = await cannon(product.url, '/api/v1/runs', readers, path, seconds);
          const peer = await cannon(`http://127.0.0.1:${port}`, '/runs', readers, path, seconds);
          const plain = await cannon(`http://127.0.0.1:${port}`, '/plain', readers, path, seconds);
          if (round === 0) continue; // warm-up
          figures.ours.push(ours);
          figures.peer.push(peer);
          figures.plain.push(plain);
        }
        const p95 = (who: keyof typeof figures): number => median(figures[who].map((each) => each.p95));
        const rate = (who: keyof typeof figures): string =>
          `${median(figures[who].map((each) => each.rate)).toFixed(0)}/s`;
        const ratio = p95('ours') / p95('peer');
        results.push({
          what: `GET /runs, ${page} page, 1,000,000 runs, ${connections} connections, p95`,
          ours: `${ms(p95('ours'))} (${rate('ours')})`,
          peer: `Fastify + pg in the tenant transaction ${ms(p95('peer'))} (${rate('peer')}); without transaction ${ms(p95('plain'))} (${rate('plain')})`,
          ratio: times(ratio),
          target: '≤ 1.5×',
          isMet: ratio <= 1.5,
        });
      } finally {
        bare.disconnect();
      }
    }
    return results;
  },
};

const portOf = (child: ChildProcess): Promise<{ port: number }> =>
  new Promise((done, fail) => {
    child.once('message', (message) => done(z.object({ port: z.number() }).parse(message)));
    child.once('exit', (code) => fail(new Error(`The bare server ended with ${code}.`)));
  });

const Workspace = z.object({ id: z.string() });
const Made = z.object({ key: z.string() });

/** Workspaces and keys by the API, runs by `insert … select` from generate_series. */
async function seed(product: Product, say: (line: string) => void): Promise<Reader[]> {
  const readers: Omit<Reader, 'deep'>[] = [];
  for (let at = 0; at < workspaces; at++) {
    const { id } = Workspace.parse(
      await product.owner.post('/workspaces', { name: `Bench ${at}`, slug: `bench-${at}` }),
    );
    const inside = new Api(product.url, product.owner.token, id);
    await inside.patch('/settings', { requestsPerMinute: 600_000, serverCheckMinutes: 0, retentionDays: 3650 });
    const { key } = Made.parse(await inside.post('/api-keys', { name: 'bench', permissions: [...permissions] }));
    readers.push({ workspaceId: id, key });
  }
  const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
  await client.connect();
  try {
    const begun = performance.now();
    for (const { workspaceId } of readers) await insertRuns(client, workspaceId, runsEach);
    await client.query('vacuum analyze runs');
    say(`1,000,000 runs after ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    const deep: Reader[] = [];
    for (const reader of readers) {
      const { rows } = await client.query<{ id: string }>(
        'select id from runs where workspace_id = $1 order by id desc offset $2 limit 1',
        [reader.workspaceId, Math.round(runsEach * 0.9)],
      );
      deep.push({ ...reader, deep: rows[0]?.id ?? '' });
    }
    return deep;
  } finally {
    await client.end();
  }
}

/** The SQL that the product sends for a page, with `:cursor` in the cursor's place. */
async function captureSql({ urls, workspaceId }: Product, cursor: string | undefined): Promise<Query> {
  let caught: Query | undefined;
  const db = openDatabase(urls.app, {
    max: 1,
    log: ({ query }) => {
      if (query.sql.includes('from "runs"')) caught ??= { sql: query.sql, parameters: [...query.parameters] };
    },
  });
  try {
    await inTenant(db, workspaceId, (tx) => listRuns(tx, { shape: 'job', sort: '-createdAt', limit, cursor }));
  } finally {
    await db.destroy();
  }
  if (!caught) throw new Error('The list sent no query.');
  return { ...caught, parameters: caught.parameters.map((value) => (value === cursor && cursor ? ':cursor' : value)) };
}

/** Load on loopback: each connection is another workspace. */
async function cannon(
  url: string,
  path: string,
  readers: readonly Reader[],
  isDeep: boolean,
  seconds: number,
): Promise<{ p95: number; rate: number }> {
  let next = 0;
  const delays: number[] = [];
  const load = autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (client) => {
      const reader = readers[next++ % readers.length];
      if (!reader) return;
      const headers = { authorization: `Bearer ${reader.key}`, 'x-workspace': reader.workspaceId };
      const after = isDeep ? `&cursor=${reader.deep}` : '';
      client.setRequests([{ method: 'GET', path: `${path}?limit=${limit}${after}`, headers }]);
    },
  });
  load.on('response', (_client, _status, _bytes, tookMs) => void delays.push(tookMs));
  const { non2xx, errors, requests } = await load;
  if (non2xx > 0 || errors > 0) throw new Error(`${path}: ${non2xx} refusals, ${errors} errors.`);
  return { p95: percentile(delays, 95), rate: requests.average };
}
