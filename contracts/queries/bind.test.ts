import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bindQuery, userOffset, userPosition } from './bind.ts';
import { parametersOf, type ParameterValue, QueryParameter, resolveParameters } from './parameters.ts';
import { tokenize } from './sql/tokens.ts';
import type { Dialect } from './sql/language.ts';

const declare = (...list: Partial<QueryParameter>[]) => list.map((one) => QueryParameter.parse(one));
const bound = (
  dialect: Dialect,
  text: string,
  values: Record<string, ParameterValue>,
  declared: readonly QueryParameter[] = [],
) => {
  const made = bindQuery(dialect, text, declared, values);
  if (!made.ok) throw new Error(made.faults.map(({ message }) => message).join(' '));
  return made.bound;
};
const faults = (
  dialect: Dialect,
  text: string,
  values: Record<string, ParameterValue>,
  declared: QueryParameter[] = [],
) => {
  const made = bindQuery(dialect, text, declared, values);
  return made.ok ? [] : made.faults.map(({ code, parameter }) => `${code} ${parameter}`);
};

test('PostgreSQL gets values by number, one for each name, typed where it could not tell', () => {
  const { sql, parameters } = bound(
    'postgres',
    'select {{ n: number }} where a = {{ a }} and b = {{ a }} and d > {{ d: date }} and x = {{ f: number }}',
    { n: 5, a: "it's", d: '2026-01-31', f: '12345678901234567890' },
  );
  expect(sql).toBe('select ($1::bigint) where a = $2 and b = $2 and d > ($3::date) and x = ($4::numeric)');
  expect(parameters).toEqual({ 1: 5, 2: "it's", 3: '2026-01-31', 4: '12345678901234567890' });
});

test('PostgreSQL gets a list as one array, whether its IN has brackets or not', () => {
  const ids = declare({ name: 'ids', type: 'list', of: 'number' });
  const { sql, parameters } = bound('postgres', 'select 1 where a in ({{ ids }}) or a NOT IN {{ids}} or a = any({{ ids }})', { ids: [1, 2] }, ids); // prettier-ignore
  expect(sql).toBe('select 1 where a = ANY (($1::bigint[])) or a <> ALL (($1::bigint[])) or a = any(($1::bigint[]))');
  expect(parameters).toEqual({ 1: ['1', '2'] });
});

test('an instant is a timestamp with its zone in PostgreSQL, the server’s clock in SFMC, and UTC in AMC', () => {
  const text = 'SELECT 1 WHERE t > {{ t: timestamp }}';
  const t = '2026-07-01T12:00:00.000Z';
  expect(bound('postgres', text, { t }).sql).toContain('($1::timestamptz)');
  expect(bound('sfmc', text, { t }).sql).toContain("CAST('2026-07-01T06:00:00.000' AS DATETIME)");
  expect(bound('amc', text, { t }).parameters).toEqual({ t: '2026-07-01T12:00:00.000' });
});

test('a time without an offset stays as the clock shows it', () => {
  const text = 'SELECT 1 WHERE t > {{ t: timestamp }}';
  const t = '2026-07-01T12:00';
  expect(bound('postgres', text, { t }).sql).toContain('($1::timestamp)');
  expect(bound('sfmc', text, { t }).sql).toContain("CAST('2026-07-01T12:00:00' AS DATETIME)");
});

test('SFMC gets literals: quotes doubled, lists by commas, a minus in brackets', () => {
  const declared = declare({ name: 'l', type: 'list' }, { name: 'n', type: 'number' }, { name: 'b', type: 'boolean' });
  const values = { s: "O'Neil", l: ['a', "b'c"], n: -5, b: true };
  expect(bound('sfmc', 'SELECT 1-{{n}} AS x WHERE a = {{ s }} AND b IN ({{ l }}) AND c IN {{ l }} AND d = {{ b }}', values, declared).sql).toBe(
    "SELECT 1- (-5) AS x WHERE a = N'O''Neil' AND b IN (N'a', N'b''c') AND c IN (N'a', N'b''c') AND d = 1",
  ); // prettier-ignore
});

test('AMC keeps its placeholders and gets their types; a list is compared by CONTAINED_IN', () => {
  const declared = declare({ name: 'ids', type: 'list', of: 'number' }, { name: 'c' });
  const { sql, parameters, amcParameters } = bound(
    'amc',
    'SELECT x WHERE c = {{ c: text }} AND a.id NOT IN ({{ ids }}) AND t > {{ window.from }}',
    { ids: [1, 2], c: 'x' },
    declared,
  );
  expect(sql).toBe(
    "SELECT x WHERE c = {{ c }} AND NOT CONTAINED_IN(a.id, {{ ids }}) AND t > BUILT_IN_PARAMETER('TIME_WINDOW_START')",
  );
  expect(parameters).toEqual({ ids: ['1', '2'], c: 'x' });
  expect(amcParameters).toMatchObject([
    { name: 'c', type: 'STRING', isList: false },
    { name: 'ids', type: 'LONG', isList: true },
  ]);
});

test('an optional clause drops out while one of its parameters has no value', () => {
  const text = 'SELECT 1 AS a FROM t WHERE 1=1 [[ AND c = {{ c }} ]] [[ AND d IN ({{ d: text[] }}) ]]';
  expect(bound('sfmc', text, { c: 'x' }).sql.replaceAll(/\s+/g, ' ').trim()).toBe(
    "SELECT 1 AS a FROM t WHERE 1=1 AND c = N'x'",
  );
  expect(bound('sfmc', text, { d: [] }).sql.replaceAll(/\s+/g, ' ').trim()).toBe('SELECT 1 AS a FROM t WHERE 1=1');
});

test('arrays of PostgreSQL and bracketed names of T-SQL are no optional clauses', () => {
  expect(bound('postgres', 'select array[[1,{{ a: number }}]]', { a: 2 }).sql).toBe('select array[[1,($1::bigint)]]');
  expect(bound('sfmc', 'SELECT [a b] FROM t [[WHERE [a b] = {{ a }}]]', { a: 'x' }).sql).toContain("[a b] = N'x'");
});

test('a missing value is told, unless the parameter is not required: then it is null', () => {
  expect(faults('sfmc', 'SELECT {{ a }} AS a', {})).toEqual(['parameter.missing a']);
  const declared = declare({ name: 'a', isRequired: false });
  expect(bound('sfmc', 'SELECT {{ a }} AS a', {}, declared).sql).toBe('SELECT NULL AS a');
  expect(bound('postgres', 'SELECT {{ a }} AS a', {}, declared).parameters).toEqual({ 1: null });
  expect(faults('amc', 'SELECT {{ a }} AS a', {}, declared)).toEqual(['parameter.missing a']);
});

test('a value that does not fit its type is told', () => {
  expect(faults('sfmc', 'SELECT {{ a: number }} AS a', { a: '1; DROP' })).toEqual(['parameter.invalid a']);
  expect(faults('sfmc', 'SELECT {{ a: date }} AS a', { a: '2026-02-30' })).toEqual(['parameter.invalid a']);
  expect(faults('sfmc', 'SELECT {{ a }} AS a', { a: 'a\u0000b' })).toEqual(['parameter.invalid a']);
});

test('placeholders in strings, names and comments are left alone', () => {
  const text = "SELECT '{{ a }}' AS [x {{ b }}] -- {{ c }}\n/* {{ d }} */";
  expect(bound('sfmc', text, {}).sql).toBe(text);
  expect(parametersOf('sfmc', text)).toEqual([]);
});

test('a place in the bound text leads back to the line and column the user wrote', () => {
  const text = 'SELECT a\nFROM t WHERE x = {{ long_name }} [[ AND y = {{ gone }} ]] AND bad = 1';
  const { map, sql } = bound('sfmc', text, { long_name: 'v' });
  expect(userOffset(map, sql.indexOf('bad'))).toBe(text.indexOf('bad'));
  expect(userOffset(map, sql.indexOf("N'v'") + 2)).toBe(text.indexOf('{{'));
  const column = sql.split('\n')[1]?.indexOf('bad') ?? 0;
  expect(userPosition(map, { line: 2, column: column + 1 })).toEqual({ line: 2, column: text.indexOf('bad') - 8 });
});

test('relative dates are resolved by the given clock, and what was asked is kept', () => {
  const parameters = declare({ name: 'd', type: 'date', default: 'yesterday' }, { name: 'n', type: 'number' });
  const made = resolveParameters(parameters, { n: '7' }, { now: '2026-11-21T03:00:00Z', timeZone: 'America/New_York' });
  expect(made).toMatchObject({
    ok: true,
    parameters: [
      { name: 'd', value: '2026-11-19', from: 'default', asked: 'yesterday' },
      { name: 'n', value: 7, from: 'given' },
    ],
  });
});

/** Every text there is, and those that try to get out. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^['"\\;\-/* \n[\]{}N$a-z0-9()]{0,40}$/),
  fc.constantFrom(
    "' OR 1=1 --",
    "\\'; DROP TABLE x --",
    "\\\n' --",
    '*/ SELECT',
    "''",
    "N''",
    ']]',
    '$1',
    '{{ b }}',
    '$$',
  ),
);
const meaningful = (text: string) => tokenize('sfmc', text).filter(({ kind }) => kind !== 'space' && kind !== 'end');

test('no text escapes its literal: the bound text has the tokens of the query, with strings in place of the value', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, two) => {
      const made = bindQuery('sfmc', 'SELECT a WHERE x={{ a }}AND y IN ({{ b: text[] }}) AND z = 1', [], {
        a: one,
        b: [two, one],
      });
      if (!made.ok) return;
      const kinds = meaningful(made.bound.sql).map(({ kind, key }) => (kind === 'string' ? 'string' : key));
      // A literal cut at a line break is several strings, joined by plus signs in brackets.
      const plain = kinds.join(' ').replaceAll(/\( string(?: \+ string)+ \)/g, 'string');
      expect(plain).toBe('SELECT A WHERE X = string AND Y IN ( string , string ) AND Z = ');
    }),
    { numRuns: 1_000 },
  );
});

test('a text comes out of its literal as it went in', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const made = bindQuery('sfmc', '{{ a }}', [], { a: value });
      if (!made.ok) return;
      const strings = tokenize('sfmc', made.bound.sql).filter(({ kind }) => kind === 'string');
      expect(strings.map((token) => token.value).join('')).toBe(value);
    }),
    { numRuns: 1_000 },
  );
});

test('no number, date or truth escapes either, whatever is given for it', () => {
  fc.assert(
    fc.property(fc.constantFrom('number', 'date', 'timestamp', 'boolean'), fc.oneof(anyText, fc.double(), fc.integer()), (type, value) => {
      const made = bindQuery('sfmc', `SELECT 1-{{ a: ${type} }}-1 AS x`, [], { a: value });
      if (!made.ok) return;
      const tokens = tokenize('sfmc', made.bound.sql);
      expect(tokens.some(({ kind }) => kind === 'comment' || kind === 'broken')).toBe(false);
      const value_ = made.bound.sql.slice('SELECT 1-'.length, -'-1 AS x'.length).trim();
      expect(value_).toMatch(/^(?:\(?-?[\d.]+(?:[eE][+-]?\d+)?\)?|CAST\('[\d:.T-]+' AS DATE(?:TIME)?\))$/);
    }),
    { numRuns: 1_000 },
  ); // prettier-ignore
});

test('PostgreSQL and AMC never have a value in their text', () => {
  fc.assert(
    fc.property(fc.constantFrom('postgres' as const, 'amc' as const), anyText, (dialect, value) => {
      const made = bindQuery(dialect, 'SELECT a WHERE x = {{ a }}', [], { a: value });
      const plain = dialect === 'amc' ? 'SELECT a WHERE x = {{ a }}' : 'SELECT a WHERE x = $1';
      expect(made.ok ? made.bound.sql : plain).toBe(plain);
    }),
  );
});
