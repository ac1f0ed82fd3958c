import { queryTemplates } from '#contracts/queries/templates/templates.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { openDemoBrowser } from './browser.ts';
import type { DemoClient } from './client.ts';
import type { Keep } from './keep.ts';
import type { SampleServices } from './services.ts';

interface Made {
  id: string;
  name: string;
  kind: EngineKind;
  state: string;
}

const names = {
  sfmc: 'Northwind Marketing Cloud',
  amc: 'Aurora Home on Amazon',
  postgres: 'Shop database',
} as const satisfies Record<EngineKind, string>;

const stateLimitMs = 30_000;

/** Connections of each kind to the sample services, signed in; addresses follow where a port was taken meanwhile. */
export async function seedConnections(
  base: string,
  owner: DemoClient,
  { sfmc, amc, database, sfmcApp }: SampleServices,
): Promise<Map<EngineKind, Made>> {
  const { consent, token, ads, sellingPartner } = amc.regions.eu;
  const configs: Readonly<Record<EngineKind, Record<string, unknown>>> = {
    sfmc: { authUrl: sfmc.authUrl, grant: 'user', ...sfmcApp },
    amc: {
      clientId: amc.clientId,
      clientSecret: amc.clientSecret,
      region: 'eu',
      endpoints: { consent, token, ads, sellingPartner },
    },
    postgres: {
      host: database.host,
      port: database.port,
      database: database.database,
      user: database.user,
      password: database.password,
      tls: 'off',
    },
  };
  const listed = async (): Promise<Map<string, Made & { config: Record<string, unknown>; version: number }>> => {
    const { data } = await owner.call<{ data: (Made & { config: Record<string, unknown>; version: number })[] }>(
      'GET',
      '/connections?limit=200',
    );
    return new Map(data.map((connection) => [connection.name, connection]));
  };
  const there = await listed();
  for (const [kind, name] of Object.entries(names)) {
    const config = configs[kind as EngineKind];
    const found = there.get(name);
    if (!found) {
      const description = 'A simulator on this machine, with made-up data.';
      await owner.call('POST', '/connections', { kind, name, description, config });
    } else if (JSON.stringify(addressOf(found.config)) !== JSON.stringify(addressOf(config)))
      await owner.call('PATCH', `/connections/${found.id}`, { config });
  }
  const made = new Map([...(await listed()).values()].map((connection) => [connection.name, connection]));
  const ours = new Map<EngineKind, Made>();
  for (const [kind, name] of Object.entries(names)) {
    const connection = made.get(name);
    if (connection) ours.set(kind as EngineKind, connection);
  }
  await signIn(base, ours, { sfmc, amc });
  const shop = ours.get('postgres');
  if (shop) await owner.call('POST', `/connections/${shop.id}/test`);
  return ours;
}

/** What of a configuration moves when a port was taken. */
const addressOf = ({ authUrl, endpoints, port }: Record<string, unknown>): unknown => ({ authUrl, endpoints, port });

/** The simulators have forgotten all tokens since the last time: both are signed in anew, their pages answering by themselves. */
async function signIn(
  base: string,
  ours: ReadonlyMap<EngineKind, Made>,
  { sfmc, amc }: Pick<SampleServices, 'sfmc' | 'amc'>,
): Promise<void> {
  const browser = await openDemoBrowser(base, 'owner');
  sfmc.world.knobs.autoConsent = true;
  amc.world.knobs.autoApproves = true;
  try {
    for (const kind of ['sfmc', 'amc'] as const) {
      const connection = ours.get(kind);
      if (connection) await browser.signIn(connection.id);
    }
  } finally {
    sfmc.world.knobs.autoConsent = false;
    amc.world.knobs.autoApproves = false;
    await browser.leave();
  }
}

interface SampleQuery {
  readonly name: string;
  readonly folder: string;
  readonly sql: string;
  readonly parameters?: readonly object[];
}

const ofTemplates = (engine: EngineKind, most: number): SampleQuery[] =>
  queryTemplates
    .filter((template) => template.engine === engine)
    .slice(0, most)
    .map(({ title, sql, parameters }) => ({ name: title, folder: 'Templates', sql, parameters }));

const samples: Readonly<Record<EngineKind, readonly SampleQuery[]>> = {
  sfmc: ofTemplates('sfmc', 2),
  amc: ofTemplates('amc', 2),
  postgres: [
    {
      name: 'Turnover by country and month',
      folder: 'Shop',
      sql: `select c.country, date_trunc('month', o.ordered_at)::date as month, count(*) as orders, sum(o.total) as turnover
from shop.orders o
join shop.customers c on c.id = o.customer_id
where o.ordered_at >= {{ since }}
group by 1, 2
order by 2, 1`,
      parameters: [{ name: 'since', type: 'date', default: '2025-01-01', isRequired: true }],
    },
    {
      name: 'A million page views',
      folder: 'Shop',
      sql: 'select id, viewed_at, customer_id, path, device, milliseconds from shop.page_views order by id',
    },
  ],
};

/** Saved queries on the sample connections, and one run of each the first time: the history of a new demo. */
export async function seedQueries(
  owner: DemoClient,
  connections: ReadonlyMap<EngineKind, Made>,
  { kept, save }: Keep,
): Promise<void> {
  const { data } = await owner.call<{ data: { id: string; name: string; version: number }[] }>(
    'GET',
    '/queries?limit=200',
  );
  const there = new Map(data.map((query) => [query.name, query]));
  for (const [engine, connection] of connections) {
    const isReady = await isConnected(owner, connection.id);
    for (const { name, folder, sql, parameters = [] } of samples[engine]) {
      const saved =
        there.get(name) ??
        (await owner.call<{ id: string; version: number }>('POST', '/queries', {
          name,
          folder,
          body: { engine, sql, parameters, connectionId: connection.id },
        }));
      const mark = `query ${name}`;
      if (!isReady || kept.runs.includes(mark)) continue;
      await owner.call('POST', '/query-runs', {
        connectionId: connection.id,
        sql,
        title: name,
        parameterDefs: parameters,
        queryId: saved.id,
        queryVersion: saved.version,
        ...(engine === 'amc' && { timeWindow: { from: 'today - 14d', to: 'today', timeZone: 'UTC' } }),
      });
      kept.runs.push(mark);
      save();
    }
  }
}

const snippets = [
  {
    trigger: 'turnover',
    description: 'Turnover of the shop by what you choose, since a day.',
    engine: 'postgres',
    text: `select \${1|c.country,o.status,c.id|}, count(*) as orders, sum(o.total) as turnover
from shop.orders o
join shop.customers c on c.id = o.customer_id
where o.ordered_at >= {{ since: date = today - \${2:90}d }}
group by 1
order by turnover desc`,
  },
  {
    trigger: 'active30',
    description: 'Active subscribers who joined within the last days.',
    engine: 'sfmc',
    text: `SELECT u.SubscriberKey, u.EmailAddress, u.DateJoined
FROM _Subscribers u
WHERE u.Status = '\${1|active,held,bounced,unsubscribed|}' AND u.DateJoined >= {{ joined_since: date = today - \${2:30}d }}`,
  },
] as const;

/** Pieces of queries that the workspace shares: typed in the editor, their triggers bring them. */
export async function seedSnippets(owner: DemoClient): Promise<void> {
  const { data } = await owner.call<{ data: { trigger: string }[] }>('GET', '/query-snippets');
  for (const snippet of snippets)
    if (!data.some(({ trigger }) => trigger === snippet.trigger)) await owner.call('POST', '/query-snippets', snippet);
}

/** One of the saved queries by the clock. */
export async function seedQuerySchedule(owner: DemoClient): Promise<void> {
  const name = 'Turnover, each weekday at seven';
  const [schedules, queries] = await Promise.all([
    owner.call<{ data: { name: string }[] }>('GET', '/schedules?limit=200'),
    owner.call<{ data: { id: string; name: string }[] }>('GET', '/queries?limit=200'),
  ]);
  const query = queries.data.find((saved) => saved.name === 'Turnover by country and month');
  if (!query || schedules.data.some((schedule) => schedule.name === name)) return;
  const target = { kind: 'query', id: query.id, parameters: { since: 'today - 400d' } };
  await owner.call('POST', '/schedules', { name, target, cron: '0 7 * * 1-5', timeZone: 'Europe/Berlin' });
}

/** Whether a connection is up; its units are read in the moments after the sign-in. */
async function isConnected(owner: DemoClient, id: string): Promise<boolean> {
  for (const until = Date.now() + stateLimitMs; Date.now() < until;) {
    const [{ state, kind }, units] = await Promise.all([
      owner.call<Made>('GET', `/connections/${id}`),
      owner.call<{ data: { isUsable: boolean }[] }>('GET', `/connections/${id}/units`),
    ]);
    if (state === 'connected' && (kind === 'postgres' || units.data.some(({ isUsable }) => isUsable))) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}
