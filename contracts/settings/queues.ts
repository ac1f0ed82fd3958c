import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Instant } from '../kit/schemas.ts';

/** The task queues that runs are admitted to. The others take steps of runs that have begun, and are not drained. */
export const runQueues = ['main'] as const;
export type RunQueue = (typeof runQueues)[number];

/** Nothing new begins from a queue: for this workspace, or for all of them. What has begun goes on to its end. */
export const QueueDrain = z.object({
  scope: z.enum(['workspace', 'instance']),
  by: ActorRef,
  at: Instant,
  reason: z.string().nullable(),
});
export type QueueDrain = z.infer<typeof QueueDrain>;

export const QueueState = z.object({
  queue: z.string(),
  pollers: z.number().int(),
  /** Tasks that no worker has taken yet, of all workspaces; null where Temporal does not say. */
  backlog: z.number().int().nullable(),
  /** Runs of this workspace that wait to be admitted here; null for a queue that takes no runs. */
  queued: z.number().int().nullable(),
  oldestQueuedAt: Instant.nullable(),
  drains: z.array(QueueDrain),
});
export type QueueState = z.infer<typeof QueueState>;

/** What all queues of a workspace hold together. */
export const QueueStatus = z.object({
  limit: z.number().int(),
  running: z.number().int(),
  queued: z.number().int(),
  oldestQueuedAt: Instant.nullable(),
  workers: z.array(QueueState),
});
export type QueueStatus = z.infer<typeof QueueStatus>;

const QueueParams = z.object({ queue: z.enum(runQueues) });
const DrainQueue = z.object({ reason: z.string().trim().max(300).optional() }).nullish();

export const queueRoutes = defineRoutes({
  queueStatus: {
    method: 'GET',
    path: '/queues',
    access: 'runs:read',
    summary: 'What runs and what waits for a slot, by queue',
    response: QueueStatus,
  },
  drainQueue: {
    method: 'POST',
    path: '/queues/:queue/drain',
    access: 'runs:manage',
    summary: 'Let no new run of this workspace begin from a queue; those that run go on',
    params: QueueParams,
    body: DrainQueue,
    response: QueueStatus,
  },
  resumeQueue: {
    method: 'POST',
    path: '/queues/:queue/resume',
    access: 'runs:manage',
    summary: 'Let runs of this workspace begin again, in their order',
    params: QueueParams,
    response: QueueStatus,
  },
  drainInstanceQueue: {
    method: 'POST',
    path: '/instance/queues/:queue/drain',
    access: 'instance-admin',
    summary: 'Let no new run of any workspace begin from a queue',
    params: QueueParams,
    body: DrainQueue,
    response: z.object({ drain: QueueDrain }),
  },
  resumeInstanceQueue: {
    method: 'POST',
    path: '/instance/queues/:queue/resume',
    access: 'instance-admin',
    summary: 'Let runs of all workspaces begin again, but where the workspace itself is drained',
    params: QueueParams,
    status: 204,
  },
});
