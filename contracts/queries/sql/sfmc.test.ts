import { expect, test } from 'vitest';
import type { ColumnType, SchemaObject } from '../engine.ts';
import { analyse, inferColumns } from './analyse.ts';
import type { Diagnostic } from './language.ts';

const column = (text: string) => {
  const [, name = '', type = 'text', length, key] = /^(.+?):(\w+)(?:\((\d+)\))?(\*)?$/.exec(text) ?? [];
  return { name, type: type as ColumnType, ...(length && { length: Number(length) }), ...(key && { isKey: true, isRequired: true }) };
}; // prettier-ignore
const object = (name: string, sqlName: string, columns: string[], isSystem = false): SchemaObject => ({
  id: name,
  kind: isSystem ? 'view' : 'table',
  name,
  sqlName,
  parentId: null,
  description: null,
  columns: columns.map(column),
  details: isSystem ? { isSystem } : {},
});
const schema = [
  object('Members', 'Members', [
    'Id:integer*',
    'Email:email',
    'City:text(80)',
    'First Name:text(50)',
    'Joined:timestamp',
  ]),
  object('Orders', 'Orders', ['OrderId:text(20)*', 'Id:integer', 'Total:decimal', 'Note:text']),
  object('Loyalty - Gold Tier', '[Loyalty - Gold Tier]', ['Id:integer', 'Tier:text(10)']),
  object('2024 Campaign', '[2024 Campaign]', ['Id:integer']),
  object('Products', 'Ent.Products', ['Sku:text(30)*']),
  object('_Sent', '_Sent', ['JobID:integer', 'SubscriberKey:text(254)', 'EventDate:timestamp'], true),
];
const told = (sql: string, options = {}) => analyse('sfmc', sql, schema, options).diagnostics;
const short = (sql: string, options = {}) =>
  told(sql, options).map(
    ({ severity, code, from, to }) => `${severity === 'error' ? 'E' : 'W'} ${code}: ${sql.slice(from, to)}`,
  );
const fixed = (sql: string, [fix]: Diagnostic['fixes'] = told(sql).flatMap(({ fixes }) => fixes)) =>
  (fix?.edits ?? []).toSorted((a, b) => b.from - a.from).reduce((text, edit) => text.slice(0, edit.from) + edit.text + text.slice(edit.to), sql); // prettier-ignore

test.each([
  'SELECT Id, Email AS Mail FROM Members',
  'SELECT TOP 10 PERCENT m.Id FROM Members AS m ORDER BY m.Joined DESC',
  'SELECT City, COUNT(*) AS n FROM Members GROUP BY City HAVING COUNT(*) > 1',
  'SELECT City, YEAR(Joined) AS y, COUNT(*) AS n FROM Members GROUP BY ROLLUP(City, YEAR(Joined))',
  'SELECT m.Id FROM Members m LEFT JOIN Orders o ON m.Id = o.Id WHERE o.Id IS NULL',
  'SELECT Id FROM Members UNION ALL SELECT Id FROM Orders EXCEPT SELECT Id FROM [2024 Campaign]',
  'SELECT x.Id FROM (SELECT Id, ROW_NUMBER() OVER (PARTITION BY City ORDER BY Joined DESC) AS rn FROM Members) x WHERE x.rn = 1',
  'SELECT Id FROM Members ORDER BY Joined OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY',
  "SELECT IIF(City = 'Oslo', 1, 0) AS o, Joined AT TIME ZONE 'UTC' AS t FROM Members",
  'SELECT p.Sku FROM Ent.Products p CROSS JOIN ent.[products] q',
  'SELECT Id FROM members WHERE EXISTS (SELECT * FROM Orders o WHERE o.Id = Members.Id)',
  'SELECT m.Id FROM Members m WHERE m.Joined > DATEADD(day, -7, GETDATE()) AND m.City IN ({{ cities }})',
  "SELECT Note = 'x', Id FROM Orders",
  'SELECT s.JobID FROM _Sent s WHERE s.EventDate > DATEADD(day, -1, GETDATE())',
  "SELECT STUFF((SELECT ',' + o.OrderId FROM Orders o FOR XML PATH('')), 1, 1, '') AS list FROM Members",
  'SELECT a.Id FROM (Members a INNER JOIN Orders b ON a.Id = b.Id)',
  'SELECT p.[1] AS one FROM (SELECT Id, City FROM Members) s PIVOT (COUNT(City) FOR Id IN ([1], [2])) p',
  'SELECT a.Id AS x, b.Id AS y FROM Members a CROSS APPLY (SELECT TOP 1 o.Id FROM Orders o WHERE o.Id = a.Id ORDER BY o.Id) b',
  'SELECT Id FROM Members [[ WHERE City = {{ city }} ]]',
])('it runs, and nothing is said: %s', (sql) => expect(short(sql)).toEqual([]));

test.each<[what: string, sql: string, says: string[], fix?: string]>([
  ['a command', 'DECLARE x int', ['E sql.blocked_word: DECLARE']],
  ['a change of data', "UPDATE Members SET City = 'x'", ['E sql.blocked_word: UPDATE', 'E sql.blocked_word: SET']],
  ['GO', 'SELECT Id FROM Members\nGO', ['E sql.blocked_word: GO']],
  ['a variable', 'SELECT Id FROM Members WHERE Id = @id', ['E sql.variable: @id'], 'SELECT Id FROM Members WHERE Id = {{ id }}'],
  ['a temporary table', 'SELECT 1 AS a FROM #t', ['E sql.temp_table: #t']],
  [
    'a common table expression',
    'WITH x AS (SELECT Id FROM Members) SELECT y.Id FROM x AS y JOIN x ON y.Id = x.Id',
    ['E sql.cte: WITH x'],
    'SELECT y.Id FROM (SELECT Id FROM Members) AS y JOIN (SELECT Id FROM Members) AS x ON y.Id = x.Id',
  ],
  ['LIMIT', 'SELECT Id FROM Members LIMIT 5', ['E sql.limit: LIMIT 5'], 'SELECT TOP 5 Id FROM Members '],
  ['several statements', 'SELECT Id FROM Members; SELECT Id FROM Orders', ['E sql.several_statements: SELECT Id FROM Orders']],
  ['several statements without a semicolon', 'SELECT Id FROM Members SELECT 1 AS a', ['E sql.several_statements: SELECT 1 AS a']],
  ['a semicolon at the end', 'SELECT Id FROM Members;', ['E sql.semicolon: ;'], 'SELECT Id FROM Members'],
  ['an open string', "SELECT 'abc FROM Members", ["E sql.unterminated: '"]],
  ['an open bracket', 'SELECT [Id FROM Members', ['E sql.unterminated: [']],
  ['an empty IN ()', 'SELECT Id FROM Members WHERE Id IN ()', ['E sql.empty_in: ()']],
  ['JOIN without ON', 'SELECT m.Id FROM Members m JOIN Orders o', ['E sql.join_without_on: JOIN']],
  ['a subquery without a name', 'SELECT Id FROM (SELECT Id FROM Members)', ['E sql.subquery_alias: )'], 'SELECT Id FROM (SELECT Id FROM Members) AS t1'],
  ['a name twice', 'SELECT Id, Email AS id FROM Members', ['E sql.duplicate_name: Email AS id'], 'SELECT Id, Email AS id_2 FROM Members'],
  ['a column without a name', 'SELECT COUNT(*) FROM Members', ['E sql.unnamed_column: COUNT(*)'], 'SELECT COUNT(*) AS count FROM Members'],
['a column without a name in a subquery', 'SELECT x.n FROM (SELECT MAX(Id) FROM Members) x', ['E sql.unknown_column: n', 'E sql.unnamed_column: MAX(Id)'], 'SELECT x.n FROM (SELECT MAX(Id) AS max_Id FROM Members) x'],
    ['an aggregate in WHERE', 'SELECT Id FROM Members WHERE COUNT(*) > 1', ['E sql.aggregate_in_where: COUNT(*)']],
  ['a column that is not grouped', 'SELECT City, Email, COUNT(*) AS n FROM Members GROUP BY City', ['E sql.not_grouped: Email'], 'SELECT City, Email, COUNT(*) AS n FROM Members GROUP BY City, Email'],
  ['a column number in GROUP BY', 'SELECT City, COUNT(*) AS n FROM Members GROUP BY 1', ['E sql.group_by_number: 1'], 'SELECT City, COUNT(*) AS n FROM Members GROUP BY City'],
  ['OFFSET without ORDER BY', 'SELECT Id FROM Members OFFSET 5 ROWS', ['E sql.offset_without_order: OFFSET 5 ROWS']],
  ['ORDER BY without TOP', 'SELECT Id FROM Members ORDER BY Id', ['E sql.order_by: ORDER BY Id'], 'SELECT Id FROM Members '],
  ['ORDER BY in a subquery', 'SELECT x.Id FROM (SELECT Id FROM Members ORDER BY Id) x', ['E sql.order_by: ORDER BY Id']],
  ['an alias in WHERE', 'SELECT Id AS a FROM Members WHERE a = 1', ['E sql.alias_not_here: a'], 'SELECT Id AS a FROM Members WHERE Id = 1'],
  ['an alias in GROUP BY', 'SELECT LEFT(City, 1) AS c, COUNT(*) AS n FROM Members GROUP BY c', ['E sql.not_grouped: City', 'E sql.alias_not_here: c']],
  ['an alias in HAVING', 'SELECT City, COUNT(*) AS n FROM Members GROUP BY City HAVING n > 1', ['E sql.alias_not_here: n']],
  ['an alias within an expression of ORDER BY', 'SELECT TOP 5 Id AS a FROM Members ORDER BY a + 1', ['E sql.alias_not_here: a']],
  ['SELECT * of a join', 'SELECT * FROM Orders o JOIN [2024 Campaign] c ON o.Id = c.Id', ['E sql.star_with_join: *'], 'SELECT o.OrderId, o.Id, o.Total, o.Note FROM Orders o JOIN [2024 Campaign] c ON o.Id = c.Id'],
  ['a function that is not there', "SELECT STRING_SPLIT(City, ',') AS a FROM Members", ['E sql.unknown_function: STRING_SPLIT']],
  ['TRY_CAST', 'SELECT TRY_CAST(Id AS INT) AS a FROM Members', ['E sql.unknown_function: TRY_CAST'], 'SELECT CAST(Id AS INT) AS a FROM Members'],
  ['a table’s name with spaces', 'SELECT Id FROM Loyalty - Gold Tier t', ['E sql.needs_brackets: Loyalty - Gold Tier'], 'SELECT Id FROM [Loyalty - Gold Tier] t'],
  ['a name with a leading digit', 'SELECT Id FROM 2024 Campaign', ['E sql.needs_brackets: 2024 Campaign'], 'SELECT Id FROM [2024 Campaign]'],
  ['a column’s name with spaces', 'SELECT First Name FROM Members', ['E sql.needs_brackets: First Name'], 'SELECT [First Name] FROM Members'],
  ['a word of the language as a name', 'SELECT Plan FROM (SELECT 1 AS [Plan]) x', ['E sql.reserved_name: Plan'], 'SELECT [Plan] FROM (SELECT 1 AS [Plan]) x'],
  ['one alias for two tables', 'SELECT Members.City AS c FROM Members, Members', ['E sql.self_join: Members'], 'SELECT Members.City AS c FROM Members, Members AS Members2'],
  ['an unknown data extension', 'SELECT Id FROM Membres', ['E sql.unknown_table: Membres'], 'SELECT Id FROM Members'],
  ['an unknown column', 'SELECT Emial FROM Members', ['E sql.unknown_column: Emial'], 'SELECT Email FROM Members'],
  ['an unknown alias', 'SELECT n.Id FROM Members m', ['E sql.unknown_alias: n']],
  ['a column of two tables', 'SELECT Id FROM Members m JOIN Orders o ON m.Id = o.Id', ['E sql.ambiguous_column: Id'], 'SELECT m.Id FROM Members m JOIN Orders o ON m.Id = o.Id'],
  ['parts of a UNION that differ', 'SELECT Id FROM Members UNION SELECT Id, Note FROM Orders', ['E sql.column_count: SELECT Id, Note FROM Orders']],
  ['a window function without OVER', 'SELECT ROW_NUMBER() AS n FROM Members', ['E sql.needs_over: ROW_NUMBER']],
  ['SELECT INTO', 'SELECT Id INTO x FROM Members', ['E sql.not_a_query: INTO']],
  ['a parameter in quotes', "SELECT Id FROM Members WHERE City = '{{ c }}'", ["E parameter.in_quotes: '{{ c }}'"], 'SELECT Id FROM Members WHERE City = {{ c }}'],
  ['a parameter within a text', "SELECT Id FROM Members WHERE City LIKE '{{ c }}%'", ["E parameter.in_quotes: '{{ c }}%'"], "SELECT Id FROM Members WHERE City LIKE {{ c }} + '%'"],
  ['a parameter that is none', 'SELECT {{ 1 }} AS a', ['E parameter.malformed: {{ 1 }}']],
  ['half a query', 'SELECT Id FROM', ['E sql.unexpected: ']],
])('it is refused before it is sent: %s', (_, sql, says, fix) => {
  expect(short(sql)).toEqual(says);
  expect(fix === undefined ? undefined : fixed(sql)).toBe(fix);
}); // prettier-ignore

test.each<[what: string, sql: string, says: string[], fix?: string]>([
  ['SELECT *', 'SELECT * FROM [2024 Campaign]', ['W sql.select_star: *'], 'SELECT Id FROM [2024 Campaign]'],
  ['NOT IN with nulls', 'SELECT Id FROM Members WHERE Id NOT IN (SELECT Id FROM Orders)', ['W sql.not_in_nulls:  NOT IN ('], 'SELECT Id FROM Members WHERE Id NOT IN (SELECT Id FROM Orders WHERE Id IS NOT NULL)'],
  ['!=', 'SELECT Id FROM Members WHERE Id != 1', ['W sql.not_equal_style: !='], 'SELECT Id FROM Members WHERE Id <> 1'],
  ['NOLOCK', 'SELECT Id FROM Members WITH (NOLOCK)', ['W sql.nolock: WITH (NOLOCK)'], 'SELECT Id FROM Members '],
  ['a function around an event date', "SELECT JobID FROM _Sent WHERE CONVERT(date, EventDate) = '2026-01-01'", ['W sql.date_in_function: CONVERT(date, EventDate)']],
  ['no date bound on a data view', 'SELECT JobID FROM _Sent WHERE JobID = 1', ['W sql.no_date_bound: _Sent'], 'SELECT JobID FROM _Sent WHERE JobID = 1 AND EventDate >= DATEADD(day, -30, GETDATE())'],
  ['a name of more than 50 characters', `SELECT Id AS ${'a'.repeat(51)} FROM Members`, [`W sql.long_name: Id AS ${'a'.repeat(51)}`]],
  ['a function of 2017', 'SELECT TRIM(City) AS c FROM Members', ['W sql.newer_function: TRIM'], 'SELECT LTRIM(RTRIM(City)) AS c FROM Members'],
  ['a function nobody knows', 'SELECT UPER(City) AS c FROM Members', ['W sql.unknown_function: UPER'], 'SELECT UPPER(City) AS c FROM Members'],
])('it runs, and is warned of: %s', (_, sql, says, fix) => {
  expect(short(sql)).toEqual(says);
  expect(fix === undefined ? undefined : fixed(sql)).toBe(fix);
}); // prettier-ignore

test('a connection may have common table expressions as a warning', () => {
  expect(short('WITH x AS (SELECT Id FROM Members) SELECT Id FROM x', { cte: 'warning' })).toEqual([
    'W sql.cte: WITH x',
  ]);
});

test('nothing is said of tables while the schema is not there', () => {
  expect(analyse('sfmc', 'SELECT a FROM b', []).diagnostics).toEqual([]);
});

const types = (sql: string) =>
  inferColumns('sfmc', sql, schema).columns?.map(
    ({ name, type, length, precision, scale }) =>
      `${name} ${type}${length ? `(${length})` : ''}${precision ? `(${precision},${scale})` : ''}`,
  );

test('columns of a result are told by the rules of the service', () => {
  expect(
    types(`SELECT Id, City, Email, COUNT(*) AS n, SUM(Id) AS s, AVG(Id) AS a, LEN(City) AS l, DATEDIFF(day, Joined, GETDATE()) AS d,
      Total * 2 AS t, CAST(Id AS VARCHAR(10)) AS v, CAST(Id AS BIGINT) AS big, GETDATE() AS g, UPPER(City) AS u,
      CASE WHEN Id > 1 THEN City ELSE 'x' END AS c, COALESCE(Id, Total) AS co, 'abc' AS k, 3000000000 AS w, NULL AS nil, City + '!' AS p
      FROM Members, (SELECT Total FROM Orders) o`)?.map((one) => one.replace(/^\w+ /, '')),
  ).toEqual([
    'integer', 'text(80)', 'email', 'integer', 'integer', 'decimal(18,2)', 'integer', 'integer', 'decimal(18,2)', 'text(10)',
    'decimal(18,0)', 'timestamp', 'text(4000)', 'text(80)', 'decimal(18,0)', 'text(3)', 'decimal(18,0)', 'text(254)', 'text(4000)',
  ]); // prettier-ignore
});

test('names of a result are unique, never empty and at most 50 characters', () => {
  const long = 'x'.repeat(60);
  expect(types(`SELECT Id, Id, 1 + 1, Id AS ${long}, Id AS ${long}y FROM Members`)).toEqual([
    'Id integer',
    'Id_2 integer',
    'Column3 integer',
    `${'x'.repeat(50)} integer`,
    `${'x'.repeat(48)}_1 integer`,
  ]);
});

test('a star stands for the columns of its tables', () => {
  expect(types('SELECT c.*, o.Note FROM [2024 Campaign] c JOIN Orders o ON c.Id = o.Id')).toEqual([
    'Id integer',
    'Note text',
  ]);
});

test('columns that are not loaded are asked for, and none are guessed until then', () => {
  const names = schema.map((one) => ({ ...one, columns: null }));
  const made = analyse('sfmc', 'SELECT City FROM Members', names);
  expect(made.columnsWanted).toEqual(['Members']);
  expect([made.columns, made.columnsUnknownBecause]).toEqual([null, 'The columns of Members are not loaded yet.']);
  expect(made.diagnostics).toEqual([]);
});
