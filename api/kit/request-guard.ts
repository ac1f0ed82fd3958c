import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { RouteDef } from '#contracts/kit/route.ts';
import type { Config } from '#system/config.ts';
import { problem } from './problem.ts';

type GuardConfig = Pick<Config, 'host' | 'publicUrl' | 'corsOrigins'>;

export interface RequestGuard {
  /** Where we listen on loopback, only local names reach us: a page of the network that points its name here does not (DNS rebinding). */
  checkHost(request: FastifyRequest): void;
  /** A browser's cookie comes along on its own, so writes and streams must come from our own pages. */
  checkCookieOrigin(request: FastifyRequest, def: RouteDef): void;
  /** A page of another origin may not sign people in either. Callers without an `Origin` are no pages. */
  checkOpenOrigin(request: FastifyRequest): void;
}

/** Whether a host name or address is this machine's own. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '::1' ||
  (isIP(host) === 4 && host.startsWith('127.'));

/** The host of a `Host` header without its port and brackets. */
const nameOf = (host: string): string => {
  const named = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  return named.replace(/^\[|\]$/g, '');
};

export function createRequestGuard({ host, publicUrl, corsOrigins }: GuardConfig): RequestGuard {
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  const publicName = publicOrigin === undefined ? undefined : nameOf(new URL(publicOrigin).host);
  const listensLocally = isLoopback(host.replace(/^\[|\]$/g, ''));
  const goodHosts = new Set<string>();

  const isOwn = (request: FastifyRequest, origin: string): boolean =>
    origin === publicOrigin ||
    corsOrigins.includes(origin) ||
    // Our page, whatever name it was opened by: `checkHost` has looked at that name.
    (URL.canParse(origin) && new URL(origin).host === request.host);

  return {
    checkHost(request) {
      if (!listensLocally) return;
      const given = request.host ?? '';
      if (goodHosts.has(given)) return;
      const name = nameOf(given);
      if (!isLoopback(name) && name !== publicName)
        throw problem('request.host_refused', { host: given.slice(0, 100) });
      if (goodHosts.size < 100) goodHosts.add(given);
    },
    checkCookieOrigin(request, def) {
      const isStream = isStreamRequest(request, def);
      if (!isWrite(request) && !isStream) return;
      const origin = request.headers.origin;
      if (origin !== undefined) {
        if (!isOwn(request, origin)) throw problem('request.origin_refused');
        return;
      }
      // Browsers leave `Origin` out of a page's own GET, but say where it comes from; they never leave it out of a write.
      const site = request.headers['sec-fetch-site'];
      const isFine = site === 'same-origin' || (site === undefined && !isWrite(request) && def.stream !== 'websocket');
      if (!isFine) throw problem('request.origin_refused');
    },
    checkOpenOrigin(request) {
      const origin = request.headers.origin;
      if (origin !== undefined && isWrite(request) && !isOwn(request, origin)) throw problem('request.origin_refused');
    },
  };
}

const isWrite = ({ method }: FastifyRequest): boolean => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';

/** Whether the answer goes on for as long as the caller listens. */
export const isStreamRequest = (request: FastifyRequest, def: RouteDef): boolean =>
  def.stream === 'sse' ||
  def.stream === 'websocket' ||
  (request.headers.accept?.includes('text/event-stream') ?? false);
