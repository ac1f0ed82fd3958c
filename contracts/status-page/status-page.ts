import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, IdParams, Instant } from '../kit/schemas.ts';

export const phases = ['investigating', 'identified', 'monitoring', 'resolved'] as const;
export type Phase = (typeof phases)[number];
/** What people outside notice, the least first. */
export const impacts = ['none', 'degraded', 'partial_outage', 'major_outage'] as const;
export type Impact = (typeof impacts)[number];
export const phaseWords: Readonly<Record<Phase, string>> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
};
export const impactWords: Readonly<Record<Impact, string>> = {
  none: 'Working',
  degraded: 'Degraded',
  partial_outage: 'Partial outage',
  major_outage: 'Major outage',
};

export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{1,58}[a-z0-9])$/, 'Small letters, digits and dashes (3–60).');
/** A service of incidents and the name by which the public knows it. */
export const StatusService = z.object({
  service: z.string().trim().min(1).max(120),
  name: z.string().trim().min(1).max(120),
});
export const StatusPageSettings = z.object({
  isOn: z.boolean(),
  slug: Slug,
  title: z.string().trim().min(1).max(120),
  intro: z.string().max(2_000).default(''),
  services: z
    .array(StatusService)
    .max(100)
    .refine((all) => new Set(all.map(({ service }) => service)).size === all.length, 'Each service once.'),
});
export type StatusPageSettings = z.infer<typeof StatusPageSettings>;

/** What a person says to the public about an incident. Nothing of the incident itself goes with it. */
export const PublishUpdate = z.object({
  /** As the public reads it. */
  title: z.string().trim().min(1).max(200),
  phase: z.enum(phases),
  impact: z.enum(impacts),
  /** Of the page's services. */
  services: z.array(z.string()).max(100).default([]),
  text: z.string().trim().min(1).max(4_000),
});
export type PublishUpdate = z.infer<typeof PublishUpdate>;
export const PublishedUpdate = PublishUpdate.extend({
  id: Id,
  services: z.array(z.string()),
  publishedBy: ActorRef,
  publishedAt: Instant,
});
export type PublishedUpdate = z.infer<typeof PublishedUpdate>;

/** The public page: nothing but what was chosen and published. */
export const PublicStatus = z.object({
  title: z.string(),
  intro: z.string(),
  impact: z.enum(impacts),
  services: z.array(z.object({ name: z.string(), impact: z.enum(impacts) })),
  /** Those that go on, then those of two weeks. */
  incidents: z.array(
    z.object({
      /** Of its first update; tells incidents apart and nothing else. */
      id: Id,
      title: z.string(),
      phase: z.enum(phases),
      impact: z.enum(impacts),
      services: z.array(z.string()),
      startedAt: Instant,
      updates: z.array(z.object({ phase: z.enum(phases), text: z.string(), at: Instant })),
    }),
  ),
  updatedAt: Instant.nullable(),
});
export type PublicStatus = z.infer<typeof PublicStatus>;

export const statusPageRoutes = defineRoutes({
  readStatusPage: {
    method: 'GET',
    path: '/status/:slug',
    access: 'public',
    summary: 'The public status of a workspace that has turned it on: chosen services and published updates',
    params: z.object({ slug: z.string().max(60) }),
    response: PublicStatus,
  },
  getStatusPageSettings: {
    method: 'GET',
    path: '/status-page',
    access: 'incidents:read',
    summary: 'The status page’s settings; off where nobody made one',
    response: StatusPageSettings.extend({ services: z.array(StatusService), url: z.string(), version: z.int() }),
  },
  changeStatusPageSettings: {
    method: 'PUT',
    path: '/status-page',
    access: 'incidents:manage',
    summary: 'Turn the public status page on or off, and choose what it shows',
    body: StatusPageSettings,
    response: StatusPageSettings.extend({ services: z.array(StatusService), url: z.string(), version: z.int() }),
  },
  listPublishedUpdates: {
    method: 'GET',
    path: '/incidents/:id/updates',
    access: 'incidents:read',
    summary: 'What the public was told of an incident, newest first',
    params: IdParams,
    response: z.object({ data: z.array(PublishedUpdate) }),
  },
  publishUpdate: {
    method: 'POST',
    path: '/incidents/:id/updates',
    access: 'incidents:act',
    idempotent: true,
    summary: 'Tell the public',
    params: IdParams,
    body: PublishUpdate,
    status: 201,
    response: PublishedUpdate,
  },
  withdrawUpdate: {
    method: 'DELETE',
    path: '/incidents/:id/updates/:updateId',
    access: 'incidents:manage',
    summary: 'Take an update off the status page',
    params: z.object({ id: Id, updateId: Id }),
    status: 204,
  },
});
