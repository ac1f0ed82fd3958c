import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import type { ExportFormat } from '#contracts/queries/export-formats.ts';
import { startPostgres } from '#system/embedded/postgres.ts';
import { median, ms, times } from '../kit/figures.ts';
import { memoryOf } from '../kit/memory.ts';
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

export const exports: Row = {
  name: 'exports',
  notes: [
    'Exports: one query of 1,000,000 rows × 20 columns on a PostgreSQL of its own, taken as a file over HTTP by a client that throws the bytes away. Ours is the connector, the writer of the format with its checksum, and a bare Fastify route, in one process. Peer: `psql -c "\\copy (…) to /dev/null csv"` of the same query, in turns. Memory is the highest resident size of that process during the exports less what it had after a first small one.',
  ],
  async measure(tools) {
    const rows = Math.round(rowCount * tools.scale);
    const url = await seeded(tools, rows);
    const server = fork(fileURLToPath(new URL('../peers/export-server.ts', import.meta.url)), [url, sql]);
    tools.onEnd(async () => void server.kill());
    const port = await portOf(server);
    const download = (format: ExportFormat) => taken(port, format, server.pid ?? 0);
    const of = `${(rows / 1e6).toLocaleString('en-US')} M rows × 20 columns`;

    const results: Result[] = [];
    const hasPsql = spawnSync('psql', ['--version']).status === 0;
    const csv: Taken[] = [];
    const peer: number[] = [];
    await download('csv'); // warm: the table is in memory, the code compiled
    for (let round = 0; round < rounds(tools, 3); round++) {
      csv.push(await download('csv'));
      if (hasPsql) peer.push(await copied(url));
    }
    const ours = median(csv.map((each) => each.ms));
    const theirs = hasPsql ? median(peer) : undefined;
    results.push({
      what: `export, ${of}, CSV`,
      ours: `${ms(ours)} (${megabytes(csv[0]?.bytes)})`,
      peer: theirs === undefined ? 'psql is not installed' : `\`psql \\copy\` ${ms(theirs)}`,
      ...(theirs !== undefined && { ratio: times(ours / theirs) }),
      target: '≤ 1.5×',
      isMet: theirs === undefined ? null : ours / theirs <= 1.5,
    });
    const added = (all: readonly Taken[]): number => Math.max(...all.map((each) => each.addedMb));
    const memory = (format: string, figure: number): Result => ({
      what: `export, ${of}, ${format}: memory over idle`,
      ours: `${figure.toFixed(0)} MB`,
      peer: '–',
      target: '≤ 64 MB',
      isMet: figure <= 64,
    });
    results.push(memory('CSV', added(csv)));
    const limits: readonly (readonly [ExportFormat, string, number | null])[] = [
      ['ndjson', 'JSON lines', null],
      ['parquet', 'Parquet', 20_000],
      ['xlsx', 'XLSX', null],
    ];
    for (const [format, title, limitMs] of limits) {
      const all = [await download(format)];
      const time = median(all.map((each) => each.ms));
      results.push({
        what: `export, ${of}, ${title}`,
        ours: `${ms(time)} (${megabytes(all[0]?.bytes)})`,
        peer: '–',
        target: limitMs === null ? '–' : `≤ ${limitMs / 1_000} s`,
        isMet: limitMs === null ? null : time <= limitMs * tools.scale,
      });
      results.push(memory(title, added(all)));
    }
    return results;
  },
};

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
  /** Resident size of the exporting process at its highest, less that before. */
  readonly addedMb: number;
}
let idleMb: number | undefined;
const residentMb = (pid: number): number => memoryOf([{ name: 'export', pid }]).get('export') ?? 0;

function taken(port: number, format: ExportFormat, pid: number): Promise<Taken> {
  idleMb ??= residentMb(pid);
  const idle = idleMb;
  const begun = performance.now();
  let highest = 0;
  const look = setInterval(() => (highest = Math.max(highest, residentMb(pid))), 250);
  return new Promise<Taken>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: `/export?format=${format}`, agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('error', reject);
      response.on('end', () => resolve({ ms: performance.now() - begun, bytes, addedMb: highest - idle }));
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

const megabytes = (bytes: number | undefined): string => `${((bytes ?? 0) / 1_048_576).toFixed(0)} MB`;

const portOf = (child: ChildProcess): Promise<number> =>
  new Promise((done, fail) => {
    child.once('message', (message) => done(z.object({ port: z.number() }).parse(message).port));
    child.once('exit', (code) => fail(new Error(`The server of exports ended with ${code}.`)));
  });
