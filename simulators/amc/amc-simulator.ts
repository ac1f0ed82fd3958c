import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { adminRoutes, assetsOf } from './admin.ts';
import { administrationRoutes, advertiserUpdateRoutes } from './administration.ts';
import { audienceRoutes } from './audiences.ts';
import { dataSourceRoutes } from './data-sources.ts';
import { type Answer, type Exchange, json, Refusal, type Route, send } from './exchange.ts';
import { executionRoutes, queueOf } from './executions.ts';
import { faultOf, instead, spoil } from './faults.ts';
import { loginRoutes } from './login.ts';
import type { Execution } from './queue.ts';
import { reportRoutes } from './reports.ts';
import { Files, resultRoutes } from './results.ts';
import type { ScenarioInput } from './scenario.ts';
import { sellingPartnerRoutes } from './selling-partner.ts';
import { Saved, workflowRoutes } from './workflows.ts';
import { type Region, regions, World } from './world.ts';

export interface RegionAddresses {
  readonly consent: string;
  readonly token: string;
  readonly ads: string;
  readonly sellingPartner: string;
}
export interface AmcSimulator {
  readonly origin: string;
  readonly regions: Readonly<Record<Region, RegionAddresses>>;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of somebody who has agreed already. */
  readonly refreshToken: string;
  readonly world: World;
  assets(): ReturnType<typeof assetsOf>;
  stop(): Promise<void>;
}

const mostBody = 4 * 1_048_576;

/** Login with Amazon, the Ads API with Amazon Marketing Cloud, and Selling Partner reports, on one loopback port. */
export async function startAmcSimulator(options: ScenarioInput & { port?: number } = {}): Promise<AmcSimulator> {
  const { port = 0, ...scenario } = options;
  const world = new World(scenario);
  const saved = new Saved();
  const files = new Files(world);
  const advertisersOf = new WeakMap<Execution, readonly number[]>();
  const queue = queueOf(world, advertisersOf);
  const routes: readonly Route[] = [
    ...loginRoutes,
    ...administrationRoutes,
    ...advertiserUpdateRoutes(world),
    ...dataSourceRoutes,
    ...workflowRoutes(saved),
    ...executionRoutes(world, saved, queue, advertisersOf),
    ...resultRoutes(world, queue, files),
    ...audienceRoutes(world, saved),
    ...reportRoutes(world, files),
    ...sellingPartnerRoutes(world, files),
    ...adminRoutes(world, saved, queue, files),
  ];
  let open = 0;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin);
    const [, region = 'na', path = url.pathname] = /^\/(na|eu|fe)(\/.*)$/.exec(url.pathname) ?? [];
    const isAdmin = path.startsWith('/simulator/');
    const body = await readBody(request);
    if (!isAdmin) record(request, url.pathname);
    const exchange: Exchange = {
      world,
      region: region as Region,
      method: request.method ?? '',
      path: decodeURI(path),
      query: url.searchParams,
      headers: request.headers,
      body,
      params: [],
      origin,
    };
    const fault = isAdmin ? undefined : faultOf(world, request, path);
    if (fault?.delayMs) await delay(fault.delayMs);
    const other = fault ? instead(fault, path) : null;
    const answer = other ?? (await answerTo(exchange));
    if (fault?.kind === 'hang_after') world.unanswered.push(response);
    else if (fault) spoil(fault, answer, response);
    else send(response, answer);
  }

  async function answerTo(exchange: Exchange): Promise<Answer> {
    if (exchange.path.startsWith('/s3/')) return files.answer(exchange);
    for (const { method, path, answer } of routes) {
      const match = method === exchange.method ? path.exec(exchange.path) : null;
      if (!match) continue;
      try {
        return await answer({ ...exchange, params: match.slice(1).map(decodeURIComponent) });
      } catch (error) {
        if (error instanceof Refusal) return error.answer;
        throw error;
      }
    }
    return json({ code: '404', details: 'No such resource.' }, 404);
  }

  function record(request: IncomingMessage, path: string): void {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    world.requests.push({
      method: request.method ?? '',
      path,
      headers: Object.keys(request.headers),
      tokenDigest: token === undefined ? null : world.digest(token),
      atMs: Date.now(),
      atOnce: open,
    });
    if (world.requests.length > 10_000) world.requests.shift();
  }

  const server = createServer((request, response) => {
    open++;
    response.once('close', () => open--);
    respond(request, response).catch((error: unknown) => {
      if (!response.headersSent)
        send(response, json({ code: '500', details: error instanceof Error ? error.message : 'Failed.' }, 500));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const addresses = (region: Region): RegionAddresses => ({
    consent: `${origin}/${region}/ap/oa`,
    token: `${origin}/${region}/auth/o2/token`,
    ads: `${origin}/${region}`,
    sellingPartner: `${origin}/${region}/sp`,
  });
  return {
    origin,
    regions: { na: addresses('na'), eu: addresses('eu'), fe: addresses('fe') },
    clientId: world.scenario.clientId,
    clientSecret: world.scenario.clientSecret,
    refreshToken: world.grant().refreshToken,
    world,
    assets: () => assetsOf(world, saved, queue, files),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await world.stop();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBody) throw new Error('The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
export { regions };
