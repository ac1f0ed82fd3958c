import { sql } from 'kysely';
import { findJumpProblems } from '#contracts/servers/jumps.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';

/** Changes of jump hosts take turns in a workspace: two that are fine alone could close a circle together. */
export const lockJumps = (tx: TenantTx): Promise<unknown> =>
  sql`select pg_advisory_xact_lock(hashtext('servers.jumps'), hashtext(current_setting('app.tenant_id')))`.execute(tx);

/** Every way in the workspace: a server's id → the one it is reached through, and the names of both. */
export async function jumpWays(tx: TenantTx): Promise<{ jumpOf: Map<string, string>; nameOf: Map<string, string> }> {
  const rows = await tx
    .selectFrom('servers as s')
    .innerJoin('servers as j', (join) =>
      join.onRef('j.workspaceId', '=', 's.workspaceId').onRef('j.id', '=', 's.jumpServerId'),
    )
    .select(['s.id', 's.name', 'j.id as jumpId', 'j.name as jumpName'])
    .execute();
  return {
    jumpOf: new Map(rows.map(({ id, jumpId }) => [id, jumpId])),
    nameOf: new Map(
      rows.flatMap(
        ({ id, name, jumpId, jumpName }) =>
          [
            [id, name],
            [jumpId, jumpName],
          ] as const,
      ),
    ),
  };
}

/** After a change, in its transaction: no way may lead in a circle or through more than five others. */
export async function refuseBadJumps(tx: TenantTx): Promise<void> {
  await lockJumps(tx);
  const { jumpOf, nameOf } = await jumpWays(tx);
  const [problem] = findJumpProblems(jumpOf, (id) => nameOf.get(id) ?? id).values();
  if (problem) throw new Refusal(problem.code, problem.facts);
}
