/** Names that the sweep, the dispatcher and the workers share. */
export const DeliverNotification = { type: 'deliverNotification', taskQueue: 'main', kind: 'notification' } as const;

/** One message to one address: what it says lies in its rows. */
export interface DeliverNotificationInput {
  workspaceId: string;
  runId: string;
  deliveryId: string;
}

export interface DeliverNotificationResult {
  status: 'delivered' | 'failed' | 'canceled';
}
