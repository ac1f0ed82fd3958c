import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { CommaList, Id, Instant } from '../kit/schemas.ts';
import { RunFilter } from './runs.ts';
import { overviewSpans } from './spans.ts';

const Buckets = z.coerce.number().int().min(1).max(200).default(48);

export const runFigureRoutes = defineRoutes({
  runHistogram: {
    method: 'GET',
    path: '/runs/histogram',
    access: 'runs:read',
    summary: 'Runs in buckets of time, by their end or by when they were asked for; narrowed as the list is',
    query: RunFilter.omit({ limit: true, cursor: true, sort: true }).extend({
      buckets: Buckets,
      by: z.enum(['ended', 'created']).default('ended'),
    }),
    response: z.object({
      bucketMs: z.number().int(),
      buckets: z.array(
        z.object({
          at: Instant,
          succeeded: z.number().int(),
          failed: z.number().int(),
          canceled: z.number().int(),
          /** Not ended yet; 0 where buckets go by the end. */
          alive: z.number().int(),
        }),
      ),
    }),
  },
  countMatchingRuns: {
    method: 'GET',
    path: '/runs/total',
    access: 'runs:read',
    summary: 'How many runs a filter shows, counted to 10,000',
    query: RunFilter.omit({ limit: true, cursor: true, sort: true }),
    response: z.object({ total: z.number().int(), isCapped: z.boolean() }),
  },
  countRunChildren: {
    method: 'GET',
    path: '/runs/children',
    access: 'runs:read',
    summary: 'How many runs each of these runs has started itself; those without any are left out',
    query: z.object({ of: CommaList.pipe(z.array(Id).max(200)) }),
    response: z.object({ counts: z.record(z.string(), z.number().int()) }),
  },
  runTrends: {
    method: 'GET',
    path: '/runs/trends',
    access: 'runs:read',
    summary: 'Throughput, durations and start delay of top-level runs in buckets of time',
    query: z.object({ from: Instant.optional(), to: Instant.optional(), actor: Id.optional(), buckets: Buckets }),
    response: z.object({
      bucketMs: z.number().int(),
      buckets: z.array(
        z.object({
          at: Instant,
          started: z.number().int(),
          succeeded: z.number().int(),
          failed: z.number().int(),
          canceled: z.number().int(),
          /** Of those that ended in the bucket; null where none did. */
          durationP50Ms: z.number().nullable(),
          durationP95Ms: z.number().nullable(),
          startDelayP95Ms: z.number().nullable(),
        }),
      ),
    }),
  },
  overview: {
    method: 'GET',
    path: '/overview',
    access: 'runs:read',
    summary: 'The figures of the first page',
    query: z.object({ span: z.enum(overviewSpans).default('24h'), actor: Id.optional() }),
    response: z.object({
      span: z.enum(overviewSpans),
      running: z.number().int(),
      waiting: z.number().int(),
      queued: z.number().int(),
      started: z.number().int(),
      /** Started in the span before this one, to compare with. */
      startedBefore: z.number().int(),
      ended: z.number().int(),
      failed: z.number().int(),
      startDelayP95Ms: z.number().nullable(),
      approvalsWaiting: z.number().int(),
      servers: z.object({
        total: z.number().int(),
        unreachable: z.number().int(),
        health: z.record(z.string(), z.number().int()),
      }),
      failures: z.array(z.object({ code: z.string(), count: z.number().int() })),
      nextSchedules: z.array(z.object({ id: Id, name: z.string(), nextAt: Instant })),
      isNew: z.boolean(),
    }),
  },
});
