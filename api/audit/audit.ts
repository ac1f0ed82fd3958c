import { Readable } from 'node:stream';
import { type AuditEntry, type AuditExport, auditRoutes } from '#contracts/audit/audit.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { countAudit, findAuditEntry, listAudit, listAuditNames } from '#db/audit/list-audit.ts';
import { csvLine, sendCsv } from '../kit/csv.ts';
import { problem } from '../kit/problem.ts';
import { type Call, auditOrigin, room } from '../kit/room.ts';
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
  countAudit: ({ actor, query }) => tools.inTenant(actor, (tx) => countAudit(tx, query)),
  listAuditNames: ({ actor }) => tools.inTenant(actor, listAuditNames),
  getAuditEntry: async ({ actor, params }) => {
    const entry = await tools.inTenant(actor, (tx) => findAuditEntry(tx, params.id));
    if (!entry) throw problem('request.not_found');
    return entry;
  },

  exportAudit: async (call) => {
    const name = await noteExport(tools, call, 'csv');
    return sendCsv(call.reply, name, csvLines(tools, call.actor, call.query));
  },
  exportAuditLines: async (call) => {
    const name = await noteExport(tools, call, 'ndjson');
    return call.reply
      .header('content-disposition', `attachment; filename="${name}"`)
      .type('application/x-ndjson; charset=utf-8')
      .serializer((value: unknown) => value as string)
      .send(Readable.from(jsonLines(tools, call.actor, call.query)));
  },
}));

/** Who takes the whole log away is worth an entry of its own. @returns the name of the file */
async function noteExport(
  tools: ApiTools,
  call: Pick<Call<typeof auditRoutes.exportAudit>, 'actor' | 'request' | 'query'>,
  form: string,
): Promise<string> {
  await tools.inTenant(call.actor, (tx) =>
    recordAudit(tx, { ...auditOrigin(call), action: 'audit.exported', after: { ...filterOf(call.query), form } }),
  );
  return `audit-${new Date(tools.auth.clock.now()).toISOString().slice(0, 10)}.${form}`;
}

function filterOf(query: AuditExport): Omit<AuditExport, 'workspace'> {
  const { workspace: _, ...filter } = query;
  return filter;
}

/** Page by page, so that memory stays flat and no transaction is held while the caller reads. */
async function* eachPage(tools: ApiTools, actor: Actor, query: AuditExport): AsyncGenerator<AuditEntry[]> {
  let cursor: string | undefined;
  for (;;) {
    const page = await tools.inTenant(actor, (tx) => listAudit(tx, { ...filterOf(query), limit: pageSize, cursor }));
    if (page.data.length > 0) yield page.data;
    if (page.pagination.nextCursor === null) return;
    cursor = page.pagination.nextCursor;
  }
}

async function* csvLines(tools: ApiTools, actor: Actor, query: AuditExport): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const entries of eachPage(tools, actor, query)) yield entries.map(lineOf).join('');
}

async function* jsonLines(tools: ApiTools, actor: Actor, query: AuditExport): AsyncGenerator<string> {
  for await (const entries of eachPage(tools, actor, query))
    yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

const lineOf = ({ at, actor, action, subject, title, before, after, address, requestId }: AuditEntry): string =>
  csvLine([at, actor.kind, actor.id, actor.name, action, subject, title, before, after, address, requestId]);
