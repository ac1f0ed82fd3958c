import type { SystemTx } from '../kit/database.ts';

/** Whose status page an address is, where it is on. What it shows is read in that workspace. */
export const findStatusPage = async (tx: SystemTx, slug: string): Promise<string | undefined> =>
  (
    await tx
      .selectFrom('statusPages')
      .select('workspaceId')
      .where('slug', '=', slug)
      .where('isOn', '=', true)
      .executeTakeFirst()
  )?.workspaceId;
