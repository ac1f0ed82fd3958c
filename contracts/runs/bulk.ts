import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, Tag } from '../kit/schemas.ts';
import { mostExported, mostTags } from './limits.ts';
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
/** What tagging did to one run: what it carries now that it did not, and the other way round. Enough to take it back. */
export const TagResult = BulkResult.extend({ added: z.array(Tag).optional(), removed: z.array(Tag).optional() });
export type TagResult = z.infer<typeof TagResult>;
const BulkAnswer = z.object({ results: z.array(BulkResult) });

export const runBulkRoutes = defineRoutes({
  exportRuns: {
    method: 'GET',
    path: '/runs/export',
    access: 'runs:read',
    summary: 'All runs that a filter shows, as CSV, newest first, however many they are',
    query: RunFilter.omit({ limit: true, cursor: true, sort: true }).extend({ workspace: z.string().optional() }),
    stream: 'file',
  },
  exportChosenRuns: {
    method: 'POST',
    path: '/runs/export',
    access: 'runs:read',
    summary: 'The runs with these ids, as CSV, newest first; those that are gone are left out',
    body: z.object({ ids: z.array(Id).min(1).max(mostExported) }),
    stream: 'file',
  },
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
    summary: 'Add tags to several runs or take them off; the answer says what has changed of each',
    body: z.object({
      ids: Ids,
      add: z.array(Tag).max(mostTags).default([]),
      remove: z.array(Tag).max(mostTags).default([]),
    }),
    response: z.object({ results: z.array(TagResult) }),
  },
});
