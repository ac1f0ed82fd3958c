import { type Reply, json } from './http.ts';
import type { AccessToken, World } from './world.ts';

/** One REST call, its token already known. */
export interface RestCall {
  readonly world: World;
  readonly access: AccessToken;
  /** Named parts of the path. */
  readonly part: (name: string) => string;
  readonly query: URLSearchParams;
  /** The body as JSON; undefined where there is none. */
  readonly body: unknown;
}
export interface RestRoute {
  /** Exactly as printed in the specification: a trailing slash counts. */
  readonly route: string;
  readonly scope?: string;
  readonly answer: (call: RestCall) => Reply | Promise<Reply>;
}

const documentation = 'https://developer.salesforce.com/docs/marketing/marketing-cloud/guide/error-handling.html';
/** An error as REST words it. */
export const restError = (
  status: number,
  errorcode: number,
  message: string,
  more: object = {},
  headers: Record<string, string> = {},
): Reply => json({ message, errorcode, documentation, ...more }, status, headers);
