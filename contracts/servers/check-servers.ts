/** The machinery that checks servers: one long workflow for the whole installation, no run of anybody's. */
export const CheckServers = {
  type: 'checkServers',
  workflowId: 'check-servers',
  taskQueue: 'main',
  /** The checks themselves, one activity a server. */
  activityQueue: 'ssh',
  /** Somebody asked for a check: look for what is due now. */
  signal: { checkAsked: 'checkAsked' },
} as const;

/** One server whose check is due. */
export interface DueServer {
  workspaceId: string;
  serverId: string;
}
