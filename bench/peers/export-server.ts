// The exports of the product over HTTP with nothing around them: the PostgreSQL connector and the writers of files.
import Fastify from 'fastify';
import { z } from 'zod';
import { exportRows, takesRawCsv } from '#connectors/export/export-rows.ts';
import { copyOut } from '#connectors/postgres/copy-out.ts';
import { exportFormatNames } from '#contracts/queries/export-formats.ts';
import { Secret } from '#system/secret.ts';

const [url = '', sql = ''] = process.argv.slice(2);
const { hostname, port, username, password, pathname } = new URL(url);
const access = {
  target: {
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    user: decodeURIComponent(username),
    password: new Secret(decodeURIComponent(password)),
    tls: 'off' as const,
  },
  guard: { allow: [hostname] },
};
const Query = z.object({ format: z.enum(exportFormatNames) });

const app = Fastify();
app.get('/export', async (request, reply) => {
  const { format } = Query.parse(request.query);
  const source = await copyOut(access, { sql }, { as: takesRawCsv(format) ? 'csv' : 'rows' });
  const about = {
    title: 'Bench',
    connection: 'Bench',
    runId: 'bench',
    sql,
    parameters: {},
    executedAt: new Date().toISOString(),
    expectedRows: null,
  };
  return reply
    .type('application/octet-stream')
    .send(exportRows({ format, columns: source.columns, source, about }).stream);
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.once('disconnect', () => process.exit(0));
const address = app.server.address();
process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
