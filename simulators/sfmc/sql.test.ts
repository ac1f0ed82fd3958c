import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseQuery } from './sql/parse.ts';
import { translateQuery } from './sql/translate.ts';
import { unitCatalog } from './extensions.ts';
import { checkText } from './runs.ts';
import { makeWorld } from './seed.ts';
import { Scenario } from './scenario.ts';

const world = makeWorld(Scenario.parse({}), []);
beforeAll(() => world.store.ask({ op: 'exec', sql: 'select 1' }));
afterAll(() => world.stop());
const retail = 7_000_001;

async function rows(sql: string, mid = retail): Promise<unknown[][]> {
  const catalog = unitCatalog(world, mid);
  const translated = translateQuery(parseQuery(sql), catalog);
  await catalog.prepare();
  const found = await world.store.ask<Record<string, unknown>[]>({ op: 'all', sql: translated.sql, values: [] });
  return found.map((row) => Object.values(row));
}
/** The values of one row. */
const one = async (select: string) => (await rows(`SELECT ${select}`))[0];

describe('values are as T-SQL computes them', () => {
  test.each([
    ["'a' + 'b' AS x, 1 + 2 AS y, '1' + 2 AS z, 'a' + NULL AS n", ['ab', 3, 3, null]],
    ['7 / 2 AS a, 7 % 4 AS b, 7.0 / 2 AS c', [3, 3, 3.5]],
    [
      "LEN('ab  ') AS a, LEFT('abc', 2) AS b, RIGHT('abc', 2) AS c, SUBSTRING('abcdef', 2, 3) AS d, CHARINDEX('C', 'abc') AS e",
      [2, 'ab', 'bc', 'bcd', 3],
    ],
    [
      "STUFF('abcdef', 2, 3, 'X') AS a, REPLICATE('ab', 2) AS b, REVERSE('abc') AS c, REPLACE('aXa', 'x', 'b') AS d, PATINDEX('%[0-9]%', 'ab3') AS e",
      ['aXef', 'abab', 'cba', 'aba', 3],
    ],
    [
      "ISNULL(NULL, 'x') AS a, COALESCE(NULL, NULL, 3) AS b, NULLIF(1, 1) AS c, IIF(1 > 2, 'y', 'n') AS d",
      ['x', 3, null, 'n'],
    ],
    [
      "DATEADD(month, 1, '2026-01-31') AS a, DATEDIFF(day, '2026-01-01 23:00', '2026-01-02 01:00') AS b, DATEPART(quarter, '2026-05-01') AS c, EOMONTH('2024-02-10') AS d",
      ['2026-02-28 00:00:00', 1, 2, '2024-02-29 00:00:00'],
    ],
    [
      "CONVERT(varchar(10), CAST('2026-03-04 05:06:07' AS datetime), 120) AS a, CONVERT(varchar, CAST('2026-03-04' AS date), 101) AS b, CAST('12' AS int) AS c, CAST(1.256 AS decimal(10,2)) AS d",
      ['2026-03-04', '03/04/2026', 12, 1.26],
    ],
    ["CASE WHEN 'A' = 'a' THEN 1 ELSE 0 END AS a, CASE 2 WHEN 1 THEN 'x' WHEN 2 THEN 'y' END AS b", [1, 'y']],
    ['ROUND(2.345, 2) AS a, CEILING(1.2) AS b, FLOOR(-1.2) AS c, SIGN(-4) AS d, SQUARE(3) AS e', [2.35, 2, -2, -1, 9]],
    [
      "FORMAT(CAST('2026-03-04' AS date), 'yyyy-MM') AS a, DATENAME(month, '2026-03-04') AS b, JSON_VALUE('{\"a\":{\"b\":5}}', '$.a.b') AS c",
      ['2026-03', 'March', '5'],
    ],
  ])('%s', async (select, values) => {
    expect(await one(select)).toEqual(values);
  });
});

describe('queries', () => {
  test('joins, groups, windows, set operations, subqueries', async () => {
    expect(
      await rows('SELECT TOP 2 City, COUNT(*) AS n FROM Members GROUP BY City ORDER BY COUNT(*) DESC, City'),
    ).toHaveLength(2);
    const total = await rows('SELECT City, SUM(Points) AS s FROM Members GROUP BY ROLLUP(City)');
    const sums = total.map(([, sum]) => Number(sum));
    expect(total.filter(([city]) => city === null)).toHaveLength(1);
    expect(Math.max(...sums)).toBe(sums.reduce((sum, value) => sum + value, 0) / 2);
    expect(
      await rows(
        'SELECT x.a FROM (SELECT 1 AS a UNION SELECT 1 AS a UNION ALL SELECT 2 AS a) x WHERE x.a IN (SELECT 1 AS b)',
      ),
    ).toEqual([[1]]);
    expect(
      await rows(
        'SELECT m.SubscriberKey FROM Members m WHERE NOT EXISTS (SELECT 1 AS a FROM Preferences p WHERE p.SubscriberKey = m.SubscriberKey)',
      ),
    ).toHaveLength(2_000);
    expect(
      await rows(
        'SELECT r.n FROM (SELECT ROW_NUMBER() OVER (PARTITION BY City ORDER BY Points DESC) AS n FROM Members) r WHERE r.n = 1',
      ),
    ).toHaveLength(8);
    expect(await rows('SELECT Store FROM Stores ORDER BY Store OFFSET 5 ROWS FETCH NEXT 3 ROWS ONLY')).toHaveLength(3);
    expect(await rows('SELECT TOP 50 PERCENT Store FROM Stores ORDER BY Store')).toHaveLength(20);
    expect(await rows('SELECT COUNT(*) AS n FROM Purchases')).toEqual([[1_000_000]]);
  });

  test('data views fit together, and each unit sees its own', async () => {
    const joined =
      'SELECT COUNT(*) AS n FROM _Open o JOIN _Sent s ON s.JobID = o.JobID AND s.ListID = o.ListID AND s.BatchID = o.BatchID AND s.SubscriberID = o.SubscriberID';
    const [[opens]] = (await rows('SELECT COUNT(*) AS n FROM _Open')) as [[number]];
    expect(opens).toBeGreaterThan(5_000);
    expect(Number((await rows(joined))[0]?.[0])).toBeGreaterThanOrEqual(opens);
    const sent = async (mid: number) => Number((await rows('SELECT COUNT(*) AS n FROM _Sent', mid))[0]?.[0]);
    expect(await sent(7_000_000)).toBe((await sent(7_000_001)) + (await sent(7_000_002)));
    expect(
      await rows(
        'SELECT COUNT(*) AS n FROM _Sent s JOIN Members m ON m.SubscriberKey = s.SubscriberKey WHERE s.EventDate > DATEADD(day, -7, GETDATE())',
      ),
    ).not.toEqual([[0]]);
    expect(
      Number((await rows('SELECT COUNT(DISTINCT CAST(EventDate AS date)) AS n FROM _Sent', 7_000_000))[0]?.[0]),
    ).toBe(90);
  });

  test('names in brackets, of the enterprise, without regard to case', async () => {
    expect(await rows('SELECT TOP 1 [1st Touch] FROM [2024 campaign]')).toHaveLength(1);
    expect(await rows('SELECT COUNT(*) AS n FROM ENT.[products]')).toEqual([[500]]);
    expect(await rows('SELECT COUNT(*) AS n FROM Ent._Subscribers WITH (NOLOCK)')).toEqual([[5_000]]);
  });
});

describe('what the service refuses, in its words', () => {
  test.each([
    ['SELECT City FROM Members;', "Incorrect syntax near ';'."],
    ['SELECT City FROM Members LIMIT 10', "Incorrect syntax near '10'."],
    ['WITH x AS (SELECT 1 AS a) SELECT a FROM x', "Incorrect syntax near the keyword 'with'."],
    ['DELETE FROM Members', "Incorrect syntax near the keyword 'delete'."],
    ['SELECT City FROM Members SELECT 1 AS a', "Incorrect syntax near the keyword 'select'."],
    ['SELECT @x AS a', 'Must declare the scalar variable "@x".'],
    ['SELECT City FROM Members ORDER BY City', /^The ORDER BY clause is invalid in views/],
    ['SELECT a.City FROM (SELECT City FROM Members ORDER BY City) a', /^The ORDER BY clause is invalid in views/],
    ['SELECT COUNT(*) FROM Members', "No column name was specified for column 1 of 'querydef'."],
    ['SELECT City, City FROM Members', "The column 'City' was specified multiple times for 'querydef'."],
    [
      'SELECT m.*, p.* FROM Members m JOIN Preferences p ON p.SubscriberKey = m.SubscriberKey',
      "The column 'SubscriberKey' was specified multiple times for 'querydef'.",
    ],
    ['SELECT Nope FROM Members', "Invalid column name 'Nope'."],
    ['SELECT City AS c FROM Members WHERE c = 1', "Invalid column name 'c'."],
    ['SELECT x.City FROM Members m', 'The multi-part identifier "x.City" could not be bound.'],
    ['SELECT Topic FROM Nothing', "Invalid object name 'Nothing'."],
    ['SELECT Name FROM Products', "Invalid object name 'Products'."],
    [
      'SELECT SubscriberKey FROM Members m JOIN Preferences p ON p.SubscriberKey = m.SubscriberKey',
      "Ambiguous column name 'SubscriberKey'.",
    ],
    ['SELECT Points, COUNT(*) AS n FROM Members GROUP BY City', /^Column 'Points' is invalid in the select list/],
    ['SELECT City FROM Members WHERE COUNT(*) > 1', /^An aggregate may not appear in the WHERE clause/],
    ["SELECT STRING_SPLIT('a', 'b') AS x", "'string_split' is not a recognized built-in function name."],
    ["SELECT 'a AS x", /^Unclosed quotation mark/],
    ['SELECT x FROM Members m JOIN Preferences p', "Incorrect syntax near ')'."],
    ['SELECT a FROM (SELECT 1 AS a)', "Incorrect syntax near ')'."],
    ['SELECT City FROM Members WHERE City IN ()', "Incorrect syntax near ')'."],
    ['SELECT City FROM Members OFFSET 5 ROWS', /^Incorrect syntax near/],
  ])('%s', async (sql, words) => {
    const [said] = await checkText(world, retail, sql);
    expect(typeof words === 'string' ? said === words : words.test(said ?? ''), said).toBe(true);
  });

  test('what only shows while it runs', async () => {
    await expect(rows("SELECT CAST('x' AS int) AS a")).rejects.toThrow(
      "Conversion failed when converting the varchar value 'x' to data type int.",
    );
    await expect(rows('SELECT 1 / (SELECT 0 AS z) AS a')).rejects.toThrow('Divide by zero error encountered.');
    await expect(rows("SELECT CAST('soon' AS date) AS a")).rejects.toThrow(
      'Conversion failed when converting date and/or time from character string.',
    );
  });
});
