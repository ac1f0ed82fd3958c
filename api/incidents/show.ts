import type { ShownIncident } from '#contracts/incidents/incidents.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import { withEtag } from '../kit/etag.ts';
import type { Call } from '../kit/room.ts';
import { temporalPage } from '../kit/temporal-page.ts';
import type { ApiTools } from '../kit/tools.ts';

/** Answers an incident with its etag, and with its workflow's page where the reader may see that. */
export const answerIncident = (
  tools: Pick<ApiTools, 'config'>,
  { actor, reply }: Pick<Call<RouteDef>, 'actor' | 'reply'>,
  incident: Omit<ShownIncident, 'temporalUrl'>,
): ShownIncident => withEtag(reply, { ...incident, temporalUrl: temporalPage(tools, actor, incident.workflowId) });
