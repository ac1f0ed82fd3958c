import { readSource, storeRows, unitCatalog } from './extensions.ts';
import { parseQuery } from './sql/parse.ts';
import { SqlError } from './sql/tokens.ts';
import { type Translated, checkDerivedTable, translateQuery } from './sql/translate.ts';
import { type Extension, type QueryDef, type Task, type World, drawn, findExtension } from './world.ts';
import { takeFault } from './faults.ts';

const stripped = (sql: string): string => sql.trim();

/** Reads and wraps a text as the service does before it saves or runs it. @throws SqlError in the service's words */
async function prepareText(world: World, mid: number, sql: string): Promise<Translated> {
  if (stripped(sql) === '') throw new SqlError('The query text is required.');
  const catalog = unitCatalog(world, mid);
  const translated = translateQuery(parseQuery(stripped(sql)), catalog);
  checkDerivedTable(translated.columns, 'querydef');
  await catalog.prepare();
  await world.store.ask({ op: 'prepare', sql: translated.sql });
  return translated;
}

/** What validate says, and what a save refuses: each a sentence of the service. */
export async function checkText(world: World, mid: number, sql: string, target?: Extension): Promise<string[]> {
  try {
    const { columns } = await prepareText(world, mid, sql);
    const chosen = new Set(columns.map(({ name }) => name.toLowerCase()));
    return (target?.fields ?? [])
      .filter((field) => (field.isRequired || field.isKey) && !chosen.has(field.name.toLowerCase()))
      .map((field) => `Field '${field.name}' is required for the Target Data Extension`);
  } catch (error) {
    if (error instanceof SqlError) return [error.message];
    throw error;
  }
}

/** How the service shows the text it will run. */
export const wrappedText = (query: QueryDef, target: Extension): string =>
  `SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; INSERT INTO C${query.mid}.[${target.name}] (${target.fields
    .map(({ name }) => `[${name}]`)
    .join(
      ', ',
    )}) SELECT ${target.fields.map(({ name }) => `querydef.[${name}]`).join(', ')} FROM (${query.text}) AS querydef`;

const shownState = (task: Task, now: number): Task['state'] | null =>
  task.shown.findLast(({ from }) => from <= now)?.state ?? null;
/** What AsyncActivityStatus tells; null while it knows nothing yet. */
export const visibleState = (world: World, task: Task): Task['state'] | null => shownState(task, world.now());

export const isRunningShown = (world: World, queryId: string): boolean =>
  [...world.tasks.values()].some(
    (task) =>
      task.queryId === queryId && (task.runningShown.findLast(({ from }) => from <= world.now())?.isRunning ?? false),
  );

function move(world: World, task: Task, state: Task['state']): void {
  task.state = state;
  task.shown.push({ state, from: world.now() + drawn(world.knobs.statusLagMs) });
}

/** Starts a query: queued, then running, then its rows are in the target. */
export function startQuery(world: World, query: QueryDef): Task {
  const now = world.now();
  const id = 90_000 + world.tasks.size + 1;
  const task: Task = {
    id,
    mid: query.mid,
    queryId: query.id,
    queryKey: query.key,
    state: 'Queued',
    startedAt: now,
    beganAt: null,
    endedAt: null,
    error: null,
    rows: 0,
    shown: [],
    runningShown: [{ isRunning: true, from: now + drawn(world.knobs.runningLagMs) }],
  };
  world.tasks.set(id, task);
  world.performs.set(query.key, (world.performs.get(query.key) ?? 0) + 1);
  move(world, task, 'Queued');
  // What is asked of the run is settled now: the definition may be deleted while it runs.
  const { text, targetKey, mode } = query;
  world.later(drawn(world.knobs.queueMs), () => {
    task.beganAt = world.now();
    move(world, task, 'Processing');
    void runText(world, task, { text, targetKey, mode });
  });
  return task;
}

async function runText(world: World, task: Task, query: Pick<QueryDef, 'text' | 'targetKey' | 'mode'>): Promise<void> {
  const startedAt = world.now();
  let error: string | null = null;
  try {
    const midway = takeFault(world, ['query_fails_midway'], `Run ${task.queryKey}`);
    const failing = takeFault(world, ['query_fails'], `Run ${task.queryKey}`);
    if (failing) throw new SqlError(failing.message ?? 'Query failed during execution.');
    task.rows = await writeRows(world, task.mid, query, midway ? 0.5 : undefined);
    if (midway) error = midway.message ?? 'Query failed: a deadlock was met while rows were written.';
  } catch (caught) {
    error = caught instanceof Error ? caught.message : String(caught);
  }
  const [least, most] = world.knobs.runMs;
  const lasts = least + (most - least) * Math.min(task.rows / 1_000_000, 1);
  const isTooLong = lasts > world.knobs.longestRunMs;
  const left = Math.min(lasts, world.knobs.longestRunMs) - (world.now() - startedAt);
  world.later(Math.max(left, 0), () => {
    const now = world.now();
    task.endedAt = now;
    task.error = isTooLong ? 'The query timed out: it ran longer than 30 minutes.' : error;
    move(world, task, task.error === null ? 'Complete' : 'Error');
    task.runningShown.push({ isRunning: false, from: now + drawn(world.knobs.runningLagMs) });
    const target = findExtension(world, task.mid, { key: query.targetKey });
    const late = takeFault(world, ['late_rows'], `Run ${task.queryKey}`);
    if (target) target.rowsVisibleAt = now + (late?.forMs ?? 0);
  });
}

async function writeRows(
  world: World,
  mid: number,
  query: Pick<QueryDef, 'text' | 'targetKey' | 'mode'>,
  share: number | undefined,
): Promise<number> {
  const target = findExtension(world, mid, { key: query.targetKey });
  if (!target) throw new SqlError('The target data extension does not exist.');
  target.rowsVisibleAt = Number.POSITIVE_INFINITY;
  const { sql, columns } = await prepareText(world, mid, query.text);
  await storeRows(world, target);
  const written = target.fields.flatMap((field) => {
    const column = columns.find(({ name }) => name.toLowerCase() === field.name.toLowerCase());
    return column ? [{ name: field.name, sql: converted(column.type, field.type, column.name) }] : [];
  });
  if (written.length === 0) throw new SqlError('No column of the query is in the target data extension.');
  return world.store.ask<number>({
    op: 'run',
    select: sql,
    into: target.table,
    columns: written,
    keys: target.fields.filter(({ isKey }) => isKey).map(({ name }) => name),
    mode: query.mode,
    share,
  });
}

/** A column of the query as its target's type wants it. */
function converted(from: string, to: string, column: string): string {
  const value = `querydef."${column.replaceAll('"', '""')}"`;
  if (to === 'Number') return from === 'decimal' ? `cast(${value} as integer)` : value;
  if (to === 'Boolean') return from === 'text' || from === 'unknown' ? `t_bit(${value})` : value;
  if (to === 'Date') return from === 'date' || from === 'day' ? value : `t_date(${value})`;
  if (to === 'Decimal') return value;
  return from === 'text' ? value : `cast(${value} as text)`;
}

/** Rows of a data extension as REST shows them. */
export async function readRows(
  world: World,
  extension: Extension,
  {
    page,
    pageSize,
    where,
    order,
    values,
  }: { page: number; pageSize: number; where: string; order: string; values: unknown[] },
): Promise<{ count: number; rows: Record<string, unknown>[] }> {
  if (extension.rows.kind === 'pending') await storeRows(world, extension);
  const from = (page - 1) * pageSize;
  const { rows: kept } = extension;
  if (kept.kind === 'generated' && where === '' && order === '') {
    const sql = `select * from ${readSource(extension, from + 1, from + pageSize)}`;
    return { count: kept.count, rows: await world.store.ask({ op: 'all', sql, values: [] }) };
  }
  const source = readSource(extension);
  const counted = await world.store.ask<{ count: number; first: number; last: number }[]>({
    op: 'all',
    sql: `select count(*) as count${kept.kind === 'stored' ? ', min(rowid) as first, max(rowid) as last' : ''} from ${source}${where}`,
    values,
  });
  const { count = 0, first = 0, last = 0 } = counted[0] ?? {};
  // Row numbers without a gap are a way in; otherwise the pages before must be walked over.
  const isDense = kept.kind === 'stored' && where === '' && order === '' && last - first + 1 === count;
  const sql = isDense
    ? `select * from ${source} where rowid between ${first + from} and ${first + from + pageSize - 1} order by rowid`
    : `select * from ${source}${where}${order} limit ${pageSize} offset ${from}`;
  return { count, rows: count === 0 ? [] : await world.store.ask({ op: 'all', sql, values: isDense ? [] : values }) };
}
