import { z } from 'zod';
import { defineRoutes } from '../kit/route.ts';
import { ActorRef, Id, Instant, JsonValue, PageQuery, pageOf } from '../kit/schemas.ts';

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
  actor: Id.optional(),
  /** One action, or all of a noun: `server.*`. */
  action: z.string().max(100).optional(),
  subject: z.string().max(300).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
  /** In action, subject, title, the actor's name, address or request id. */
  q: z.string().max(200).optional(),
};
export const AuditFilter = PageQuery.extend({ ...filters, cursor: Id.optional() });
export type AuditFilter = z.infer<typeof AuditFilter>;
export const AuditExport = z.object({ ...filters, workspace: z.string().max(100).optional() });
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
  exportAudit: {
    method: 'GET',
    path: '/audit/export.csv',
    access: 'audit:read',
    summary: 'The filtered audit log as CSV',
    query: AuditExport,
    stream: 'file',
  },
});
