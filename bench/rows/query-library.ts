import pg from 'pg';
import { mergeTexts } from '#db/queries/merge-text.ts';
import { compareTexts } from '#web/playbooks/document/compare-texts.ts';
import { ms, percentile, timed } from '../kit/figures.ts';
import { type Row, rounds } from '../kit/row.ts';
import { databaseAsSuperuser } from '../kit/seed-runs.ts';

const objects = 50_000;
const queries = 5_000;
const lines = 1_000;
/** Words that few names hold, that many hold, that all hold, that a column alone holds, and that nothing holds. */
const asked = ['orders 4711', 'orders 47', 'customer', 'column_31337_2', 'nowhere'];

/** What lies beside the editor, at the size of a large account: its objects, its saved queries, two versions of a text. */
export const queryLibrary: Row = {
  name: 'query-library',
  notes: [
    `Library: \`GET /connections/:id/objects?q=…\` over ${objects.toLocaleString('en')} objects of one unit with five columns each; a saved query opened by \`GET /queries/:id\` and a page of the list among ${queries.toLocaleString('en')}; the whole request, one at a time. A diff is of two texts of ${lines.toLocaleString('en')} lines of which every tenth differs.`,
  ],
  async measure(tools) {
    const product = await tools.product();
    const connection = await product.owner.post('/connections', {
      kind: 'postgres',
      name: `Library ${Date.now()}`,
      config: { host: '192.0.2.1', database: 'library', user: 'bench', password: 'bench' },
    });
    const { id } = connection as { id: string };
    const client = new pg.Client({ connectionString: databaseAsSuperuser(product) });
    await client.connect();
    try {
      await client.query(
        `insert into schema_objects (workspace_id, connection_id, unit, object_id, kind, name, name_key, sql_name, read_no,
           search, columns, columns_read_at)
         select $1, $2, '', 't' || n, 'table', 'Customer Orders ' || n, lpad(n::text, 8, '0'), 'orders_' || n, 1,
           'customer orders ' || n || ' what was sold ' || string_agg('column_' || n || '_' || c, ' '),
           jsonb_agg(jsonb_build_object('name', 'Column_' || n || '_' || c, 'type', 'text', 'nativeType', null, 'length', 50,
             'precision', null, 'scale', null, 'isKey', false, 'isRequired', false, 'description', null, 'details', '{}'::jsonb)), now()
         from generate_series(1, ${objects}) n, generate_series(1, 5) c group by n`,
        [product.workspaceId, id],
      );
      await client.query(
        `insert into schema_reads (workspace_id, connection_id, unit, read_no, read_at, objects) values ($1, $2, '', 1, now(), ${objects})
         on conflict (workspace_id, connection_id, unit) do update set read_no = 1, read_at = now(), objects = ${objects}, reading_since = null`,
        [product.workspaceId, id],
      );
      await client.query(
        `insert into queries (workspace_id, id, name, folder, sharing, owner, owner_id, engine, connection_id, version)
         select $1, gen_random_uuid(), 'Library query ' || n, 'Team ' || n % 40 || '/Weekly', 'workspace', '{"kind":"user","id":null,"name":"Bench"}',
           gen_random_uuid(), 'postgres', $2, 1 from generate_series(1, ${queries}) n`,
        [product.workspaceId, id],
      );
      await client.query(
        `insert into query_versions (workspace_id, query_id, version, body, saved_by, saved_by_id)
         select workspace_id, id, 1, jsonb_build_object('engine', 'postgres', 'sql', repeat('select id, total from orders;' || E'\\n', 40),
           'parameters', '[]'::jsonb, 'options', '{}'::jsonb), owner, owner_id from queries where workspace_id = $1 and name like 'Library query %'
         on conflict do nothing`,
        [product.workspaceId],
      );
      for (const table of ['schema_objects', 'queries', 'query_versions']) await client.query(`vacuum analyze ${table}`);
    } finally {
      await client.end();
    }
    const found: number[] = [];
    for (let round = 0; round < rounds(tools, 20, 5); round++)
      for (const words of asked)
        found.push(await timed(() => product.owner.get(`/connections/${id}/objects?limit=200&q=${encodeURIComponent(words)}`)));
    const page = (await product.owner.get('/queries?limit=200&sort=-name')) as { data: { id: string }[] };
    const opened: number[] = [];
    const listed: number[] = [];
    for (let round = 0; round < rounds(tools, 100, 20); round++) {
      const one = page.data[(round * 7) % page.data.length];
      opened.push(await timed(() => product.owner.get(`/queries/${one?.id ?? ''}`)));
      listed.push(await timed(() => product.owner.get(`/queries?limit=100&q=${round}`)));
    }
    const before = Array.from({ length: lines }, (_, at) => `  column_${at}, -- of line ${at}`).join('\n');
    const after = before.split('\n').map((line, at) => (at % 10 === 0 ? `${line} changed` : line)).join('\n');
    const compared: number[] = [];
    const merged: number[] = [];
    for (let round = 0; round < rounds(tools, 40, 10); round++) {
      compared.push(await timed(async () => compareTexts(before, after)));
      merged.push(await timed(async () => mergeTexts(before, after, `${before}\n  last`)));
    }
    const line = (what: string, figures: readonly number[], limit: number) => {
      const p95 = percentile(figures, 95);
      return { what, ours: ms(p95), peer: '—', target: `≤ ${limit} ms`, isMet: p95 <= limit };
    };
    return [
      line(`${objects.toLocaleString('en')} objects searched, p95`, found, 100),
      line(`a saved query of ${queries.toLocaleString('en')} opened, p95`, opened, 100),
      line(`a page of ${queries.toLocaleString('en')} saved queries found by name, p95`, listed, 100),
      line(`diff of ${lines.toLocaleString('en')} lines, p95`, compared, 50),
      line(`merge of two browsers’ ${lines.toLocaleString('en')} lines, p95`, merged, 50),
    ];
  },
}; // prettier-ignore
