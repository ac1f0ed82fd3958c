import { recordChange } from '#db/audit/record-change.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import { removeLiveToken } from '#db/kit/live-tokens.ts';
import { readLogKeeping, updateLogKeeping } from '#db/logs/log-keeping.ts';
import type { LogFilter } from '#db/logs/log-filter.ts';
import {
  deleteLogSearch,
  insertLogSearch,
  listLogSearches,
  lockLogSearch,
  updateLogSearch,
} from '#db/logs/log-searches.ts';
import {
  deleteLogSource,
  insertLogSource,
  listLogSources,
  lockLogSource,
  updateLogSource,
} from '#db/logs/log-sources.ts';
import { countLogs, type Read, searchLogs, type Window } from '#db/logs/search-logs.ts';
import {
  CreateLogSource, type LineSeverity, logRoutes, type SavedLogSearch, type ShownLogSource,
} from '#contracts/logs/logs.ts'; // prettier-ignore
import { readLogSearch } from '#contracts/logs/search-text.ts';
import { type Actor, actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { newIngestAddress } from '../kit/ingest-address.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';

const hourMs = 3_600_000;
const budgetMs = 1_800;

/** What came in as logs: searched, counted, kept; and who sends it. */
export const logsRoom = room(logRoutes, (tools) => {
  const reading =
    ({ workspaceId }: Actor): Read =>
    (work) =>
      readTenant(tools.db, workspaceId, work);
  return {
    searchLogs: ({ actor, query }) => {
      const { limit, cursor } = query;
      return searchLogs(reading(actor), filterOf(query), { window: windowOf(query), limit, cursor, budgetMs });
    },
    countLogs: ({ actor, query }) => countLogs(reading(actor), filterOf(query), { window: windowOf(query), budgetMs }),

    listLogSources: async ({ actor }) => ({ data: await tools.inTenant(actor, (tx) => listLogSources(tx)) }),
    createLogSource: (call) => {
      const { actor, body, reservedId: id } = call;
      return tools.inTenant(actor, async (tx) => {
        await insertLogSource(tx, id, body, actorRef(actor));
        const address = await newIngestAddress(tx, tools, 'log_source_tokens', id);
        const source = await mustRead(tx, id);
        await recordChange(tx, { ...auditOrigin(call), ...ofSource('created', source), after: auditOf(source) });
        return { source, address };
      });
    },
    changeLogSource: (call) => {
      const { actor, params, body, request, reply } = call;
      const expected = versionOf(request);
      return tools.inTenant(actor, async (tx) => {
        const row = await lockLogSource(tx, params.id);
        if (!row) throw problem('request.not_found');
        if (expected !== undefined && expected !== row.version) throw problem('request.stale');
        const before = await mustRead(tx, params.id);
        await updateLogSource(tx, params.id, CreateLogSource.parse({ ...before, ...body }));
        const after = await mustRead(tx, params.id);
        await recordChange(tx, { ...auditOrigin(call), ...ofSource('changed', after), before: auditOf(before), after: auditOf(after) }); // prettier-ignore
        return withEtag(reply, after);
      });
    },
    deleteLogSource: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const row = await lockLogSource(tx, call.params.id);
        if (!row) throw problem('request.not_found');
        await deleteLogSource(tx, row.id);
        await recordChange(tx, { ...auditOrigin(call), ...ofSource('removed', row) });
      }),
    addLogSourceToken: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const row = await lockLogSource(tx, call.params.id);
        if (!row) throw problem('request.not_found');
        const address = await newIngestAddress(tx, tools, 'log_source_tokens', row.id);
        await recordChange(tx, { ...auditOrigin(call), ...ofSource('address_added', row) });
        return { source: await mustRead(tx, row.id), address };
      }),
    removeLogSourceToken: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const row = await lockLogSource(tx, call.params.id);
        if (!row || !(await removeLiveToken(tx, 'log_source_tokens', row.id, call.params.tokenId)))
          throw problem('request.not_found');
        await recordChange(tx, { ...auditOrigin(call), ...ofSource('address_removed', row) });
      }),

    listLogSearches: async ({ actor }) => ({ data: await tools.inTenant(actor, (tx) => listLogSearches(tx)) }),
    createLogSearch: (call) => {
      const { actor, body, reservedId: id, reply } = call;
      return tools.inTenant(actor, async (tx) => {
        termsOf(body.search);
        await insertLogSearch(tx, id, body, actorRef(actor));
        const made = await mustReadSearch(tx, id);
        await recordChange(tx, { ...auditOrigin(call), ...ofSearch('created', made), after: searchFacts(made) });
        return withEtag(reply, made);
      });
    },
    changeLogSearch: (call) => {
      const { actor, params, body, request, reply } = call;
      const expected = versionOf(request);
      return tools.inTenant(actor, async (tx) => {
        const row = await lockLogSearch(tx, params.id);
        if (!row) throw problem('request.not_found');
        if (expected !== undefined && expected !== row.version) throw problem('request.stale');
        const before = await mustReadSearch(tx, params.id);
        const { name = row.name, search = row.search, alert = row.alert } = body;
        termsOf(search);
        if (alert === null && row.state === 'firing') await tools.logs.settleSearch(tx, row);
        await updateLogSearch(tx, params.id, { name, search, alert });
        const after = await mustReadSearch(tx, params.id);
        await recordChange(tx, { ...auditOrigin(call), ...ofSearch('changed', after), before: searchFacts(before), after: searchFacts(after) }); // prettier-ignore
        return withEtag(reply, after);
      });
    },
    deleteLogSearch: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const row = await lockLogSearch(tx, call.params.id);
        if (!row) throw problem('request.not_found');
        if (row.state === 'firing') await tools.logs.settleSearch(tx, row);
        await deleteLogSearch(tx, row.id);
        await recordChange(tx, { ...auditOrigin(call), ...ofSearch('removed', row) });
      }),

    getLogKeeping: ({ actor }) => tools.inTenant(actor, readLogKeeping),
    changeLogKeeping: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const before = await readLogKeeping(tx);
        const { keepDays = before.keepDays, quotaBytes = before.quotaBytes } = call.body;
        await updateLogKeeping(tx, { keepDays, quotaBytes });
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'log_keeping.changed',
          subject: 'log_keeping',
          title: 'Log keeping',
          before: { keepDays: before.keepDays, quotaBytes: before.quotaBytes },
          after: { keepDays, quotaBytes },
        });
        return readLogKeeping(tx);
      }),
  };
});

/** @throws Problem `log_search.unreadable` */
function termsOf(search: string): LogFilter['terms'] {
  const read = readLogSearch(search);
  if (!read.ok) throw problem('log_search.unreadable', { why: read.why });
  return read.terms;
}
interface Asked {
  q: string;
  severity?: LineSeverity[] | undefined;
  source?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}
const filterOf = ({ q, severity, source }: Asked): LogFilter => ({
  terms: termsOf(q),
  severities: severity,
  sourceId: source,
});
/** An open end lies a little ahead of now, for senders whose clocks are. */
function windowOf({ from, to }: Asked): Window {
  const nowMs = Date.now();
  const toMs = to === undefined ? nowMs + 60_000 : Date.parse(to);
  const fromMs = from === undefined ? Math.min(toMs, nowMs) - hourMs : Date.parse(from);
  if (fromMs >= toMs)
    throw problem('contract.broken', {}, [
      { path: '/query/to', code: 'out_of_range', message: 'It ends after it begins.' },
    ]);
  return { fromMs, toMs };
}

async function mustRead(tx: TenantTx, id: string): Promise<ShownLogSource> {
  const [source] = await listLogSources(tx, id);
  if (!source) throw problem('request.not_found');
  return source;
}
async function mustReadSearch(tx: TenantTx, id: string): Promise<SavedLogSearch> {
  const [search] = await listLogSearches(tx, id);
  if (!search) throw problem('request.not_found');
  return search;
}

const ofSource = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `log_source.${act}`,
  subject: `log_source:${id}`,
  title: name,
});
const ofSearch = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `log_search.${act}`,
  subject: `log_search:${id}`,
  title: name,
});
const auditOf = ({ name, description, sender, timeZone, enabled }: ShownLogSource) => ({
  name,
  description,
  sender,
  timeZone,
  enabled,
});
const searchFacts = ({ name, search, alert }: SavedLogSearch) => ({ name, search, alert });
