import type { SystemTx } from '../kit/database.ts';

/** Whose events a token brings; undefined where it is nobody's, or its source is switched off. */
export const findLogToken = (
  tx: SystemTx,
  tokenHash: string,
): Promise<{ workspaceId: string; sourceId: string; timeZone: string } | undefined> =>
  tx
    .selectFrom('logSourceTokens as t')
    .innerJoin('logSources as s', (join) =>
      join.onRef('s.workspaceId', '=', 't.workspaceId').onRef('s.id', '=', 't.sourceId'),
    )
    .select(['t.workspaceId', 't.sourceId', 's.timeZone'])
    .where('t.tokenHash', '=', tokenHash)
    .where('s.enabled', '=', true)
    .executeTakeFirst();
