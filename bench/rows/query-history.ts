import pg from 'pg';
import { ms, percentile, timed } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';
import { databaseAsSuperuser, insertRuns } from '../kit/seed-runs.ts';

const runs = 100_000;
/** Words that few texts hold, that many hold, that all hold, and that none holds. */
const asked = ['certificate 77777', 'shop_42', 'select', 'nowhere to be found', 'customers%'];

export const queryHistory: Row = {
  name: 'query-history',
  notes: [
    `Search in the history: \`GET /query-runs?q=…\` over ${runs.toLocaleString('en')} runs of one workspace, each with a text of its own of about 400 characters, by words that few, many, all or none of them hold; the whole request, one at a time.`,
  ],
  async measure(tools) {
    const product = await tools.product();
    const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
    await client.connect();
    try {
      await insertRuns(client, product.workspaceId, runs);
      await client.query(
        `insert into query_runs (workspace_id, run_id, connection_id, connection_name, engine, title, sql_text)
         select workspace_id, id, $1::uuid, 'bench', 'sfmc', 'Members of shop_' || (n % 100),
           'SELECT m.SubscriberKey, m.City, m.Points -- certificate ' || n || E'\n' ||
           repeat('FROM Members m JOIN Orders o ON o.Key = m.Key AND o.Number = ' || n || E'\n', 5)
         from (select workspace_id, id, row_number() over (order by id) as n from runs
           where workspace_id = $1::uuid and kind = 'playbook' and id not in (select run_id from query_runs)) made`,
        [product.workspaceId],
      );
      await client.query('vacuum analyze query_runs');
      await client.query('vacuum analyze runs');
    } finally {
      await client.end();
    }
    const delays: number[] = [];
    for (let round = 0; round < rounds(tools, 20, 5); round++)
      for (const words of asked)
        delays.push(await timed(() => product.owner.get(`/query-runs?limit=50&q=${encodeURIComponent(words)}`)));
    const p95 = percentile(delays, 95);
    return [
      {
        what: `history of ${runs.toLocaleString('en')} queries searched, p95`,
        ours: ms(p95),
        peer: '—',
        target: '≤ 100 ms',
        isMet: p95 <= 100,
      },
    ];
  },
};
