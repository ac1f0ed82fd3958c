import { ApplicationFailure } from '@temporalio/common';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  DeliverNotification,
  type DeliverNotificationInput,
  type DeliverNotificationResult,
} from '#contracts/notifications/deliver-notification.ts';
import { deliveryPatienceMs } from '#contracts/notifications/plan-pages.ts';
import { type SkippingTemporal, closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';

const [minuteMs, hourMs] = [60_000, 3_600_000];
let temporal: SkippingTemporal;
let stop: () => Promise<void>;
/** When whatever takes messages is back, by the workflow server's clock. */
let backAt = 0;
const gaveUp: { deliveryId: string; why: string }[] = [];
const arrived: string[] = [];

beforeAll(async () => {
  temporal = await skippingTemporal(DeliverNotification.taskQueue, {
    attemptDelivery: async ({ deliveryId }: DeliverNotificationInput): Promise<DeliverNotificationResult> => {
      if ((await temporal.env.currentTimeMs()) < backAt)
        throw ApplicationFailure.create({ type: 'notify.again', message: 'down', nextRetryDelay: 10 * minuteMs });
      arrived.push(deliveryId);
      return { status: 'delivered' };
    },
    giveUpDelivery: async ({ deliveryId, why }: DeliverNotificationInput & { why: string }) =>
      void gaveUp.push({ deliveryId, why }),
  });
  const running = temporal.worker.run();
  stop = async () => {
    temporal.worker.shutdown();
    await running;
  };
}, 180_000);
afterAll(async () => {
  await stop?.();
  await closeTemporal();
});

const deliver = async (downMs: number) => {
  backAt = (await temporal.env.currentTimeMs()) + downMs;
  const input: DeliverNotificationInput = { workspaceId: uuidv7(), runId: uuidv7(), deliveryId: uuidv7() };
  const run = await temporal.client.workflow.start(DeliverNotification.type, {
    workflowId: input.runId,
    taskQueue: DeliverNotification.taskQueue,
    args: [input],
  });
  return { ...input, run };
};

test('what is down for a day is waited for; the message goes out once', async () => {
  const { deliveryId, run } = await deliver(deliveryPatienceMs - 10 * minuteMs);
  expect(await run.result()).toEqual({ status: 'delivered' });
  expect(arrived.filter((id) => id === deliveryId)).toHaveLength(1);
  expect(gaveUp.filter((one) => one.deliveryId === deliveryId)).toEqual([]);
});

test('what stays down is given up, and said to be', async () => {
  const { deliveryId, run } = await deliver(40 * hourMs);
  expect(await run.result()).toEqual({ status: 'failed' });
  expect(gaveUp.filter((one) => one.deliveryId === deliveryId)).toMatchObject([{ why: 'too_late' }]);
  expect(arrived).not.toContain(deliveryId);
});

test('whoever cancels it while it waits ends it', async () => {
  const { deliveryId, run } = await deliver(deliveryPatienceMs / 2);
  await temporal.env.sleep('1 hour');
  await run.cancel();
  expect(await run.result()).toEqual({ status: 'canceled' });
  expect(gaveUp.filter((one) => one.deliveryId === deliveryId)).toMatchObject([{ why: 'canceled' }]);
});
