// Runs in a thread of its own, so that a query over a million events does not hold up the answers of the simulator.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { CsvParts } from './csv.ts';
import type { EngineAnswer, EngineTask } from './engine.ts';
import { Events, type WorldSize } from './events.ts';
import { addFunctions, countUsers } from './functions.ts';
import { type Cell, PrivacyFilter } from './privacy.ts';
import { usersColumn } from './translate.ts';

const db = new DatabaseSync(':memory:');
const size = workerData as WorldSize;
addFunctions(db, () => size.untilMs);
db.exec('pragma case_sensitive_like = on; pragma temp_store = memory;');
const events = new Events(db, size);

function run(task: EngineTask): EngineAnswer {
  const { id, sql, tables, privacy, booleans, format, rowsPerPart } = task;
  events.ensure(tables);
  const filter = new PrivacyFilter(privacy);
  const csv = new CsvParts(filter.header, booleans, format, rowsPerPart);
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const usersAt = statement.columns().findIndex(({ name }) => name === usersColumn);
  const people = new Set<string>();
  // Whole numbers come as BigInt so that none loses digits.
  for (const row of statement.iterate() as unknown as Iterable<(Cell | Uint8Array)[]>) {
    const users = row[usersAt];
    const counted = countUsers(typeof users === 'bigint' ? Number(users) : (users ?? null));
    if (task.countsPeople) for (const one of String(users ?? '').split(',')) people.add(one);
    const cells = row
      .filter((_, at) => at !== usersAt)
      .map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell));
    const shown = filter.take(cells, counted);
    if (shown) csv.add(shown);
  }
  for (const row of filter.rest()) csv.add(row);
  const parts = csv.end().map((part) => new Uint8Array(part));
  return { id, ok: true, parts, rows: csv.rows, removedRows: filter.removedRows, people: people.size };
}

parentPort?.on('message', (task: EngineTask) => {
  let answer: EngineAnswer;
  try {
    answer = run(task);
  } catch (error) {
    answer = { id: task.id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
