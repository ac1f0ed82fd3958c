import type { IncidentAct, IncidentAnswer, IncidentRef, IncidentStanding } from '#contracts/incidents/lifecycle.ts';
import { actOnIncident } from '#db/incidents/act-on-incident.ts';
import { lookAtIncident } from '#db/incidents/do-deeds.ts';
import { Refusal } from '#db/kit/refusal.ts';
import type { ActivityTools } from '../kit/tools.ts';

export type IncidentActivities = ReturnType<typeof incidentActivities>;

/** Activities of `incidentLifecycle`: each is one transaction that holds the incident's row. */
export const incidentActivities = ({ inTenant }: Pick<ActivityTools, 'inTenant'>) => ({
  /**
   * Does what is due and answers where the incident stands; null where it is gone. Repeatable: what was done is in the row.
   * @param at the workflow's time, in milliseconds since 1970
   */
  lookAtIncident: ({ workspaceId, incidentId }: IncidentRef, at: number): Promise<IncidentStanding | null> =>
    inTenant(workspaceId, (tx) => lookAtIncident(tx, incidentId, at)),

  /** Does what somebody asks, or says why not. Repeatable: an act is known by its id. */
  async actOnIncident(
    { workspaceId, incidentId }: IncidentRef,
    act: IncidentAct,
    of: { actId: string; at: number },
  ): Promise<IncidentAnswer> {
    try {
      return { isDone: true, standing: await inTenant(workspaceId, (tx) => actOnIncident(tx, incidentId, act, of)) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, facts, details } = error;
      return { isDone: false, refusal: { code, facts, ...(details && { details }) } };
    }
  },
});
