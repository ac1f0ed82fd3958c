import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, CommaList, Id, IdParams, Instant, JsonValue, PageQuery, pageOf } from '../kit/schemas.ts';

/** One act: who, what, on what, from where; before and after without secrets. Never changed; kept for as long as the workspace’s `auditRetentionDays` say. */
export const AuditEntry = z.object({
  id: Id,
  at: Instant,
  actor: ActorRef,
  /** `member.changed`, `server.created`, `secret.read`: the noun is the subject's. */
  action: z.string(),
  /** `server:<id>`, `playbook:<id>`. */
  subject: z.string().nullable(),
  /** What the subject was called then. */
  title: z.string().nullable(),
  before: JsonValue.nullable(),
  after: JsonValue.nullable(),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

const filters = {
  /** One of these people or keys; `system` is the machinery itself. */
  actor: CommaList.pipe(z.array(z.union([Id, z.literal('system')])).max(50)).optional(),
  /** One of these actions, or of all actions of a noun (`server.*`); with `!` before it, none of them. */
  action: CommaList.pipe(z.array(z.string().max(100)).max(50)).optional(),
  subject: z.string().max(300).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
  /** In action, subject, title, the actor's name, address or request id. */
  q: z.string().max(200).optional(),
};
export const AuditFilter = PageQuery.extend({ ...filters, cursor: Id.optional() });
export type AuditFilter = z.infer<typeof AuditFilter>;
export const AuditExport = z.object({
  ...filters,
  workspace: z.string().max(100).optional(),
});
export type AuditExport = z.infer<typeof AuditExport>;

export const auditRoutes = defineRoutes({
  listAudit: {
    method: 'GET',
    path: '/audit',
    access: 'audit:read',
    summary: 'The audit log, newest first',
    query: AuditFilter,
    response: pageOf(AuditEntry),
  },
  countAudit: {
    method: 'GET',
    path: '/audit/total',
    access: 'audit:read',
    summary: 'How many entries a filter shows, counted to 10,000, and for how many days they are kept',
    query: z.object(filters),
    response: z.object({ total: z.number().int(), isCapped: z.boolean(), keptDays: z.number().int() }),
  },
  listAuditNames: {
    method: 'GET',
    path: '/audit/names',
    access: 'audit:read',
    summary: 'Who and which actions stand in the log: the choices of its filters',
    response: z.object({ actors: z.array(ActorRef), actions: z.array(z.string()) }),
  },
  getAuditEntry: {
    method: 'GET',
    path: '/audit/:id',
    access: 'audit:read',
    summary: 'One entry',
    params: IdParams,
    response: AuditEntry,
  },
  exportAuditLines: {
    method: 'GET',
    path: '/audit/export.ndjson',
    access: 'audit:read',
    summary: 'The filtered audit log, one entry as JSON a line',
    query: AuditExport,
    stream: 'file',
  },
  exportAudit: {
    method: 'GET',
    path: '/audit/export.csv',
    access: 'audit:read',
    summary: 'The filtered audit log as CSV',
    query: AuditExport,
    stream: 'file',
  },
});
