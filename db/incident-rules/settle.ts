import type { StartStatus } from '#contracts/incident-rules/incident-rules.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { TenantTx } from '../kit/database.ts';

export interface Settlement {
  status: StartStatus;
  why?: string;
  runId?: string | null;
  inputs?: JsonObject;
  hosts?: string[];
  depth?: number;
  error?: RunError;
  decidedBy?: ActorRef;
}

/** Writes down what became of a note. */
export async function settle(
  tx: TenantTx,
  { id }: { id: string },
  { inputs, error, decidedBy, ...plain }: Settlement,
): Promise<void> {
  await tx
    .updateTable('incidentStarts')
    .set({
      ...plain,
      ...(inputs && { inputs: JSON.stringify(inputs) }),
      ...(error && { error: JSON.stringify(error) }),
      ...(decidedBy && { decidedBy: JSON.stringify(decidedBy) }),
      decidedAt: new Date(),
    })
    .where('id', '=', id)
    .execute();
}
