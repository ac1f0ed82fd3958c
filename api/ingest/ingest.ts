import type { FastifyReply, FastifyRequest } from 'fastify';
import { readDatadogLogs } from '#contracts/ingest/formats/datadog-logs.ts';
import { type BulkItem, readBulk } from '#contracts/ingest/formats/elastic-bulk.ts';
import { readLoki } from '#contracts/ingest/formats/loki.ts';
import { readNdjson } from '#contracts/ingest/formats/ndjson.ts';
import { readOtlpLogs } from '#contracts/ingest/formats/otlp.ts';
import { intakeLimits, intakeRoutes, type LogsAccepted } from '#contracts/ingest/intake.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { countNotWritten } from '#db/logs/log-sources.ts';
import { findLogToken } from '#db/system/log-tokens.ts';
import { hashToken } from '#db/system/tokens.ts';
import { systemClock } from '#system/clock.ts';
import { KeptBriefly } from '../kit/kept-briefly.ts';
import { problem } from '../kit/problem.ts';
import { room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { inOwnWords, refuseDatadog, refuseElastic, refuseLoki, refuseOtlp, sendJson, type Refuse } from './answers.ts';
import { readJsonText, readText } from './read-body.ts';

/** A token that was removed is refused after so long at the latest. */
const keptMs = 3_000;
const mostRejected = 100;
interface From {
  workspaceId: string;
  sourceId: string | null;
}

/** The doors by which logs come in, each in its sender's own form. Nothing is answered as taken before it is committed. */
export const ingestRoom = room(intakeRoutes, (tools) => {
  const tokens = new KeptBriefly<Awaited<ReturnType<typeof findLogToken>>>({
    clock: systemClock,
    ms: keptMs,
    most: 5_000,
  });
  const sourceOf = async (token: string): Promise<From> => {
    const hash = hashToken(token);
    const found = await tokens.get(hash, () => inSystem(tools.system, (tx) => findLogToken(tx, hash)));
    if (!found) throw problem('log.token_refused');
    return found;
  };
  const door =
    (refuse: Refuse, take: (tools: ApiTools, from: From, of: Taken) => Promise<FastifyReply>) =>
    ({ params, request, reply }: { params: { token: string; index?: string }; request: FastifyRequest; reply: FastifyReply }) =>
      inOwnWords(
        reply,
        refuse,
        async () => take(tools, await sourceOf(params.token), { request, reply, index: params.index ?? null }),
        (error) => request.log.warn({ err: error }, 'logs could not be written'),
      ); // prettier-ignore
  const otlp = door(refuseOtlp, takeOtlp);
  const loki = door(refuseLoki, takeLoki);
  const bulk = door(refuseElastic, takeBulk);
  const probe = (body: object) =>
    door(refuseElastic, async (_tools, _from, { reply }) =>
      sendJson(reply.header('x-elastic-product', 'Elasticsearch'), 200, body),
    );
  return {
    writeLogs: async ({ actor, request, reply }) =>
      reply.send(await takeNdjson(tools, { workspaceId: actor.workspaceId, sourceId: null }, request)),
    writeSourceLogs: async ({ params, request, reply }) =>
      reply.send(await takeNdjson(tools, await sourceOf(params.token), request)),
    receiveOtlpLogs: otlp,
    receiveOtlpLogsAsLoki: otlp,
    receiveLoki: loki,
    receiveOldLoki: loki,
    receiveBulk: bulk,
    receiveBulkByPut: bulk,
    receiveIndexBulk: bulk,
    receiveIndexBulkByPut: bulk,
    probeElastic: probe({
      name: 'windlass',
      cluster_name: 'windlass',
      cluster_uuid: 'windlass',
      version: { number: '8.17.0', build_flavor: 'default', lucene_version: '9.12.0', minimum_wire_compatibility_version: '7.17.0', minimum_index_compatibility_version: '7.0.0' }, // prettier-ignore
      tagline: 'You Know, for Search',
    }),
    probeElasticLicense: probe({ license: { status: 'active', uid: 'windlass', type: 'basic', mode: 'basic' } }),
    receiveDatadogLogs: door(refuseDatadog, (given, from, of) => takeDatadog(given, from, of, 202)),
    receiveOldDatadogLogs: door(refuseDatadog, (given, from, of) => takeDatadog(given, from, of, 200)),
  };
});

interface Taken {
  request: FastifyRequest;
  reply: FastifyReply;
  index: string | null;
}

/** Counts what a sender was told that it is no event. It is a figure: where it cannot be kept the answer stands. */
const noteRejected = (tools: ApiTools, { workspaceId, sourceId }: From, rejected: number): void => {
  if (rejected > 0)
    void inTenant(tools.db, workspaceId, (tx) => countNotWritten(tx, sourceId, { rejected })).catch(() => {});
};

async function takeNdjson(tools: ApiTools, from: From, request: FastifyRequest): Promise<LogsAccepted> {
  refuseBinary(request);
  const text = await readText(request);
  const key = request.headers['idempotency-key'];
  const { events, rejected } = readNdjson(
    text,
    Date.now(),
    typeof key === 'string' && key !== '' ? key.slice(0, 200) : null,
  );
  if (events.length === 0 && rejected.length > 0)
    throw problem('log.unreadable', { why: `line ${(rejected[0]?.index ?? 0) + 1}: ${rejected[0]?.reason ?? ''}` });
  const { stored, duplicates } = await tools.logs.write(from.workspaceId, from.sourceId, events);
  noteRejected(tools, from, rejected.length);
  return {
    accepted: stored,
    duplicates: duplicates.size,
    rejected: rejected.slice(0, mostRejected).map(({ index, reason }) => ({ line: index + 1, reason })),
    rejectedCount: rejected.length,
  };
}

async function takeOtlp(tools: ApiTools, from: From, { request, reply }: Taken): Promise<FastifyReply> {
  refuseBinary(request);
  const text = await readText(request);
  const read = text === '' ? { events: [], rejected: [] } : readOtlpLogs(readJsonText(text), Date.now());
  if (!read) throw problem('log.unreadable', { why: 'it is no ExportLogsServiceRequest.' });
  await tools.logs.write(from.workspaceId, from.sourceId, read.events);
  noteRejected(tools, from, read.rejected.length);
  const partial = read.rejected.length > 0 && {
    partialSuccess: {
      rejectedLogRecords: String(read.rejected.length),
      errorMessage: read.rejected[0]?.reason ?? '',
    },
  };
  return sendJson(reply, 200, { ...partial });
}

async function takeLoki(tools: ApiTools, from: From, { request, reply }: Taken): Promise<FastifyReply> {
  refuseBinary(request);
  const read = readLoki(readJsonText(await readText(request)));
  if (!read.ok) throw problem('log.unreadable', { why: read.message });
  await tools.logs.write(from.workspaceId, from.sourceId, read.events);
  return reply.code(204).send();
}

async function takeDatadog(
  tools: ApiTools,
  from: From,
  { request, reply }: Taken,
  good: number,
): Promise<FastifyReply> {
  refuseBinary(request);
  const body = readJsonText(await readText(request, intakeLimits.datadogBytes));
  if (Array.isArray(body) && body.length > intakeLimits.datadogEvents)
    throw problem('request.too_large', { limit: `${intakeLimits.datadogEvents} events` });
  const events = readDatadogLogs(body, Date.now());
  if (!events) throw problem('log.unreadable', { why: 'it is neither a log nor a list of logs.' });
  await tools.logs.write(from.workspaceId, from.sourceId, events);
  return sendJson(reply, good, {});
}

async function takeBulk(tools: ApiTools, from: From, { request, reply, index }: Taken): Promise<FastifyReply> {
  refuseBinary(request);
  const began = performance.now();
  const read = readBulk(await readText(request), index, Date.now());
  if (!read.ok) throw problem('log.unreadable', { why: read.reason });
  const taken = read.items.flatMap((item) => ('event' in item ? [item.event] : []));
  const { duplicates } = await tools.logs.write(from.workspaceId, from.sourceId, taken);
  noteRejected(tools, from, read.items.length - taken.length);
  let place = -1;
  let errors = false;
  const items = read.items.map((item) => {
    if ('event' in item) place += 1;
    const answer = itemAnswer(item, 'event' in item && duplicates.has(place));
    errors ||= 'error' in answer;
    return { [item.action]: answer };
  });
  const took = Math.round(performance.now() - began);
  return sendJson(reply.header('x-elastic-product', 'Elasticsearch'), 200, { took, errors, items });
}

function itemAnswer(item: BulkItem, isDuplicate: boolean): object {
  const named = { _index: item.index, _id: item.id };
  if ('error' in item) {
    const { status, ...error } = item.error;
    return { ...named, status, error };
  }
  // What Elasticsearch says of a document that is there: shippers drop it as sent.
  if (isDuplicate && item.action === 'create')
    return {
      ...named,
      status: 409,
      error: {
        type: 'version_conflict_engine_exception',
        reason: `[${item.id}]: version conflict, document already exists`,
      },
    };
  return {
    ...named,
    _version: 1,
    _seq_no: 0,
    _primary_term: 1,
    _shards: { total: 1, successful: 1, failed: 0 },
    result: isDuplicate ? 'noop' : 'created',
    status: isDuplicate ? 200 : 201,
  };
}

/** Binary forms of these protocols are not read: senders are told to write JSON. */
function refuseBinary(request: FastifyRequest): void {
  if (/protobuf|grpc|snappy|msgpack/i.test(request.headers['content-type'] ?? ''))
    throw problem('request.unsupported_type');
}
