import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import {
  copyColumns,
  type CopyRow,
  dateOfDay,
  type DayLines,
  noSource,
  packRows,
  partitionOfDay,
} from './copy-rows.ts';

/** What one request brought, ready to be copied. */
export interface BatchPart {
  sourceId: string | null;
  events: number;
  lines: { packed: readonly DayLines[] } | KeyedRows;
}
export interface KeyedRows {
  rows: readonly CopyRow[];
  /** By row; null: the sender gives it none. */
  keys: readonly (string | null)[];
}
export interface PartWritten {
  stored: number;
  /** Places of rows that had been written before under their key. */
  duplicates: ReadonlySet<number>;
}

const none: ReadonlySet<number> = new Set();

/** Writes the parts of one workspace in one transaction: all of it, or an error and nothing of it. */
export async function writeBatch(
  client: pg.ClientBase,
  workspaceId: string,
  parts: readonly BatchPart[],
  partitions: ReadonlySet<string>,
): Promise<PartWritten[]> {
  await client.query(`begin; select set_config('app.tenant_id', ${pg.escapeLiteral(workspaceId)}, true)`);
  try {
    const duplicates: ReadonlySet<number>[] = [];
    const days: Days = new Map();
    for (const { sourceId, lines } of parts) {
      if ('packed' in lines) {
        duplicates.push(none);
        gather(days, sourceId, lines.packed);
      } else {
        const again = await claimKeys(client, sourceId, lines.keys);
        duplicates.push(again);
        gather(days, sourceId, packRows(lines.rows.filter((_, place) => !again.has(place))));
        noteDuplicates(days, sourceId, lines.rows, again);
      }
    }
    for (const [day, { chunks }] of days) if (chunks.length > 0) await copy(client, day, chunks, partitions);
    await count(client, days);
    await client.query('commit');
    return parts.map(({ events }, place) => {
      const again = duplicates[place] ?? none;
      return { stored: events - again.size, duplicates: again };
    });
  } catch (error) {
    await client.query('rollback').catch(() => {}); // fails where the connection is broken, which the caller sees
    throw error;
  }
}

interface Figures {
  events: number;
  bytes: number;
  duplicates: number;
}
type Days = Map<number, { chunks: Buffer[]; bySource: Map<string, Figures> }>;

function figuresOf(days: Days, day: number, sourceId: string | null): { chunks: Buffer[]; figures: Figures } {
  const source = sourceId ?? noSource;
  const of = days.get(day) ?? { chunks: [], bySource: new Map<string, Figures>() };
  const figures = of.bySource.get(source) ?? { events: 0, bytes: 0, duplicates: 0 };
  days.set(day, of);
  of.bySource.set(source, figures);
  return { chunks: of.chunks, figures };
}

function gather(days: Days, sourceId: string | null, packed: readonly DayLines[]): void {
  for (const { day, events, bytes } of packed) {
    const { chunks, figures } = figuresOf(days, day, sourceId);
    chunks.push(bytes);
    figures.events += events;
    figures.bytes += bytes.length;
  }
}

function noteDuplicates(
  days: Days,
  sourceId: string | null,
  rows: readonly CopyRow[],
  again: ReadonlySet<number>,
): void {
  for (const place of again) {
    const row = rows[place];
    if (row) figuresOf(days, row.day, sourceId).figures.duplicates += 1;
  }
}

/** Takes the keys that nobody took before; another transaction with one of them is waited for. */
async function claimKeys(
  client: pg.ClientBase,
  sourceId: string | null,
  keys: readonly (string | null)[],
): Promise<Set<number>> {
  const first = new Map<string, number>();
  const again = new Set<number>();
  for (const [place, key] of keys.entries()) {
    if (key === null) continue;
    if (first.has(key)) again.add(place);
    else first.set(key, place);
  }
  const { rows } = await client.query<{ key: string }>(
    // In one order everywhere, so that two transactions with the same keys cannot wait for each other.
    'insert into log_keys (source_id, key) select $1, key from unnest($2::text[]) as key order by key on conflict do nothing returning key',
    [sourceId ?? noSource, [...first.keys()]],
  );
  const taken = new Set(rows.map(({ key }) => key));
  for (const [key, place] of first) if (!taken.has(key)) again.add(place);
  return again;
}

function copy(
  client: pg.ClientBase,
  day: number,
  chunks: readonly Buffer[],
  partitions: ReadonlySet<string>,
): Promise<void> {
  const name = partitionOfDay(day);
  const target = partitions.has(name) ? name : 'log_events_default';
  return new Promise((done, fail) => {
    const stream = client.query(copyFrom(`copy ${target} (${copyColumns}) from stdin`));
    stream.once('error', fail);
    stream.once('finish', done);
    for (const bytes of chunks) stream.write(bytes);
    stream.end();
  });
}

async function count(client: pg.ClientBase, days: Days): Promise<void> {
  const rows = [...days]
    .flatMap(([day, { bySource }]) =>
      [...bySource].map(([source, figures]) => ({ day: dateOfDay(day), source, ...figures })),
    )
    .sort((a, b) => (a.day + a.source < b.day + b.source ? -1 : 1));
  if (rows.length === 0) return;
  await client.query(
    `insert into log_days as d (day, source_id, events, bytes, duplicates, last_at)
      select *, now() from unnest($1::date[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])
      on conflict (workspace_id, day, source_id) do update set events = d.events + excluded.events,
        bytes = d.bytes + excluded.bytes, duplicates = d.duplicates + excluded.duplicates, last_at = excluded.last_at`,
    [rows.map(({ day }) => day), rows.map(({ source }) => source), rows.map(({ events }) => events), rows.map(({ bytes }) => bytes), rows.map(({ duplicates }) => duplicates)],
  ); // prettier-ignore
}

/** The partitions that stand. */
export async function listPartitions(client: pg.ClientBase): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'log_events'::regclass`,
  );
  return new Set(rows.map(({ name }) => name));
}
