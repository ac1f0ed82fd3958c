import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import type { ExportFormat } from '#contracts/queries/export-formats.ts';
import { readJson } from '#system/embedded/files.ts';
import { startPostgres } from '#system/embedded/postgres.ts';
import { freePort } from '#system/embedded/processes.ts';
import { median, ms, times } from '../kit/figures.ts';
import { memoryOf } from '../kit/memory.ts';
import { newHome, openProduct, type Product, removeHome, startInstallation } from '../kit/product.ts';
import { type Result, type Row, rounds, type RowTools } from '../kit/row.ts';

const rowCount = 1_000_000;
const table = `create table bench_rows as select n as id, n % 1000 as customer, (n::bigint * 7919 % 100003)::int as amount_cents,
    (n % 100000)::numeric(12,2) / 100 as price, 'name ' || n as name, 'customer' || n % 5000 || '@example.com' as email,
    md5(n::text) as hash, 'street ' || n % 997 as street, 'city ' || n % 311 as city,
    (array['new','paid','sent','returned'])[n % 4 + 1] as state, date '2020-01-01' + n % 2000 as day,
    timestamptz '2026-01-01' + n * interval '1 second' as at, timestamp '2026-01-01' + n * interval '2 seconds' as seen,
    n % 3 = 0 as is_new, n::float8 / 3 as score, n % 17 as a, n % 19 as b, n::bigint * 1000003 as big,
    case when n % 10 = 0 then null else 'note, "' || n || '"' end as note, n % 256 as code
  from generate_series(1, ROWS) n`;
const sql = 'select * from bench_rows order by id';
/** Processes give back what they needed for something when they have had nothing to do for some seconds. */
const settleMs = 20_000;

const names = ['app', 'work'] as const;
const formats: readonly (readonly [ExportFormat, string, number | null])[] = [
  ['csv', 'CSV', 15_000],
  ['ndjson', 'JSON lines', null],
  ['json', 'JSON', null],
  ['parquet', 'Parquet', 20_000],
  ['xlsx', 'XLSX', null],
];

export const exports: Row = {
  name: 'exports',
  notes: [
    'Exports: one query of 1,000,000 rows × 20 columns on a PostgreSQL of its own, run through the API of an installation of its own and taken as a file by a client that throws the bytes away; what comes is held against the checksum that the API tells. Peer: `psql -c "\\copy (…) to /dev/null csv"` of the same query, in turns. Memory is the resident size of API and workers together, four times a second, at its highest during an export, less what they had just before it, when they had had nothing to do for 20 seconds.',
  ],
  async measure(tools) {
    const rows = Math.round(rowCount * tools.scale);
    const url = await seeded(tools, rows);
    const home = newHome();
    tools.onEnd(async () => removeHome(home));
    const installation = await startInstallation(home, await freePort());
    tools.onEnd(() => installation.stop());
    const product = await openProduct(installation);
    const runId = await queryRun(product, url);
    const roots = names.map((name) => ({
      name,
      pid: Note.parse(readJson(join(home, 'run', `${name}.json`))).mark.pid,
    }));
    const residentMb = () => [...memoryOf(roots).values()].reduce((sum, part) => sum + part, 0);
    let idleMb = 0;
    const settle = async (): Promise<void> => {
      await sleep(settleMs);
      idleMb = residentMb();
      tools.say(`API and workers have ${idleMb.toFixed(0)} MB`);
    };
    await settle();
    const download = async (format: ExportFormat, isChecked = true) => {
      const file = await taken(product, { runId, format, isChecked }, residentMb);
      if (file.rows !== rows) throw new Error(`${format} told ${file.rows} rows of ${rows}.`);
      return { ...file, addedMb: file.highestMb - idleMb };
    };
    const of = `${(rows / 1e6).toLocaleString('en-US')} M rows × 20 columns`;

    const results: Result[] = [];
    const hasPsql = spawnSync('psql', ['--version']).status === 0;
    const peer: number[] = [];
    const csv = [await download('csv')]; // warm: the table is in memory, the code compiled
    for (let round = 0; round < rounds(tools, 3); round++) {
      csv.push(await download('csv', false)); // psql checks nothing either
      if (hasPsql) peer.push(await copied(url));
    }
    const theirs = hasPsql ? median(peer) : undefined;
    for (const [format, title, limitMs] of formats) {
      if (format !== 'csv') await settle();
      const all = format === 'csv' ? csv : [await download(format)];
      const time = median(all.slice(-3).map((each) => each.ms));
      const isPeer = format === 'csv' && theirs !== undefined;
      results.push({
        what: `export, ${of}, ${title}`,
        ours: `${ms(time)} (${((all[0]?.bytes ?? 0) / 1_048_576).toFixed(0)} MB)`,
        peer: isPeer ? `\`psql \\copy\` ${ms(theirs)}` : '–',
        ...(isPeer && { ratio: times(time / theirs) }),
        target: isPeer ? '≤ 1.5×' : limitMs === null ? '–' : `≤ ${limitMs / 1_000} s`,
        isMet: isPeer ? time / theirs <= 1.5 : limitMs === null ? null : time <= limitMs * tools.scale,
      });
      const added = Math.max(...all.map((each) => each.addedMb));
      results.push({
        what: `export, ${of}, ${title}: memory over idle`,
        ours: `${added.toFixed(0)} MB`,
        peer: '–',
        target: '≤ 64 MB',
        isMet: added <= 64,
      });
    }
    return results;
  },
};

const Made = z.object({ id: z.string() });
const Started = z.object({ runId: z.string() });
const Run = z.object({ status: z.string() });
const Note = z.object({ mark: z.object({ pid: z.number() }) });

/** Connects the database and runs the query. @returns the run, whose rows can be had */
async function queryRun({ api, owner }: Product, url: string): Promise<string> {
  await owner.patch('/settings', { egressAllow: ['127.0.0.1', 'localhost'] });
  const { hostname, port, username, password, pathname } = new URL(url);
  const { id } = Made.parse(
    await api.post('/connections', {
      kind: 'postgres',
      name: 'Bench',
      config: {
        host: hostname,
        port: Number(port),
        database: pathname.slice(1),
        user: decodeURIComponent(username),
        password: decodeURIComponent(password),
        tls: 'off',
      },
    }),
  );
  while (z.object({ state: z.string() }).parse(await api.get(`/connections/${id}`)).state !== 'connected')
    await sleep(100);
  const { runId } = Started.parse(await api.post('/query-runs', { connectionId: id, sql }));
  for (;;) {
    const { status } = Run.parse(await api.get(`/query-runs/${runId}`));
    if (status === 'succeeded') return runId;
    if (status === 'failed' || status === 'canceled') throw new Error(`The query ended as ${status}.`);
    await sleep(100);
  }
}

async function seeded(tools: RowTools, rows: number): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'windlass-bench-'));
  chmodSync(home, 0o711); // as root the server is a user of its own, who must get in
  tools.onEnd(async () => rmSync(home, { recursive: true, force: true }));
  const server = await startPostgres({ home, at: join(home, 'pg'), isDurable: false });
  tools.onEnd(() => server.stop());
  const client = new pg.Client({ connectionString: server.urls.owner });
  await client.connect();
  await client.query(table.replace('ROWS', String(rows)));
  await client.query('alter table bench_rows add primary key (id)');
  await client.query('vacuum analyze bench_rows');
  await client.end();
  tools.say(`a table of ${rows} rows × 20 columns is there`);
  return server.urls.owner;
}

interface Taken {
  readonly ms: number;
  readonly bytes: number;
  /** As told behind the last byte. */
  readonly rows: number;
  readonly highestMb: number;
}

function taken(
  { url, api }: Product,
  { runId, format, isChecked }: { runId: string; format: ExportFormat; isChecked: boolean },
  residentMb: () => number,
): Promise<Taken> {
  const begun = performance.now();
  let highestMb = 0;
  const look = setInterval(() => (highestMb = Math.max(highestMb, residentMb())), 250);
  const address = `${url}/api/v1/query-runs/${runId}/export?format=${format}`;
  return new Promise<Taken>((resolve, reject) => {
    get(address, { headers: api.headers, agent: false }, (response) => {
      let bytes = 0;
      const hash = createHash('sha256');
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (isChecked) hash.update(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const tookMs = performance.now() - begun;
        const { 'x-export-rows': rows, 'x-export-sha256': sum } = response.trailers;
        if (response.statusCode !== 200 || (isChecked && sum !== hash.digest('hex')))
          return reject(new Error(`${format}: ${response.statusCode}, and not the file that was made.`));
        resolve({ ms: tookMs, bytes, rows: Number(rows), highestMb });
      });
    }).on('error', reject);
  }).finally(() => clearInterval(look));
}

/** `psql` writes the same to nowhere. */
function copied(url: string): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const psql = spawn('psql', [url, '-X', '-q', '-c', `\\copy (${sql}) to '/dev/null' csv header`], {
      stdio: 'inherit',
    });
    psql.once('error', reject);
    psql.once('exit', (code) =>
      code === 0 ? resolve(performance.now() - begun) : reject(new Error(`psql ended with ${code}.`)),
    );
  });
}
