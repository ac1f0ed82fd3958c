import type pg from 'pg';
import type { Product } from './product.ts';

/** The database of the product with every right, for what no client could make in time. */
export const databaseAsSuperuser = ({ urls }: Pick<Product, 'urls'>): string =>
  Object.assign(new URL(urls.superuser), { pathname: '/windlass' }).href;

/** Ended runs of one workspace, 97 s apart, the newest a day old. */
export async function insertRuns(client: pg.Client, workspaceId: string, count: number): Promise<void> {
  // UUIDv7 by hand: the time in the first 48 bits, as everywhere in the product.
  await client.query(
    `insert into runs (workspace_id, id, kind, shape, title, status, trigger, actor, subject_kind, subject_id, subject_version, inputs, outputs,
       error, progress, strand, workflow_type, task_queue, admitted_at, journal_seq, created_at, started_at, ended_at)
     select $1::uuid, (left(t, 8) || '-' || substr(t, 9, 4) || '-7' || left(r, 3) || '-8' || substr(r, 4, 3) || '-' || substr(r, 7, 12))::uuid,
       'playbook', 'job', 'Rotate the certificates of shop ' || n, case when n % 20 = 0 then 'failed' else 'succeeded' end, 'api',
       '{"kind":"key","id":null,"name":"bench"}', 'playbook', $1::uuid::text, 3, '{"shop":"north"}', 'null', 'null', '{"done":3,"total":3,"unit":"steps"}',
       '[{"id":"put","status":"succeeded"},{"id":"check","status":"succeeded"},{"id":"reload","status":"succeeded"}]', 'runPlaybook', 'main', at, 1, at, at, at + interval '4 s'
     from (select n, at, lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as t, md5(random()::text) as r
       from (select n, now() - interval '1 day' - n * interval '97 s' as at from generate_series(1, $2::int) n) times) made`,
    [workspaceId, count],
  );
}

/** Gives an ended run so many lines of output of twelve hosts, forty lines a chunk, some with colours. */
export async function insertLog(client: pg.Client, workspaceId: string, runId: string, lines: number): Promise<void> {
  await client.query(
    `insert into run_steps (workspace_id, run_id, address, id, kind, status, started_at, ended_at, position)
     select $1::uuid, $2::uuid, 'check', 'check', 'ssh', 'succeeded', created_at, ended_at, 0 from runs where workspace_id = $1::uuid and id = $2::uuid`,
    [workspaceId, runId],
  );
  await client.query(
    `insert into run_hosts (workspace_id, run_id, address, host, status, exit_code, started_at, ended_at)
     select $1::uuid, $2::uuid, 'check', 'shop-' || n, 'succeeded', 0, now() - interval '1 day', now() - interval '1 day' from generate_series(1, 12) n`,
    [workspaceId, runId],
  );
  await client.query(
    `insert into run_logs (workspace_id, at, run_id, address, host, stream, attempt, from_byte, text)
     select $1::uuid, now() - interval '1 hour' + c * interval '10 ms', $2::uuid, 'check', 'shop-' || (1 + c % 12), case when c % 50 = 0 then 'stderr' else 'stdout' end, 1,
       c * 4000, (select string_agg(case when l % 10 = 0 then E'\\x1b[32mok\\x1b[0m ' else '' end || 'line ' || (c * 40 + l) || ' of the check: certificate ' || md5((c * 40 + l)::text) || ' is valid', E'\\n') || E'\\n' from generate_series(1, 40) l)
     from generate_series(0, $3::int / 40 - 1) c`,
    [workspaceId, runId, lines],
  );
}
