import type { Actor } from './actor.ts';
import type { ApiTools } from './tools.ts';

/** The page of a workflow in Temporal Web, for those who administer the instance; null for others or where there is none. */
export const temporalPage = (
  { config }: Pick<ApiTools, 'config'>,
  { isInstanceAdmin }: Pick<Actor, 'isInstanceAdmin'>,
  workflowId: string,
): string | null =>
  config.temporalUiUrl !== undefined && isInstanceAdmin
    ? `/temporal/namespaces/${encodeURIComponent(config.temporalNamespace)}/workflows/${encodeURIComponent(workflowId)}`
    : null;
