// The peer of the list: Fastify and pg with nothing around them, and the very SQL that the product's list sends.
import Fastify from 'fastify';
import pg from 'pg';

const [appUrl = '', superuserUrl = '', sql = '', tail = '[]'] = process.argv.slice(2);
const parameters = JSON.parse(tail) as unknown[];
const pool = new pg.Pool({ connectionString: appUrl, max: 24 });
const bare = new pg.Pool({ connectionString: superuserUrl, max: 24 });
// Without the tenant transaction there is no row security: the workspace stands in the query instead.
const plainSql = sql.replace(' where ', ` where "workspace_id" = $${parameters.length + 1} and `);

const app = Fastify();
const valuesOf = (cursor: string | undefined): unknown[] =>
  parameters.map((value) => (value === ':cursor' ? cursor : value));

app.get<{ Querystring: { cursor?: string }; Headers: { 'x-workspace': string } }>('/runs', async (request) => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query("select set_config('app.tenant_id', $1, true), set_config('app.mid', $2, true)", [
      request.headers['x-workspace'],
      '*',
    ]);
    const { rows } = await client.query(sql, valuesOf(request.query.cursor));
    await client.query('commit');
    return { data: rows };
  } finally {
    client.release();
  }
});
app.get<{ Querystring: { cursor?: string }; Headers: { 'x-workspace': string } }>('/plain', async (request) => {
  const { rows } = await bare.query(plainSql, [...valuesOf(request.query.cursor), request.headers['x-workspace']]);
  return { data: rows };
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.once('disconnect', () => process.exit(0));
const address = app.server.address();
process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
