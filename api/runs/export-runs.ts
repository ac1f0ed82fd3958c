import type { FastifyReply } from 'fastify';
import type { RunSummary } from '#contracts/runs/runs.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { summariesOf } from '#db/runs/chosen-runs.ts';
import type { RunNarrowing } from '#db/runs/run-filter.ts';
import { listRuns } from '#db/runs/runs.ts';
import { csvLine, sendCsv } from '../kit/csv.ts';
import type { Actor } from '../kit/actor.ts';
import { auditOrigin, type Call } from '../kit/room.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import type { ApiTools } from '../kit/tools.ts';

const pageSize = 1_000;
const columns = [
  'id', 'title', 'kind', 'status', 'waitingFor', 'trigger', 'actor', 'subjectKind', 'subjectId', 'version', 'parentRunId', 'tags',
  'createdAt', 'startedAt', 'endedAt', 'durationMs', 'warnings', 'errorCode', 'errorMessage', 'errorStep', 'errorHost',
] as const; // prettier-ignore

const fieldsOf = (run: RunSummary): Record<(typeof columns)[number], unknown> => ({
  id: run.id,
  title: run.title,
  kind: run.kind,
  status: run.status,
  waitingFor: run.waitingFor,
  trigger: run.trigger,
  actor: run.actor.name,
  subjectKind: run.subject?.kind,
  subjectId: run.subject?.id,
  version: run.subject?.version,
  parentRunId: run.parentRunId,
  tags: run.tags.join(' '),
  createdAt: run.createdAt,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  durationMs: run.startedAt && run.endedAt ? Date.parse(run.endedAt) - Date.parse(run.startedAt) : null,
  warnings: run.warnings,
  errorCode: run.error?.code,
  errorMessage: run.error?.message,
  errorStep: run.error?.step,
  errorHost: run.error?.host,
});

/**
 * Sends runs as CSV, page by page, so that memory stays flat and no transaction is held while the caller reads. Newest
 * first whatever the list shows: a run that ends meanwhile keeps its place, so each is in the file once.
 * @param what a filter, or the ids that were chosen
 */
export async function sendRuns(
  tools: ApiTools,
  call: Pick<Call<RouteDef>, 'actor' | 'request'> & { reply: FastifyReply },
  what: { filter: RunNarrowing } | { ids: readonly string[] },
): Promise<FastifyReply> {
  // Who takes the list away is worth an entry of its own.
  await tools.inTenant(call.actor, (tx) =>
    recordAudit(tx, {
      ...auditOrigin(call),
      action: 'runs.exported',
      after: 'ids' in what ? { runs: what.ids.length } : { filter: { ...what.filter } },
    }),
  );
  const day = new Date().toISOString().slice(0, 10);
  const pages = 'ids' in what ? pagesOfIds(what.ids) : pagesOfFilter(what.filter);
  return sendCsv(call.reply, `runs-${day}.csv`, lines(tools, call.actor, pages));
}

/** Reads the next page of runs; undefined behind the last. */
type NextPage = () => ((tx: TenantTx) => Promise<readonly RunSummary[]>) | undefined;

function pagesOfFilter(filter: RunNarrowing): NextPage {
  let cursor: string | null | undefined;
  return () =>
    cursor === null
      ? undefined
      : async (tx) => {
          const page = await listRuns(tx, {
            ...filter,
            sort: '-createdAt',
            limit: pageSize,
            cursor: cursor ?? undefined,
          });
          cursor = page.pagination.nextCursor;
          return page.data;
        };
}

function pagesOfIds(ids: readonly string[]): NextPage {
  const sorted = [...new Set(ids)].toSorted().toReversed(); // UUIDv7, so this is by time
  return () => {
    const some = sorted.splice(0, pageSize);
    return some.length === 0 ? undefined : (tx) => summariesOf(tx, some);
  };
}

async function* lines(tools: ApiTools, actor: Actor, next: NextPage): AsyncGenerator<string> {
  yield csvLine(columns);
  for (let read = next(); read; read = next()) {
    const runs = await tools.inTenant(actor, read);
    if (runs.length > 0)
      yield runs
        .map(fieldsOf)
        .map((fields) => csvLine(columns.map((column) => fields[column])))
        .join('');
  }
}
