import type { PublicConfig } from '#contracts/connections/config.ts';
import type { AmcCatalog } from '#contracts/queries/amc/catalog.ts';
import type { QueryEngine } from '#contracts/queries/engine.ts';
import type { Secret } from '#system/secret.ts';
import type { GuardOptions } from '../http/guarded-request.ts';

/** One token set as it is kept: what a service needs to be asked with, and when it ends. */
export interface LiveTokens {
  readonly accessToken: Secret;
  /** Counts the sets of this connection and unit: a newer one replaces this. */
  readonly generation: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
  readonly refreshAtMs: number;
  readonly scopes: readonly string[];
  /** Of Marketing Cloud, as its token answer named them; empty elsewhere. */
  readonly restUrl: string;
  readonly soapUrl: string;
}

/** Where tokens of one connection and unit come from; one renewal at a time is the source's duty. */
export interface LiveTokenSource {
  /** A token that should work. @throws QueryFailure `auth` where nobody is signed in */
  current(signal?: AbortSignal): Promise<LiveTokens>;
  /** Another than this one, which the service refused. */
  renew(spent: LiveTokens, signal?: AbortSignal): Promise<LiveTokens>;
}

/** Waits for a place in the connection's budget of calls, then does the work. Calls of one `kind` take about equally long. */
export type CallSlot = <T>(work: () => Promise<T>, kind?: string) => Promise<T>;

/** What of a connection is kept sealed, opened. */
export interface OpenSecrets {
  readonly clientSecret?: Secret | undefined;
  readonly password?: Secret | undefined;
}

/** Opens a PostgreSQL engine: whoever holds the open results of this process makes it. */
export type PostgresOpener = (of: {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly config: Extract<PublicConfig, { kind: 'postgres' }>;
  readonly password: Secret;
  readonly guard: GuardOptions;
}) => QueryEngine;

/** All that is needed to speak with a service for one connection and unit; who makes it knows database and vault. */
export interface EngineMaterial {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly config: PublicConfig;
  readonly secrets: OpenSecrets;
  /** Business unit or instance; null: of the connection as a whole. */
  readonly unit: string | null;
  /** What is known of the unit: `accountId` and `marketplaceId` of an instance, say. */
  readonly unitDetails: Readonly<Record<string, string | number | boolean | null>>;
  readonly tokens: LiveTokenSource;
  readonly guard: GuardOptions;
  readonly slot: CallSlot;
  /** The instance's tables as they are kept: verdicts then tell columns. */
  readonly catalog?: (() => Promise<AmcCatalog | null>) | undefined;
  readonly postgres: PostgresOpener;
  /** For tests. */
  readonly now?: (() => number) | undefined;
}
