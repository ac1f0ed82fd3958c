/** One server whose check is due. */
export interface DueServer {
  workspaceId: string;
  serverId: string;
}
