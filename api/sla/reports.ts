import { type ReportQuery, reportRoutes } from '#contracts/sla/reports.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { recomputeEnds } from '#db/sla/clock-ends.ts';
import { foreseeBreaches, incidentReport, type ReportLine, reportLines, type ReportWindow } from '#db/sla/reports.ts';
import type { Actor } from '../kit/actor.ts';
import { csvLine, sendCsv } from '../kit/csv.ts';
import { auditOrigin, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

const dayMs = 86_400_000;
/** Batches of 500 that one request computes anew; a longer window is asked for in parts. */
const mostBatches = 40;

const windowOf = ({ from, to, service, severity }: ReportQuery): ReportWindow => {
  const end = to === undefined ? Date.now() : Date.parse(to);
  return {
    from: new Date(from === undefined ? end - 180 * dayMs : Date.parse(from)),
    to: new Date(end),
    service,
    severity,
  };
};

/** What was kept of what was promised, and what will not be. */
export const reportRoom = room(reportRoutes, (tools) => ({
  getIncidentReport: ({ actor, query }) => tools.inTenant(actor, (tx) => incidentReport(tx, windowOf(query))),
  exportIncidentReport: ({ actor, query, reply }) =>
    sendCsv(reply, 'incidents.csv', csvOf(tools, actor, windowOf(query))),
  recomputeReports: async (call) => {
    const { from, to } = windowOf(call.body);
    let incidents = 0;
    let after: string | null = null;
    for (let batch = 0; batch < mostBatches; batch += 1) {
      const place: string | null = after;
      const done: { incidents: number; after: string | null } = await tools.inTenant(call.actor, (tx) =>
        recomputeEnds(tx, { from, to, after: place }),
      );
      incidents += done.incidents;
      after = done.after;
      if (after === null) break;
    }
    await tools.inTenant(call.actor, (tx) =>
      recordAudit(tx, {
        ...auditOrigin(call),
        action: 'sla.reports_recomputed',
        subject: null,
        title: `${incidents} incidents`,
      }),
    );
    return { incidents };
  },
  getSlaForecast: ({ actor, query }) =>
    tools.inTenant(actor, async (tx) => {
      const now = Date.now();
      const found = await foreseeBreaches(tx, new Date(now + query.hours * 3_600_000));
      return {
        data: found.map(({ dueMs, ...one }) => ({
          ...one,
          dueAt: new Date(dueMs).toISOString(),
          isLate: dueMs <= now,
        })),
      };
    }),
}));

const heads = [
  'key', 'title', 'severity', 'state', 'service', 'opened_at', 'acknowledged_at', 'resolved_at', 'respond_target_ms', 'respond_used_ms',
  'respond_kept', 'resolve_target_ms', 'resolve_used_ms', 'resolve_kept',
]; // prettier-ignore
const fieldsOf = (line: ReportLine): unknown[] => [
  line.key, line.title, line.severity, line.state, line.service, line.openedAt.toISOString(), line.acknowledgedAt?.toISOString() ?? null,
  line.resolvedAt?.toISOString() ?? null, line.respondTargetMs, line.respondUsedMs, line.respondKept, line.resolveTargetMs,
  line.resolveUsedMs, line.resolveKept,
]; // prettier-ignore

async function* csvOf(tools: ApiTools, actor: Actor, window: ReportWindow): AsyncGenerator<string> {
  yield csvLine(heads);
  let after: string | null = null;
  for (;;) {
    const place: string | null = after;
    const lines: ReportLine[] = await tools.inTenant(actor, (tx) => reportLines(tx, window, place));
    for (const line of lines) yield csvLine(fieldsOf(line));
    const last = lines.at(-1);
    if (!last || lines.length < 1_000) return;
    after = last.id;
  }
}
