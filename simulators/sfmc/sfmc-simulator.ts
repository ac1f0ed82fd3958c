import type { z } from 'zod';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { adminReply } from './admin.ts';
import { answerFaults, faultOfHeader, retryAfterOf, takeFault } from './faults.ts';
import { type Reply, html, json, readBody, send } from './http.ts';
import { oauthReply } from './oauth.ts';
import { restError } from './rest-call.ts';
import { restReply } from './rest.ts';
import { type Fault, Scenario } from './scenario.ts';
import { makeWorld } from './seed.ts';
import { type SoapRequest, readSoap, soapPlace, soapReply } from './soap.ts';
import { fault as soapFault, securityFault } from './soap-xml.ts';
import { bearerOf, findAccess } from './tokens.ts';
import type { Package, World } from './world.ts';

export interface SfmcSimulatorOptions {
  /** 0 or absent: picked by the system. */
  port?: number | undefined;
  /** Where the web app's sign-in comes back to. */
  redirectUris?: readonly string[];
  scenario?: z.input<typeof Scenario>;
}

export interface SfmcSimulator {
  /** `http://127.0.0.1:<port>`; the bases are `/auth/`, `/rest/` and `/soap/` below it. */
  origin: string;
  authUrl: string;
  tssd: string;
  packages: Record<'server' | 'web' | 'public', Package>;
  users: { username: string; password: string; units: number[] }[];
  units: { mid: number; name: string }[];
  /** For tests in the same process; others use `/admin`. */
  world: World;
  stop(): Promise<void>;
}

/** Marketing Cloud Engagement on loopback, as specs/sfmc.md §10 asks. Its state ends with it. */
export async function startSfmcSimulator(options: SfmcSimulatorOptions = {}): Promise<SfmcSimulator> {
  const redirectUris = options.redirectUris ?? ['http://127.0.0.1/callback'];
  const world = makeWorld(Scenario.parse(options.scenario ?? {}), redirectUris);
  let origin = '';
  const server = createServer((request, response) => {
    void answer(world, origin, request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, json({ message: String(error), errorcode: 0, documentation: '' }, 500));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ofKind = (kind: Package['kind']): Package => {
    const pack = world.packages.find((candidate) => candidate.kind === kind);
    if (!pack) throw new Error(`No package of the kind ${kind}.`);
    return pack;
  };
  return {
    origin,
    authUrl: `${origin}/auth/`,
    tssd: world.tssd,
    packages: { server: ofKind('server'), web: ofKind('web'), public: ofKind('public') },
    users: world.users.map(({ username, password, units }) => ({ username, password, units })),
    units: world.units.map(({ mid, name }) => ({ mid, name })),
    world,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await world.stop();
    },
  };
}

async function answer(world: World, origin: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', origin);
  const text = await readBody(request);
  if (url.pathname.startsWith('/admin/'))
    return send(response, await adminReply(world, request.method ?? '', url, text));
  const isSoap = url.pathname === '/soap/Service.asmx' && request.method === 'POST';
  const soap = isSoap ? readSoap(request, text) : undefined;
  const isRead = soap !== undefined && 'action' in soap;
  const place = isRead ? soapPlace(soap.action, soap.body) : `${request.method} ${url.pathname}`;
  world.calls.set(place, (world.calls.get(place) ?? 0) + 1);
  const fault = faultOfHeader(request) ?? takeFault(world, answerFaults, place) ?? tooMany(world, request, soap);
  const reply = async (): Promise<Reply> => {
    if (soap) return isRead ? soapReply(world, soap) : soap;
    if (url.pathname.startsWith('/auth/')) return oauthReply(world, request, url, text, origin);
    if (url.pathname.startsWith('/rest/')) return restReply(world, request, url, text);
    return json({ message: 'Not Found', errorcode: 404, documentation: '' }, 404);
  };
  await (fault ? showFault(world, fault, isSoap, response, reply) : send(response, await reply()));
}

/** Calls of each unit in the current second. */
const counted = new WeakMap<World, Map<number, { second: number; calls: number }>>();
function tooMany(world: World, request: IncomingMessage, soap: SoapRequest | Reply | undefined): Fault | undefined {
  const most = world.knobs.callsPerSecond;
  const token = soap && 'token' in soap ? soap.token : bearerOf(request);
  const mid = most === null ? undefined : findAccess(world, token)?.mid;
  if (most === null || mid === undefined) return undefined;
  const units = counted.get(world) ?? new Map<number, { second: number; calls: number }>();
  counted.set(world, units);
  const second = Math.floor(Date.now() / 1_000);
  const unit = units.get(mid);
  const calls = unit?.second === second ? unit.calls + 1 : 1;
  units.set(mid, { second, calls });
  return calls > most ? { kind: 'rate_limited', times: 1, after: 0, retryAfter: '1' } : undefined;
}

async function showFault(
  world: World,
  fault: Fault,
  isSoap: boolean,
  response: ServerResponse,
  reply: () => Promise<Reply>,
): Promise<void> {
  const retryAfter = retryAfterOf(fault, world.now());
  switch (fault.kind) {
    case 'rate_limited':
      return send(
        response,
        restError(
          429,
          50_100,
          'Rate limit exceeded',
          { retryAfter: fault.retryAfter === 'date' ? retryAfter : Number(retryAfter) },
          { 'retry-after': retryAfter },
        ),
      );
    case 'unauthorized':
      return send(response, isSoap ? securityFault('Token Expired') : restError(401, 0, 'Not Authorized'));
    case 'wrong_unit':
      return send(response, isSoap ? securityFault('Login Failed') : restError(401, 0, 'Not Authorized'));
    case 'soap_throttled':
      return send(response, soapFault('Server', 'The service is too busy. Please try again later.'));
    case 'unavailable': {
      const page = html('<h1>Service unavailable</h1><p>Marketing Cloud is down for maintenance.</p>', 503);
      return send(response, { ...page, headers: fault.retryAfter === undefined ? {} : { 'retry-after': retryAfter } });
    }
    case 'reset_before':
      return void response.destroy();
    case 'reset_after':
      await reply();
      return void response.destroy();
    case 'truncated': {
      const whole = await reply();
      return send(response, { ...whole, body: whole.body.slice(0, Math.floor(whole.body.length / 2)) });
    }
    case 'hang':
      return;
    case 'hang_after':
      await reply();
      return void world.unanswered.push(response);
    default:
      return send(response, await reply());
  }
}
