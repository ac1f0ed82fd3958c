import { CamelCasePlugin, type KyselyPlugin } from 'kysely';

type Result = Parameters<KyselyPlugin['transformResult']>[0]['result'];
type Row = Result['rows'][number];

/**
 * Names in snake_case in SQL and in camelCase in code; keys inside JSON columns stay as they are. All rows of a result
 * have the same columns, so their names are changed once, and rows that need no change are not copied.
 */
export class CamelCaseRows extends CamelCasePlugin {
  constructor() {
    super({ maintainNestedObjectKeys: true });
  }

  override async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]): Promise<Result> {
    const [first] = result.rows;
    if (!first) return result;
    const names = Object.keys(first).map((column) => [column, this.camelCase(column)] as const);
    if (names.every(([column, name]) => column === name)) return result;
    const rows = result.rows.map((row) => {
      const renamed: Row = {};
      for (const [column, name] of names) renamed[name] = row[column];
      return renamed;
    });
    return { ...result, rows };
  }
}
