import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { Id, Instant, PageQuery, pageOf } from '../kit/schemas.ts';

/** What can be told to a person; each is read from what happened, none is written for its own sake. */
export const noticeKinds = [
  'approval.asked',
  'approval.approved',
  'approval.rejected',
  'approval.expired',
  'run.failed',
  'run.timed_out',
  'run.succeeded',
  'server.unhealthy',
  'system.restarted',
  'queue.drained',
  'queue.resumed',
  'connection.signed_out',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** One thing that a person should know. */
export const Notice = z.object({
  /** The same each time it is read. */
  id: z.string(),
  kind: z.enum(noticeKinds),
  /** What it is about: a run's title, a question, a server, a queue, a part of the installation. */
  title: z.string(),
  /** Why, or what failed, in a sentence; null where there is nothing to add. */
  detail: z.string().nullable(),
  /** Whose act it was; empty where nobody's. */
  by: z.array(z.string()),
  runId: Id.nullable(),
  serverId: Id.nullable(),
  /** How long a run took. */
  tookMs: z.number().int().nullable(),
  /** Until when a question can be answered. */
  expiresAt: Instant.nullable(),
  at: Instant,
  /** Newer than what the person has seen. */
  isNew: z.boolean(),
});
export type Notice = z.infer<typeof Notice>;

/** Counting ends here: a badge says `99+`. */
export const mostCounted = 100;

export const noticeRoutes = defineRoutes({
  listNotices: {
    method: 'GET',
    path: '/me/notices',
    access: 'events:read',
    summary: 'What the caller should know, newest first; open questions apart',
    query: PageQuery,
    response: pageOf(Notice).extend({
      /** Questions that wait for the caller's word, oldest expiry first; with the first page only. */
      waiting: z.array(Notice),
      seenAt: Instant,
    }),
  },
  countNotices: {
    method: 'GET',
    path: '/me/notices/count',
    access: 'events:read',
    summary: 'How many notices the caller has not seen, counted to 100',
    response: z.object({ unseen: z.number().int() }),
  },
  markNoticesSeen: {
    method: 'POST',
    path: '/me/notices/seen',
    access: 'events:read',
    summary: 'All notices up to a moment were seen; the mark never goes back',
    body: z.object({
      /** The `at` of the newest notice on screen; what came after it stays new. */
      upTo: Instant,
    }),
    response: z.object({ unseen: z.number().int(), seenAt: Instant }),
  },
});
