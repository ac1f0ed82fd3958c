import { readSettings } from '#db/settings/settings.ts';
import type { Db, TenantTx } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { trimRecords } from '#db/notifications/trim-records.ts';
import type { Sweep } from '../kit/sweep.ts';

/** Lets go of what a workspace keeps no longer: messages sent, calls received, times of schedules. In small chunks. */
export const trimTriggerRecords = ({ db, system }: { db: Db; system: Db }): Sweep => ({
  name: 'trim-trigger-records',
  everyMs: 3_600_000,
  run: async () => {
    const workspaces = await inSystem(system, (tx) => tx.selectFrom('workspaces').select('id').execute());
    for (const { id } of workspaces) {
      const trim = async (tx: TenantTx): Promise<boolean> => {
        const { legalHold, retentionDays } = await readSettings(tx);
        return !legalHold && (await trimRecords(tx, retentionDays)) > 0;
      };
      while (await inTenant(db, id, trim));
    }
  },
});
