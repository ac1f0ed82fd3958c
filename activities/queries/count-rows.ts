import { openSource } from '#connectors/export/open-source.ts';
import { pagesOf } from '#connectors/export/source.ts';
import type { RunQueryInput } from '#contracts/queries/run-query.ts';
import { type EngineTools, engineWork, wholeResult } from './engine-work.ts';

export type CountActivities = ReturnType<typeof countActivities>;

/** Counts the rows of queries whose service tells no count. */
export const countActivities = (tools: EngineTools) => {
  const { move, withEngine } = engineWork(tools);
  return {
    /** Repeatable: reads the result of a run that has succeeded page by page and keeps none of it; its history has the count. */
    countQueryRows: (input: RunQueryInput): Promise<number> =>
      withEngine(input, async (parts) => {
        const { source } = await openSource(wholeResult(parts, parts.signal), false);
        let rows = 0;
        for await (const page of pagesOf(source)) rows += page.length;
        await move(input, { rowCount: rows });
        return rows;
      }),
  };
};
