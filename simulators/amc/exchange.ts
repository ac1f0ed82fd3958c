import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Account, Instance, Region, World } from './world.ts';

/** One request being answered. */
export interface Exchange {
  readonly world: World;
  readonly region: Region;
  readonly method: string;
  /** Without region and query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Parts of the path that the route names, in order. */
  readonly params: readonly string[];
  readonly origin: string;
}
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}
export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: Handler;
}
/** `{name}` stands for one part of the path. */
export const route = (method: string, path: string, answer: Handler): Route => ({
  method,
  path: new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
  answer,
});

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
/** Thrown to answer at once. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(String(answer.body));
    this.answer = answer;
  }
}
/** As AMC reporting refuses: the status as text, and details (AMC §2.3). */
export const refuse = (status: number, details: string, headers: Record<string, string> = {}): Refusal =>
  new Refusal(json({ code: String(status), details }, status, headers));
/** As AMC administration refuses. */
export const refuseAdmin = (status: number, message: string): Refusal =>
  new Refusal(json({ message, requestId: crypto.randomUUID() }, status));
/** As reporting v3 refuses. */
export const refuseAds = (status: number, detail: string): Refusal =>
  new Refusal(json({ code: String(status), detail }, status));

/** The body as this shape, or 400 in the words of the family that is asked. */
export function read<T>(exchange: Exchange, shape: z.ZodType<T>, as: typeof refuseAdmin = refuse): T {
  let given: unknown;
  try {
    given = JSON.parse(exchange.body.toString('utf8'));
  } catch {
    throw as(400, 'The request body is not valid JSON.');
  }
  const parsed = shape.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw as(400, `Invalid value for ${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'unknown'}`);
}

/** Refuses whoever has no token that is worth something, or another application's. */
export function signedIn({ world, headers }: Exchange): void {
  const [, token] = /^Bearer (.+)$/i.exec(headers['authorization'] ?? '') ?? [];
  const known = token === undefined ? undefined : world.accessTokens.get(token);
  const fail = (details: string): Refusal => new Refusal(json({ code: '401', details }, 401));
  if (!known) throw fail('Not authorized to access this advertiser: the access token is missing or invalid.');
  if (known.grant.isRevoked || known.untilMs <= world.now()) throw fail('The access token has expired.');
  if (headers['amazon-advertising-api-clientid'] !== world.scenario.clientId)
    throw fail('The client is not authorized.');
}

/** The account that the headers name. */
export function accountOf({ world, headers }: Exchange, as: typeof refuse | typeof refuseAdmin): Account {
  const id = headers['amazon-advertising-api-advertiserid'];
  const marketplace = headers['amazon-advertising-api-marketplaceid'];
  if (typeof id !== 'string') throw as(400, 'Header Amazon-Advertising-API-AdvertiserId is required.');
  if (typeof marketplace !== 'string') throw as(400, 'Header Amazon-Advertising-API-MarketplaceId is required.');
  const account = world.accounts.find((one) => one.accountId === id && one.marketplaceId === marketplace);
  if (!account || account.isClosed) throw as(403, 'The caller has no access to this account.');
  if (world.knobs.needsTerms)
    throw as(403, 'The Amazon Marketing Cloud terms and conditions must be accepted before the API can be used.');
  return account;
}

export function instanceOf(exchange: Exchange, as: typeof refuse | typeof refuseAdmin = refuse): Instance {
  signedIn(exchange);
  const account = accountOf(exchange, as);
  const [id] = exchange.params;
  const instance = exchange.world.instances.find(({ instanceId }) => instanceId === id);
  if (!instance) throw as(404, `Instance ${id ?? ''} does not exist.`);
  if (instance.accountId !== account.accountId) throw as(403, 'The instance belongs to another account.');
  return instance;
}

/** A page of a list; the token is opaque to clients. */
export function page<T>({ query }: Exchange, list: readonly T[], most = 100): { items: T[]; nextToken?: string } {
  const limit = Math.min(most, Math.max(1, Number(query.get('limit') ?? query.get('maxResults') ?? most) || most));
  const from = Number(Buffer.from(query.get('nextToken') ?? '', 'base64url').toString() || 0);
  if (!Number.isInteger(from) || from < 0) throw refuse(400, 'nextToken is invalid.');
  const items = list.slice(from, from + limit);
  const next = from + limit;
  return { items, ...(next < list.length && { nextToken: Buffer.from(String(next)).toString('base64url') }) };
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) });
  response.end(body);
}
