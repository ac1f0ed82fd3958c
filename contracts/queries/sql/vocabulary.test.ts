import { expect, test } from 'vitest';
import type { SchemaObject } from '../engine.ts';
import { analyse } from './analyse.ts';

const table: SchemaObject = { id: 't', kind: 'source', name: 't', sqlName: 't', parentId: null, description: null, details: {}, columns: [{ name: 'a', type: 'text' }] }; // prettier-ignore
const codes = (dialect: 'sfmc' | 'amc', sql: string): string[] =>
  analyse(dialect, sql, [table]).diagnostics.map(({ severity, code }) => `${severity} ${code}`);
const words = (text: string): string[] => text.trim().split(/\s+/);

// Marketing Cloud's own words (SFMC §8.2). GO is one only where it stands alone on its line, which has a test of its own.
test.each(
  words(`insert update delete merge truncate drop alter create grant revoke commit rollback savepoint cursor open close
    deallocate backup restore kill waitfor declare set while if begin exec execute print raiserror throw try catch goto
    return break continue`),
)('%s is refused at the start of a statement and after a query', (word) => {
  expect(codes('sfmc', `${word} x`)).toContain('error sql.blocked_word');
  expect(codes('sfmc', `SELECT a AS b FROM t\n${word} x`)).toContain('error sql.blocked_word');
});

test('every function that Marketing Cloud has is known, and those of later servers are warned of', () => {
  const known =
    words(`left right len charindex patindex concat ltrim rtrim lower upper newid format substring replace stuff
    reverse replicate space str char ascii nchar unicode getdate getutcdate datepart datename year month day datefromparts
    datetimefromparts dateadd datediff eomonth isdate sysdatetime sysutcdatetime sysdatetimeoffset switchoffset
    todatetimeoffset min max avg sum count abs ceiling floor round sign sqrt square power exp log log10 rand pi sin cos tan
    asin acos atan atan2 cot degrees radians stdev stdevp var varp isnull coalesce nullif iif json_value json_query checksum
    row_number rank dense_rank ntile lead lag first_value last_value percent_rank cume_dist`);
  const unknown = known.filter((name) =>
    codes('sfmc', `SELECT ${name}(a) AS x FROM t`).some((code) => code.endsWith('sql.unknown_function')),
  );
  expect(unknown).toEqual([]);
  for (const name of ['trim', 'string_agg'])
    expect(codes('sfmc', `SELECT ${name}(a) AS x FROM t`), name).toContain('warning sql.newer_function');
});

test.each(words('string_split openjson json_modify isjson try_parse try_cast try_convert'))(
  '%s is refused: this server has none',
  (name) => expect(codes('sfmc', `SELECT ${name}(a) AS x FROM t`)).toContain('error sql.unknown_function'),
);

test('every function that Amazon has is known', () => {
  const known =
    words(`CHARINDEX CONCAT FORMAT INSTR LEFT LENGTH LOCATE LOWER LTRIM REGEXP_REPLACE REGEXP_SUBSTR REGEXP_SPLIT
    REPLACE RIGHT RTRIM STRPOS STR_TO_MAP UPPER ABS CEIL EXP FLOOR LN LOG LOG10 POWER ROUND SQRT TRUNC AVG MIN MAX SUM
    CONVERT_TIME_ZONE_FROM_UTC DAYOFMONTH DAYOFWEEK EPOCH_TO_UTC_TIMESTAMP HOUR MINUTE MONTH SECOND WEEK YEAR SECONDS_BETWEEN
    DATE_TRUNC COALESCE IF IFNULL NULLIF NVL NVL2 CONTAINED_IN GREATEST LEAST ARRAY_CAT ARRAY_CONTAINS ARRAY_COMPLEMENT
    ARRAY_DISTINCT ARRAY_INTERSECT ARRAY_REMOVE ARRAY_SORT ARRAY_TO_STRING ARRAY_UNION CARDINALITY COLLECT EXPLODE FLATTEN
    NAMED_ROW SKEWNESS PERCENTILE APPROX_PERCENTILE MEDIAN HASH64 MD5 SHA1 FROM_VARBINARY TO_VARBINARY JSON_EXTRACT
    JSON_SERIALIZE STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP`);
  const refused = known.filter((name) =>
    codes('amc', `SELECT COUNT(*) AS n, MAX(${name}(a)) AS x FROM t`).some((code) => code.endsWith('unknown_function')),
  );
  expect(refused).toEqual([]);
  for (const name of ['RANDOM()', 'UUID()', 'E()', 'CURRENT_DATE', 'CURRENT_TIMESTAMP', "EXTRACT(YEAR FROM CAST('2026-01-01' AS DATE))"])
    expect(codes('amc', `SELECT COUNT(*) AS n, MAX(${name}) AS x FROM t`), name).toEqual([]); // prettier-ignore
});

test.each(words('NTILE GETDATE NOW ISNULL DATEADD'))('%s is none of Amazon’s', (name) =>
  expect(codes('amc', `SELECT COUNT(*) AS n, ${name}(a) AS x FROM t GROUP BY a`)).toContain(
    'error sql.unknown_function',
  ),
);
