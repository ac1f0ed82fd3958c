import { v7 as uuidv7 } from 'uuid';
import type { Happening } from '#contracts/incident-rules/incident-rules.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import type { TenantTx } from '../kit/database.ts';
import type { HappenedFacts, StartRow } from './tables.ts';

/** A note for an incident: a rule that is to be asked, or a playbook that is suggested or due. */
export interface NewStart {
  /** Chosen ahead where a repeated request must find the same one. */
  id?: string;
  incidentId: string;
  playbookId: string;
  playbookVersion: number | null;
  status: 'pending' | 'suggested' | 'due';
  actor: ActorRef;
  ruleId?: string;
  happened?: Happening;
  facts?: HappenedFacts;
  inputs?: JsonObject;
  runId?: string;
  why?: string;
}

/** Writes notes. @returns those that are new: of an id, and of a playbook that is due or under way for its incident, there is one */
export const noteStarts = async (tx: TenantTx, starts: readonly NewStart[]): Promise<StartRow[]> =>
  starts.length === 0
    ? []
    : tx
        .insertInto('incidentStarts')
        .values(
          starts.map(({ id = uuidv7(), actor: { kind, id: actorId, name }, facts, inputs, ...plain }) => ({
            id,
            actor: JSON.stringify({ kind, id: actorId, name }),
            ...plain,
            ...(facts && { facts: JSON.stringify(facts) }),
            ...(inputs && { inputs: JSON.stringify(inputs) }),
          })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .execute();
