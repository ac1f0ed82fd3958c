import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { type ErrorCode, errorDef } from '#contracts/errors.ts';
import type { ApiError } from '#contracts/kit/schemas.ts';
import { isDatabaseAway } from '#db/kit/database-away.ts';
import { Problem, type ProblemDetails, problem } from './problem.ts';

/** Answers an address that no route has, or hands it on by `false`: the console's own addresses. */
export type Fallback = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | false;

/** Gives every refusal the one shape of `ApiError`; what is not known is logged with its cause and told without. */
export function setRefusals(app: FastifyInstance, fallback: Fallback = () => false): void {
  app.setErrorHandler((error: FastifyError, request, reply) => send(asProblem(error, request), request, reply));
  app.setNotFoundHandler(
    (request, reply) => fallback(request, reply) || send(problem('request.not_found'), request, reply),
  );
}

function send(refusal: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (refusal.retryAfter !== undefined) void reply.header('retry-after', String(Math.ceil(refusal.retryAfter)));
  const body: ApiError = {
    error: refusal.code,
    message: refusal.message,
    statusCode: refusal.statusCode,
    ...(refusal.details !== undefined && { details: refusal.details as ApiError['details'] }),
    requestId: request.id,
  };
  // Written as it stands: the schema of the good answer must not be tried on a refusal.
  return reply
    .code(refusal.statusCode)
    .header('content-type', 'application/json; charset=utf-8')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);
}

/** Codes of Fastify and of the database that mean something to a caller. */
const known: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.unsupported_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'contract.broken',
  FST_ERR_CTP_INVALID_JSON_BODY: 'contract.broken',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'contract.broken',
  FST_ERR_RATE_LIMIT: 'request.rate_limited',
};
function asProblem(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const details: ProblemDetails = error.validation.map((issue) => ({
      path: `/${error.validationContext ?? 'body'}${issue.instancePath}`.replace(/^\/querystring/, '/query'),
      code: issue.keyword,
      message: issue.message ?? 'is not valid',
    }));
    return problem('contract.broken', {}, details);
  }
  const code = known[error.code ?? ''];
  if (code) return problem(code, { limit: '1 MiB' });
  if (isResponseSerializationError(error)) {
    request.log.error({ err: error, issues: error.cause.issues }, 'an answer does not fit its contract');
    return problem('server.failed');
  }
  if (isDatabaseAway(error)) {
    request.log.warn({ err: error }, 'the database is away');
    return problem('server.busy', { retryAfter: 2 });
  }
  const refused = knownRefusal(error);
  if (refused) return refused;
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new Problem('contract.broken', error.statusCode, error.message);
  }
  request.log.error({ err: error }, 'a request failed');
  return problem('server.failed');
}

/** A failure by a known code from a lower floor (`code` of the error list) is told as what it is. */
function knownRefusal(error: Error & { code?: string }): Problem | undefined {
  const def = errorDef(error.code ?? '');
  if (!def) return undefined;
  const details = 'details' in error ? (error.details as ProblemDetails) : undefined;
  const facts = 'facts' in error ? (error.facts as { retryAfter?: unknown }) : {};
  const retryAfter = typeof facts.retryAfter === 'number' ? facts.retryAfter : undefined;
  return new Problem(error.code ?? '', def.status, error.message, details, retryAfter);
}

/** What a caller is told of a failure that is one answer among many: code and sentence, no detail of what is not known. */
export const toldAs = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : ((error instanceof Error ? knownRefusal(error) : undefined) ??
      problem(isDatabaseAway(error) ? 'server.busy' : 'server.failed', { retryAfter: 2 }));
