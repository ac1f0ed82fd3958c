import type { FastifyReply, FastifyRequest } from 'fastify';
import { mostSentBytes } from '#contracts/alerts/alert-sources.ts';
import { acceptAlerts, acceptMarks } from '#db/alerts/accept-alerts.ts';
import { countRefusal, countRequest, readAlertSourceRow } from '#db/alerts/alert-sources.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { findAlertToken } from '#db/system/alerts-due.ts';
import { hashToken } from '#db/system/tokens.ts';
import { systemClock } from '#system/clock.ts';
import { problem } from '../kit/problem.ts';
import { RateLimits } from '../kit/rate-limit.ts';
import type { ApiTools } from '../kit/tools.ts';
import { type Answer, busyAnswer, formatOf, readIntake, receive, type Received, type Way } from './read-intake.ts';

const scope = (workspaceId: string) => ({ workspaceId, mids: '*', hidden: '' });

/** The door through which alerts come in. What it has answered with a good status is committed. */
export function alertDoor(tools: ApiTools) {
  const rates = new RateLimits(systemClock);
  const refusals = new Map<string, number>();

  /** A flood of refusals must not become a flood of writes: of a source one a second is counted in full, with the rest. */
  const held = new Map<string, { refused: number; limited: number }>();
  const noteRefusal = async (
    of: { workspaceId: string; sourceId: string },
    kind: 'refused' | 'limited',
    reason: string,
  ): Promise<void> => {
    const counts = held.get(of.sourceId) ?? { refused: 0, limited: 0 };
    counts[kind] += 1;
    held.set(of.sourceId, counts);
    if (Date.now() - (refusals.get(of.sourceId) ?? 0) < 1_000) return;
    refusals.set(of.sourceId, Date.now());
    held.delete(of.sourceId);
    await tools.inTenant(scope(of.workspaceId), (tx) => countRefusal(tx, of.sourceId, { ...counts, reason }));
  };

  const find = async (candidates: readonly string[]) => {
    for (const token of candidates) {
      const found = await inSystem(tools.system, (tx) => findAlertToken(tx, hashToken(token)));
      if (found) return found;
    }
    return undefined;
  };

  const take = async (
    { request, reply, token }: { request: FastifyRequest; reply: FastifyReply; token: string | null },
    way: Way,
  ): Promise<FastifyReply> => {
    // The bytes after inflation are held to the route's own limit by the server.
    if (Number(request.headers['content-length'] ?? 0) > mostSentBytes)
      throw problem('alert.body_too_large', { limit: mostSentBytes });
    const came = receive(request);
    const found = await find(candidatesOf(request, came, token));
    if (!found) return send(reply, unknownToken(way));
    const { workspaceId, sourceId } = found;
    const source = await tools.inTenant(scope(workspaceId), (tx) => readAlertSourceRow(tx, sourceId));
    if (!source?.enabled) return send(reply, unknownToken(way));
    const rate = rates.take(sourceId, source.rateLimit);
    if (rate.retryAfter > 0) {
      await noteRefusal({ workspaceId, sourceId }, 'limited', `More than ${source.rateLimit} requests a minute.`);
      return send(reply.header('retry-after', rate.retryAfter), busyAnswer(way, source.format, rate.retryAfter));
    }
    const format = formatOf(way, source, came);
    if (format === undefined) {
      const refusal = problem(came.json === undefined ? 'alert.unreadable' : 'alert.format_unknown', {
        reason: 'The body is no JSON.',
      });
      await noteRefusal({ workspaceId, sourceId }, 'refused', refusal.message);
      throw refusal;
    }
    const { read, answer, payloadOf } = readIntake(format, source.mapping, came, Date.now());
    if (!read.ok) {
      const [first] = read.problems;
      const reason = first ? `${read.message} ${first.path}: ${first.message}` : read.message;
      await noteRefusal({ workspaceId, sourceId }, 'refused', reason);
      return send(reply, { ...answer, body: { ...answer.body, requestId: request.id } });
    }
    const duplicates = await tools.inTenant(scope(workspaceId), async (tx) => {
      const { accepted, duplicates: told } = await acceptAlerts(tx, sourceId, source.name, read.alerts, { payloadOf });
      await acceptMarks(tx, sourceId, source.name, read.marks ?? []);
      await countRequest(tx, { sourceId, tokenId: found.id }, { accepted, leftOut: read.leftOut ?? 0 });
      return told;
    });
    if (duplicates === 0) return send(reply, answer);
    // A good answer all the same: whoever sends an event again is to stop.
    return send(reply, { ...answer, body: { accepted: read.alerts.length - duplicates, duplicates } });
  };

  /** CloudEvents' web hooks ask whether events may be sent here; whoever knows the token may. */
  const greet = async (request: FastifyRequest, reply: FastifyReply, token: string): Promise<FastifyReply> => {
    const found = await find([token]);
    if (!found) throw problem('alert_source.not_found');
    const origin = request.headers['webhook-request-origin'];
    if (typeof origin === 'string')
      void reply.header('webhook-allowed-origin', origin).header('webhook-allowed-rate', '*');
    return reply.header('allow', 'POST, PUT, OPTIONS').code(200).send();
  };

  return { take, greet };
}

const unknownToken = (way: Way): Answer => {
  const refusal = problem('alert_source.not_found');
  return way === 'pagerduty' || way === 'pagerduty-change'
    ? {
        status: 400,
        body: { status: 'invalid event', message: 'Event object is invalid', errors: ['Invalid routing key'] },
      }
    : {
        status: refusal.statusCode,
        body: { error: refusal.code, message: refusal.message, statusCode: refusal.statusCode },
      };
};

/** Wherever senders carry a token: the path, a bearer, a basic password, a key of their own. */
function candidatesOf(request: FastifyRequest, came: Received, token: string | null): string[] {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').trim().split(/\s+/);
  const password = /^basic$/i.test(scheme)
    ? Buffer.from(value, 'base64').toString('utf8').split(':').slice(1).join(':')
    : '';
  const body = came.json;
  const routingKey =
    typeof body === 'object' && body !== null && !Array.isArray(body) && typeof body['routing_key'] === 'string'
      ? body['routing_key']
      : '';
  const given = [
    token ?? '',
    /^(?:bearer|token|apikey)$/i.test(scheme) ? value : '',
    password,
    routingKey,
    came.headers['dd-api-key'] ?? '',
    came.headers['x-api-key'] ?? '',
  ];
  return [...new Set(given.filter((text) => text.length >= 20 && text.length <= 200))];
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  void reply.code(status).header('referrer-policy', 'no-referrer');
  return body === undefined ? reply.send() : reply.type('application/json').send(JSON.stringify(body));
}
