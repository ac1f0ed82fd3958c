import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, Tag } from '../kit/schemas.ts';
import { RunFilter } from './runs.ts';

/** Runs in one request: enough for a screenful, few enough to answer in time. Callers send more in several requests. */
export const mostInBulk = 100;
const Ids = z.array(Id).min(1).max(mostInBulk);

/** What became of one run of many. */
export const BulkResult = z.object({
  id: Id,
  ok: z.boolean(),
  /** The run that was started, where the act starts one. */
  runId: Id.nullish(),
  /** Why not: a stable code and its sentence. */
  error: z.object({ code: z.string(), message: z.string() }).nullish(),
});
export type BulkResult = z.infer<typeof BulkResult>;
const BulkAnswer = z.object({ results: z.array(BulkResult) });

export const runBulkRoutes = defineRoutes({
  findRunIds: {
    method: 'GET',
    path: '/runs/ids',
    access: 'runs:read',
    summary: 'The ids of all runs that a filter shows, 10,000 at most',
    query: RunFilter.omit({ limit: true, cursor: true }),
    response: z.object({ ids: z.array(Id), isCapped: z.boolean() }),
  },
  cancelRuns: {
    method: 'POST',
    path: '/runs/cancel',
    access: 'runs:cancel',
    summary: 'Stop several runs; the answer names those that could not be',
    body: z.object({ ids: Ids, undo: z.boolean().optional(), reason: z.string().max(1_000).optional() }),
    response: BulkAnswer,
  },
  rerunRuns: {
    method: 'POST',
    path: '/runs/rerun',
    access: 'runs:rerun',
    idempotent: true,
    summary: 'Run several again, whole or from the step that failed; the answer names those that could not be',
    body: z.object({ ids: Ids, fromStep: z.literal('failed').optional() }),
    response: BulkAnswer,
  },
  tagRuns: {
    method: 'POST',
    path: '/runs/tag',
    access: 'runs:manage',
    summary: 'Add tags to several runs or take them off',
    body: z.object({ ids: Ids, add: z.array(Tag).max(20).default([]), remove: z.array(Tag).max(20).default([]) }),
    response: BulkAnswer,
  },
});
