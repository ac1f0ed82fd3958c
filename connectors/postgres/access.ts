import type { Secret } from '#system/secret.ts';
import type { GuardOptions } from '../http/guarded-request.ts';

/**
 * `off`: in clear · `require`: encrypted, whoever answers · `verify-full`: encrypted, and the certificate must be valid for
 * the host's name, by `ca` or the authorities this system trusts.
 */
export type PostgresTls = 'off' | 'require' | 'verify-full';

export interface PostgresTarget {
  /** A name or an address; no socket file. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  readonly tls: PostgresTls;
  /** PEM, for `verify-full`. */
  readonly ca?: string | undefined;
}

/** How one database is reached, by whom, and what a statement may cost. */
export interface PostgresAccess {
  readonly target: PostgresTarget;
  readonly guard: GuardOptions;
  /** Of one statement; 5 minutes unless said. */
  readonly statementTimeoutMs?: number;
  /** Of one export, which lasts as long as its reader takes; 2 hours unless said. */
  readonly exportTimeoutMs?: number;
  /** For name, connection, TLS and sign-in together; 15 s unless said. */
  readonly connectTimeoutMs?: number;
}

export const statementTimeoutOf = ({ statementTimeoutMs = 300_000 }: PostgresAccess): number => statementTimeoutMs;
export const exportTimeoutOf = ({ exportTimeoutMs = 7_200_000 }: PostgresAccess): number => exportTimeoutMs;
export const connectTimeoutOf = ({ connectTimeoutMs = 15_000 }: PostgresAccess): number => connectTimeoutMs;
