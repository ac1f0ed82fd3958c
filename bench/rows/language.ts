import type { SchemaObject } from '#contracts/queries/engine.ts';
import { analyse } from '#contracts/queries/sql/analyse.ts';
import { complete } from '#contracts/queries/sql/complete.ts';
import { SchemaIndex } from '#contracts/queries/sql/schema-index.ts';
import { ms, spreadOf, spreadText } from '../kit/figures.ts';
import { rounds, type Row } from '../kit/row.ts';

const tables = 5_000;
const columnsEach = 9;
const lines = 500;
const diagnosticsLimitMs = 30;
const completionLimitMs = 16;

/** A schema of 50,000 names: 5,000 tables of nine columns. */
const schema: SchemaObject[] = Array.from({ length: tables }, (_, at) => ({
  id: `t${at}`,
  kind: 'table',
  name: `Customer Orders ${at}`,
  sqlName: `[Customer Orders ${at}]`,
  parentId: null,
  description: null,
  columns: Array.from({ length: columnsEach }, (__, column) => ({ name: `Column_${at}_${column}`, type: 'text', length: 50 })),
  details: {},
})); // prettier-ignore

/** A query of 500 lines, as people write them: joins, subqueries, conditions, a mistake at the place that is typed at. */
function longQuery(): string {
  const branch = (at: number): string[] => [
    'SELECT',
    `  a.Column_${at}_0 AS One,`,
    `  UPPER(a.Column_${at}_1) AS Two,`,
    `  CASE WHEN b.Column_${at + 1}_2 = {{ city }} THEN 'x' ELSE LEFT(a.Column_${at}_3, 5) END AS Three,`,
    `  COUNT(*) AS Four`,
    `FROM [Customer Orders ${at}] a`,
    `  JOIN [Customer Orders ${at + 1}] b ON a.Column_${at}_0 = b.Column_${at + 1}_0`,
    `WHERE a.Column_${at}_4 IN (SELECT Column_${at + 2}_0 FROM [Customer Orders ${at + 2}] WHERE Column_${at + 2}_1 IS NOT NULL)`,
    `GROUP BY a.Column_${at}_0, UPPER(a.Column_${at}_1), CASE WHEN b.Column_${at + 1}_2 = {{ city }} THEN 'x' ELSE LEFT(a.Column_${at}_3, 5) END`,
    'UNION ALL',
  ];
  return Array.from({ length: lines / 10 }, (_, at) => branch(at * 7))
    .flat()
    .slice(0, -1)
    .join('\n');
}

export const language: Row = {
  name: 'language',
  notes: [
    'Language: what the editor’s worker does at a key stroke, measured in Node on the main thread; the message to the worker and back adds about a millisecond. Each stroke changes the text, so nothing is remembered of the one before; one in four leaves an unknown name, for which the nearest is sought.',
  ],
  measure: async (tools) => {
    const begun = performance.now();
    const index = new SchemaIndex('sfmc', schema);
    tools.say(`an index of ${tables * (columnsEach + 1)} names is built in ${ms(performance.now() - begun)}`);
    const query = longQuery();
    const places = [...query.matchAll(/\bOne\b|\ba\.|\bFROM \[/g)].map((match) => match.index + match[0].length);
    const count = rounds(tools, 400);
    const strokes: number[] = [];
    const completions: number[] = [];
    for (let round = -20; round < count; round++) {
      const at = places[(Math.abs(round) * 13) % places.length] ?? 0;
      const typed = round % 4 === 0 ? `${query.slice(0, at)}Colum_${round}${query.slice(at)}` : `${query.slice(0, at)} ${query.slice(at)}`;
      const before = performance.now();
      analyse('sfmc', typed, index);
      const between = performance.now();
      complete(typed, at, index);
      const after = performance.now();
      // The first ones are the engine's own warming up, which a page has behind it when somebody types.
      if (round < 0) continue;
      strokes.push(between - before);
      completions.push(after - between);
    }
    const line = (what: string, figures: readonly number[], limit: number) => {
      const spread = spreadOf(figures);
      return { what, ours: spreadText(spread), peer: `${limit} ms`, target: `p95 ≤ ${limit} ms`, isMet: spread.p95 <= limit };
    };
    return [
      line(`key stroke → diagnostics, ${lines} lines of T-SQL, p50/p95/p99`, strokes, diagnosticsLimitMs),
      line('completion with 50,000 schema items in that text, p50/p95/p99', completions, completionLimitMs),
    ];
  },
}; // prettier-ignore
