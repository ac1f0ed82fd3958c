// The rows of the simulator: an embedded database in a thread of its own, so that a long query does not hold up answers.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { defineFunctions } from './sql/functions.ts';
import type { StoreCall, StoreReply } from './store.ts';

const { file, clock } = workerData as { file: string; clock: SharedArrayBuffer };
const offsetMs = new BigInt64Array(clock);
const db = new DatabaseSync(file);
db.exec('pragma journal_mode = off; pragma synchronous = off; pragma temp_store = memory; pragma cache_size = -65536');
defineFunctions(db, () => Date.now() + Number(Atomics.load(offsetMs, 0)));

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function run({ select, into, columns, keys, mode, share }: Extract<StoreCall, { op: 'run' }>): number {
  const table = quoted(into);
  if (mode === 'overwrite') db.exec(`delete from ${table}`);
  const list = columns.map(({ name }) => quoted(name)).join(', ');
  const values = columns.map(({ sql }) => sql).join(', ');
  const names = columns.map(({ name }) => name.toLowerCase());
  const others = columns.filter(({ name }) => !keys.some((key) => key.toLowerCase() === name.toLowerCase()));
  const merge =
    mode === 'update' && keys.every((key) => names.includes(key.toLowerCase()))
      ? ` on conflict (${keys.map(quoted).join(', ')}) do ${
          others.length > 0
            ? `update set ${others.map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ')}`
            : 'nothing'
        }`
      : '';
  // A failure on the way leaves what was written: there is no transaction around it, as at the service.
  const part =
    share === undefined
      ? ' where true'
      : ` where true limit (select cast(count(*) * ${share} as integer) from (${select}))`;
  const { changes } = db
    .prepare(`insert into ${table} (${list}) select ${values} from (${select}) as querydef${part}${merge}`)
    .run();
  return Number(changes);
}

function answer(call: StoreCall): unknown {
  switch (call.op) {
    case 'exec':
      return db.exec(call.sql);
    case 'prepare':
      return void db.prepare(call.sql);
    case 'run':
      return run(call);
    case 'all':
      return db.prepare(call.sql).all(...(call.values as SQLInputValue[]));
    case 'insert': {
      const [first] = call.rows;
      if (!first) return 0;
      const names = call.columns.map(quoted).join(', ');
      const marks = call.columns.map(() => '?').join(', ');
      const insert = db.prepare(`insert or replace into ${quoted(call.into)} (${names}) values (${marks})`);
      for (const row of call.rows) insert.run(...(row as SQLInputValue[]));
      return call.rows.length;
    }
  }
}

parentPort?.on('message', ({ id, call }: { id: number; call: StoreCall }) => {
  let reply: StoreReply;
  try {
    reply = { id, value: answer(call) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
});
