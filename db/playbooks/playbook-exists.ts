import type { TenantTx } from '../kit/database.ts';

/** Whether this workspace has such a playbook, and it is not deleted. */
export const playbookExists = async (tx: TenantTx, id: string): Promise<boolean> =>
  (await tx
    .selectFrom('playbooks')
    .select('id')
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()) !== undefined;
