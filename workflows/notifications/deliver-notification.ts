import { CancellationScope, isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { AttemptDeliveryActivities } from '#activities/notifications/attempt-delivery.ts';
import type {
  DeliverNotificationInput,
  DeliverNotificationResult,
} from '#contracts/notifications/deliver-notification.ts';
import { bookkeeping, messaging } from '../kit/retry.ts';

const { attemptDelivery } = proxyActivities<AttemptDeliveryActivities>(messaging);
const { giveUpDelivery } = proxyLocalActivities<AttemptDeliveryActivities>(bookkeeping);

/** Hands one message over, trying for a day. Attempts and their waits are the activity's own: what is left here is giving up. */
export async function deliverNotification(input: DeliverNotificationInput): Promise<DeliverNotificationResult> {
  const call = { ...input, startedAt: new Date(Date.now()).toISOString() };
  try {
    return await attemptDelivery(call);
  } catch (error) {
    const why = isCancellation(error) ? 'canceled' : 'too_late';
    await CancellationScope.nonCancellable(() => giveUpDelivery({ ...call, why }));
    return { status: why === 'canceled' ? 'canceled' : 'failed' };
  }
}
