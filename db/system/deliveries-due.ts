import { sql } from 'kysely';
import type { SystemTx } from '../kit/database.ts';

/** Workspaces in which a message waits whose time has come. */
export const workspacesWithDue = async (tx: SystemTx): Promise<string[]> =>
  (
    await tx
      .selectFrom('deliveries')
      .select('workspaceId')
      .distinct()
      .where('status', '=', 'waiting')
      .where('dueAt', '<=', sql<Date>`now()`)
      .execute()
  ).map(({ workspaceId }) => workspaceId);
