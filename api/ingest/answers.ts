import type { FastifyReply } from 'fastify';
import { toldAs } from '../kit/refusals.ts';

/** How a sender is told what became of its request, in its own words. */
export type Refuse = (reply: FastifyReply, refusal: { status: number; code: string; message: string }) => FastifyReply;

const json = (reply: FastifyReply, status: number, body: unknown): FastifyReply =>
  reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);
export const sendJson = json;

/** Google's status codes, which OTLP names. */
const grpcCodes: Readonly<Record<number, number>> = { 400: 3, 401: 16, 413: 8, 415: 3, 429: 8, 503: 14 };

export const refuseOtlp: Refuse = (reply, { status, message }) =>
  json(reply, status, { code: grpcCodes[status] ?? 2, message });
export const refuseLoki: Refuse = (reply, { status, message }) =>
  reply.code(status).header('content-type', 'text/plain; charset=utf-8').send(`${message}\n`);
export const refuseDatadog: Refuse = (reply, { status, message }) =>
  json(reply, status, { errors: [{ status: String(status), title: message, detail: message }] });
const elasticTypes: Readonly<Record<number, string>> = {
  400: 'illegal_argument_exception',
  401: 'security_exception',
  413: 'content_too_long_exception',
  415: 'media_type_header_exception',
  429: 'es_rejected_execution_exception',
  503: 'es_rejected_execution_exception',
};
export const refuseElastic: Refuse = (reply, { status, message }) => {
  const cause = { type: elasticTypes[status] ?? 'exception', reason: message };
  return json(reply.header('x-elastic-product', 'Elasticsearch'), status, {
    error: { root_cause: [cause], ...cause },
    status,
  });
};

/** Does the work of a door; what goes wrong is told in the sender's words, with when to come again. */
export async function inOwnWords(
  reply: FastifyReply,
  refuse: Refuse,
  work: () => Promise<FastifyReply>,
  onFailed: (error: unknown) => void,
): Promise<FastifyReply> {
  try {
    return await work();
  } catch (error) {
    const told = toldAs(error);
    if (told.statusCode >= 500) onFailed(error);
    if (told.retryAfter !== undefined) void reply.header('retry-after', String(Math.ceil(told.retryAfter)));
    // A body that nobody reads to its end would hold the connection.
    if (!reply.request.raw.complete) void reply.header('connection', 'close');
    return refuse(reply, { status: told.statusCode, code: told.code, message: told.message });
  }
}
