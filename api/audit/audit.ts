import { Readable } from 'node:stream';
import { type AuditEntry, type AuditExport, auditRoutes } from '#contracts/audit/audit.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { listAudit } from '#db/audit/list-audit.ts';
import { auditOrigin, room } from '../kit/room.ts';
import type { Actor } from '../kit/actor.ts';
import type { ApiTools } from '../kit/tools.ts';

const pageSize = 1_000;
const columns = [
  'at',
  'actorKind',
  'actorId',
  'actorName',
  'action',
  'subject',
  'title',
  'before',
  'after',
  'address',
  'requestId',
] as const;

/** The audit log of the workspace: what was done, by whom, from where. */
export const auditRoom = room(auditRoutes, (tools) => ({
  listAudit: ({ actor, query }) => tools.inTenant(actor, (tx) => listAudit(tx, query)),

  exportAudit: async (call) => {
    const { actor, query, reply } = call;
    // Who takes the whole log away is worth an entry of its own.
    await tools.inTenant(actor, (tx) =>
      recordAudit(tx, { ...auditOrigin(call), action: 'audit.exported', after: filterOf(query) }),
    );
    const day = new Date(tools.auth.clock.now()).toISOString().slice(0, 10);
    return reply
      .header('content-disposition', `attachment; filename="audit-${day}.csv"`)
      .type('text/csv; charset=utf-8')
      .serializer((value: unknown) => value as string)
      .send(Readable.from(csvLines(tools, actor, query)));
  },
}));

function filterOf(query: AuditExport): Omit<AuditExport, 'workspace'> {
  const { workspace: _, ...filter } = query;
  return filter;
}

/** Page by page, so that memory stays flat and no transaction is held while the caller reads. */
async function* csvLines(tools: ApiTools, actor: Actor, query: AuditExport): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`;
  let cursor: string | undefined;
  for (;;) {
    const page = await tools.inTenant(actor, (tx) => listAudit(tx, { ...filterOf(query), limit: pageSize, cursor }));
    if (page.data.length > 0) yield page.data.map(csvLine).join('');
    if (page.pagination.nextCursor === null) return;
    cursor = page.pagination.nextCursor;
  }
}

const csvLine = ({ at, actor, action, subject, title, before, after, address, requestId }: AuditEntry): string =>
  `${[at, actor.kind, actor.id, actor.name, action, subject, title, before, after, address, requestId].map(csvField).join(',')}\r\n`;

/** Quoted where needed; a text that a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
