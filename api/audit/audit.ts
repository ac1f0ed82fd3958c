import { type AuditEntry, type AuditExport, auditRoutes } from '#contracts/audit/audit.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { listAudit } from '#db/audit/list-audit.ts';
import { csvLine, sendCsv } from '../kit/csv.ts';
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
    return sendCsv(reply, `audit-${day}.csv`, csvLines(tools, actor, query));
  },
}));

function filterOf(query: AuditExport): Omit<AuditExport, 'workspace'> {
  const { workspace: _, ...filter } = query;
  return filter;
}

/** Page by page, so that memory stays flat and no transaction is held while the caller reads. */
async function* csvLines(tools: ApiTools, actor: Actor, query: AuditExport): AsyncGenerator<string> {
  yield csvLine(columns);
  let cursor: string | undefined;
  for (;;) {
    const page = await tools.inTenant(actor, (tx) => listAudit(tx, { ...filterOf(query), limit: pageSize, cursor }));
    if (page.data.length > 0) yield page.data.map(lineOf).join('');
    if (page.pagination.nextCursor === null) return;
    cursor = page.pagination.nextCursor;
  }
}

const lineOf = ({ at, actor, action, subject, title, before, after, address, requestId }: AuditEntry): string =>
  csvLine([at, actor.kind, actor.id, actor.name, action, subject, title, before, after, address, requestId]);
