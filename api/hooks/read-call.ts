import type { FastifyRequest } from 'fastify';
import type { Json, JsonObject } from '#contracts/playbooks/document.ts';
import { problem } from '../kit/problem.ts';

/** A call as it came. */
export interface ReceivedCall {
  method: string;
  address: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  query: Record<string, string>;
  body: Buffer;
}

export function receiveCall(request: FastifyRequest): ReceivedCall {
  return {
    method: request.method,
    address: request.ip,
    headers: flat(request.headers),
    query: flat(request.query as Record<string, unknown>),
    body: bytesOf(request.body),
  };
}

const flat = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const text = Array.isArray(value) ? value.join(', ') : value;
      return typeof text === 'string' ? [[name.toLowerCase(), text]] : [];
    }),
  );

/** The bytes of a body, whichever parser of the server had it. */
function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (typeof body === 'string') return Buffer.from(body);
  if (typeof body === 'object' && body !== null && 'yaml' in body && typeof body.yaml === 'string')
    return Buffer.from(body.yaml);
  return Buffer.alloc(0);
}

/** What expressions see of a call: `body` parsed where it says that it is JSON or a form, `headers`, `query`. */
export function namesOf({ headers, query, body }: Pick<ReceivedCall, 'headers' | 'query' | 'body'>): JsonObject {
  return { body: parseBody(body, headers['content-type'] ?? ''), headers, query };
}

function parseBody(body: Buffer, type: string): Json {
  const text = body.toString('utf8');
  if (/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    try {
      return text === '' ? null : (JSON.parse(text) as Json);
    } catch {
      throw problem('webhook.not_json');
    }
  }
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    const fields: Record<string, Json> = {};
    for (const [name, value] of new URLSearchParams(text)) {
      const before = fields[name];
      fields[name] =
        before === undefined ? value : [...(Array.isArray(before) ? (before as readonly Json[]) : [before]), value];
    }
    return fields;
  }
  return text;
}

const unkept = /^(authorization|proxy-authorization|cookie|x-api-key|x-auth-token)$|signature|secret|token/;
/** What of the headers is kept for people to look at: no credentials, nothing endless. */
export const keptHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .slice(0, 60)
      .map(([name, value]) => [name, unkept.test(name) ? '[secret]' : value.slice(0, 1_000)]),
  );
