import type { z } from 'zod';
import type { Permission } from '../identity/permissions.ts';

/**
 * Who may call a route:
 * - a permission: a signed-in person or key that has it in the named workspace;
 * - `signed-in`: any signed-in person, no workspace needed;
 * - `member`: anybody who belongs to the named workspace, whatever the role;
 * - `instance-admin`: an instance administrator;
 * - `public`: everybody, said on purpose (sign-in, tokens in the path, health).
 */
export type Access = Permission | 'signed-in' | 'member' | 'instance-admin' | 'public';

export interface RouteDef {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'OPTIONS';
  /** Below `/api/v1`, parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Of the good answer; 200 where nothing is said. */
  readonly status?: 200 | 201 | 202 | 204;
  /** The good answer's body. Absent with 204 and with `stream`. */
  readonly response?: z.ZodType;
  /**
   * The handler builds the answer field by field from our own rows, so it is sent without a second pass through the
   * schema: for lists that are asked for all the time. A test holds what is built against the schema.
   */
  readonly sentAsBuilt?: true;
  /** Honours `Idempotency-Key`: for every POST that starts or makes something. */
  readonly idempotent?: boolean;
  /** The answer is no JSON body: server-sent events, a file, or anything else the handler writes itself. */
  readonly stream?: 'sse' | 'file' | 'raw' | 'websocket';
  /** The handler reads the raw body itself (webhooks whose signature covers the bytes, CSV, YAML). */
  readonly rawBody?: boolean;
  /** The handler reads the body as a stream, of whatever content type, and holds `bodyLimit` itself: for files. */
  readonly streamBody?: boolean;
  /** Largest body in bytes, where it differs from 1 MiB. */
  readonly bodyLimit?: number;
  /** A token is in the path: the route's pattern is logged, never its address. */
  readonly secretPath?: boolean;
}

/** A room's routes by operation id. The same table serves the API, prints the OpenAPI and types the console's client. */
export const defineRoutes = <const T extends Record<string, RouteDef>>(routes: T): T => routes;

type In<T> = T extends z.ZodType ? z.input<T> : never;
type Out<T> = T extends z.ZodType ? z.output<T> : never;

/** What a handler is given, parsed. */
export interface RouteInput<R extends RouteDef> {
  params: Out<R['params']>;
  query: Out<R['query']>;
  body: Out<R['body']>;
}
/** What a caller must give. */
export type RouteArguments<R extends RouteDef> = (R['params'] extends z.ZodType
  ? { params: In<R['params']> }
  : { params?: undefined }) &
  (R['query'] extends z.ZodType ? { query?: In<R['query']> } : { query?: undefined }) &
  (R['body'] extends z.ZodType ? { body: In<R['body']> } : { body?: undefined });
/** What a caller receives. */
export type RouteResult<R extends RouteDef> = R['response'] extends z.ZodType ? z.output<R['response']> : void;
/** What a handler returns, before the schema has parsed it. */
export type RouteAnswer<R extends RouteDef> = R['response'] extends z.ZodType ? z.input<R['response']> : unknown;
