import { type IncidentState, incidentStates, stateNames } from '#contracts/incidents/states.ts';
import type { TenantTx } from '../kit/database.ts';

export interface IncidentSettings {
  names: Record<IncidentState, string>;
  prefix: string;
  postmortemOutline: string;
}

/** What a postmortem begins with where a workspace has not said otherwise. `{timeline}` is where the story goes. */
const usualOutline = `## What happened

## Who was affected, and how

## Why it happened

## What went well, what did not

## What we change

## Timeline

{timeline}`;

/** The workspace's own words, and those of the house where it has none. */
export async function readIncidentSettings(tx: TenantTx): Promise<IncidentSettings> {
  const row = await tx.selectFrom('incidentSettings').selectAll().executeTakeFirst();
  return {
    names: Object.fromEntries(incidentStates.map((state) => [state, row?.names[state] ?? stateNames[state]])) as Record<
      IncidentState,
      string
    >,
    prefix: row?.prefix ?? 'INC',
    postmortemOutline: row?.postmortemOutline ?? usualOutline,
  };
}

/** Keeps them. Keys that were given stay as they are. */
export async function keepIncidentSettings(
  tx: TenantTx,
  {
    names,
    prefix,
    postmortemOutline,
  }: { names: Partial<Record<IncidentState, string>>; prefix: string; postmortemOutline: string },
): Promise<void> {
  const values = {
    names: JSON.stringify(names),
    prefix,
    postmortemOutline: postmortemOutline.trim() === '' || postmortemOutline === usualOutline ? null : postmortemOutline,
  };
  await tx
    .insertInto('incidentSettings')
    .values(values)
    .onConflict((conflict) => conflict.column('workspaceId').doUpdateSet(values))
    .execute();
}
