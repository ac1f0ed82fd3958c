import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from './problem.ts';

/** Sends a versioned thing with its etag, and hands it on. */
export function withEtag<T extends { version: number }>(reply: FastifyReply, thing: T): T {
  void reply.header('etag', `"${thing.version}"`);
  return thing;
}

/** The version that `If-Match` asks for; undefined where nothing or `*` is said. A foreign etag is refused as stale. */
export function versionOf(request: FastifyRequest): number | undefined {
  const given = request.headers['if-match']?.trim();
  if (given === undefined || given === '*') return undefined;
  const [, digits] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(given) ?? [];
  if (digits === undefined) throw problem('request.stale');
  return Number(digits);
}
