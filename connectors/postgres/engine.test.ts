import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QueryText, RunRef } from '#contracts/queries/engine.ts';
import { postgresWorld, type PostgresWorld } from '#tests/kit/postgres-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
  await world.owner.query(`create table people (id int primary key, name text, born date);
    insert into people select n, 'name ' || n, date '2000-01-01' + n from generate_series(1, 1000) n; analyze people;
    create sequence counter`);
});
afterAll(() => world.close());

const validate = (sql: string, parameters: QueryText['parameters'] = {}) => world.engine.validate({ sql, parameters });
const firstError = async (sql: string, parameters?: QueryText['parameters']) => {
  const { isValid, remarks } = await validate(sql, parameters);
  expect(isValid).toBe(false);
  return remarks[0];
};

describe('validate', () => {
  test('a query that would run is valid, with its columns and the planner’s estimate', async () => {
    const verdict = await validate(
      `select id, name as "Full Name", 1.50::numeric(10,2) as price, 'x'::varchar(50) as short, now() as at,
        true as ok, '{}'::jsonb as doc, array[1] as list, 1::float8 as f, gen_random_uuid() as u, '\\x00'::bytea as raw,
        time '10:00' as t from people;  -- all of them`,
    );
    expect(verdict.isValid).toBe(true);
    expect(verdict.remarks).toEqual([
      { severity: 'info', message: "About 1,000 rows, as the database's planner expects.", position: null },
    ]);
    expect(verdict.columns).toEqual([
      { name: 'id', type: 'integer', nativeType: 'integer' },
      { name: 'Full Name', type: 'text', nativeType: 'text' },
      { name: 'price', type: 'decimal', nativeType: 'numeric(10,2)', precision: 10, scale: 2 },
      { name: 'short', type: 'text', nativeType: 'character varying(50)', length: 50 },
      { name: 'at', type: 'timestamp', nativeType: 'timestamp with time zone' },
      { name: 'ok', type: 'boolean', nativeType: 'boolean' },
      { name: 'doc', type: 'json', nativeType: 'jsonb' },
      { name: 'list', type: 'other', nativeType: 'integer[]' },
      { name: 'f', type: 'decimal', nativeType: 'double precision' },
      { name: 'u', type: 'uuid', nativeType: 'uuid' },
      { name: 'raw', type: 'binary', nativeType: 'bytea' },
      { name: 't', type: 'time', nativeType: 'time without time zone' },
    ]);
  });

  test('values are bound: numbers, texts, nulls and lists, whatever they hold', async () => {
    const parameters = { 1: 10, 2: "'; drop table people; --", 3: null, 4: ['1', '2', '3'] };
    const verdict = await validate(
      'select * from people where id < $1 or name = $2 or name = $3 or id = any ($4)',
      parameters,
    );
    expect(verdict.isValid).toBe(true);
  });

  test('columns of one name are told apart without regard to case', async () => {
    const { columns } = await validate('select 1 as a, 2 as "A", 3 as a_2, 4 as a');
    expect(columns?.map(({ name }) => name)).toEqual(['a', 'A_3', 'a_2', 'a_4']);
  });

  test('a mistake is shown where it stands, also behind comments and characters of many bytes', async () => {
    const sql = "-- größer 😀\nselect '😀😀', /* 💥 */ nmae\nfrom people";
    expect(await firstError(sql)).toMatchObject({ severity: 'error', position: { line: 2, column: 25 } });
    expect(sql.split('\n')[1]?.slice(24)).toBe('nmae');
    expect(await firstError('select 1 frmo\npeople')).toMatchObject({ position: { line: 2, column: 1 } });
  });

  test('what lacks a right is told', async () => {
    await world.superuser.query('create table closed (id int)');
    expect((await firstError('select * from closed'))?.message).toContain('permission denied for table closed');
  });

  test.each([
    ['', 'There is no query in this text.'],
    ['-- nothing', 'There is no query in this text.'],
    ['select 1; select 2', 'There are several statements'],
    ['drop table people', 'This is no query: it begins with drop'],
    ['do $$ begin perform 1; end $$', 'This is no query'],
    ["copy (select 1) to program 'true'", 'This is no query'],
    ['set role windlass_owner', 'This is no query'],
    ['begin', 'This is no query'],
    ['select * into other from people', 'INTO'],
    ['with gone as (delete from people returning id) select * from gone', 'data-modifying'],
    ['select $1', '$1 has no value'],
    ["select 1) to program 'true' --", 'syntax error'],
    ['select 1 /* open', 'unterminated'],
  ])('%j is refused', async (sql, words) => {
    expect((await firstError(sql))?.message).toContain(words);
  });

  test('rows that a function would write are refused by the transaction', async () => {
    await world.owner.query(`create function sneak() returns int language plpgsql as
      $$ begin insert into people values (-1, 'sneaked'); return 1; end $$`);
    for (const sql of ['select sneak()', "select nextval('counter')", 'select * from people for update']) {
      const ref = world.run(sql);
      const facts = await failureOf(read(ref));
      expect(facts).toMatchObject({ kind: 'syntax', code: '25006' });
    }
    const loosen = world.run("select set_config('transaction_read_only', 'off', false), sneak()");
    expect(await failureOf(read(loosen))).toMatchObject({ kind: 'syntax' });
    expect((await world.owner.query('select from people where id = -1')).rowCount).toBe(0);
  });

  test('EXPLAIN and SHOW are queries too; EXPLAIN ANALYZE runs only when its rows are read', async () => {
    expect((await validate('explain select * from people')).columns).toEqual([
      { name: 'QUERY PLAN', type: 'text', nativeType: 'text' },
    ]);
    expect(await validate('explain (analyze) select pg_sleep(100)')).toMatchObject({ isValid: true, columns: null });
    expect(await firstError('explain select * from nothing')).toMatchObject({ position: { line: 1, column: 23 } });
    const page = await read(world.run('show server_encoding;'));
    expect(page).toMatchObject({ rows: [['UTF8']], total: 1, cursor: null });
  });
});

const read = (ref: RunRef, cursor: string | null = null, limit = 100) =>
  world.engine.page({ ref, columns: [], cursor, limit });

describe('a run', () => {
  test('is its check: started twice it is one, and its rows can be read at once', async () => {
    const { runId } = world.run('select id from people where id <= $1', { 1: 3 });
    const query = { ...(world.texts.get(runId) ?? { sql: '' }), runId };
    const noted: RunRef[] = [];
    const note = (ref: RunRef) => void noted.push(ref);
    const first = await world.engine.start({ ...query, known: null, note });
    const again = await world.engine.start({ ...query, known: noted[0] ?? null, note });
    expect(again.ref.begunAt).toBe(first.ref.begunAt);
    expect(noted).toHaveLength(2);
    const polled = await world.with({}).poll(first.ref); // another process, which has to look itself
    expect(polled).toMatchObject({
      state: 'succeeded',
      pollAfterMs: 0,
      rowCount: null,
      failure: null,
      columns: [{ name: 'id', type: 'integer' }],
      note: "About 3 rows, as the database's planner expects.",
    });
    expect(await read(first.ref)).toMatchObject({
      rows: [['1'], ['2'], ['3']],
      offset: 0,
      total: 3,
      cursor: null,
      source: 'live',
    });
  });

  test('that is wrong fails at its start, with the place', async () => {
    const facts = await failureOf(
      world.engine.start({ sql: 'select x', runId: 'r', known: null, note: () => undefined }),
    );
    expect(facts).toMatchObject({ kind: 'syntax', code: '42703', position: { line: 1, column: 8 }, retryable: false });
  });

  test('leaves nothing behind, and sweeps nothing', async () => {
    expect(await world.engine.sweep({ olderThanMs: 0, keepRunIds: [] })).toEqual({ removed: [], left: [] });
    await expect.poll(() => world.sessions()).toEqual([]);
  });
});

test('probe says where one is', async () => {
  expect(await world.engine.probe()).toMatchObject({ user: 'windlass_owner', isEncrypted: false, isSuperuser: false });
});
