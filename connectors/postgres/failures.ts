import pg from 'pg';
import { QueryFailure, type QueryFailureFacts, type QueryPosition } from '#contracts/queries/failures.ts';
import { HttpFailure } from '../http/http-failure.ts';

type Kind = Pick<QueryFailureFacts, 'kind' | 'hint'> & { readonly retryable?: boolean };

const readOnly: Kind = { kind: 'syntax', hint: 'The console only reads. Change the query so that it writes nothing.' };
const gone: Kind = { kind: 'network', hint: 'The server ended the connection; it is tried again.' };

/** Codes that say more than their class (PostgreSQL, appendix A). */
const byCode: Readonly<Record<string, Kind>> = {
  '0A000': { kind: 'syntax', hint: 'PostgreSQL does not do this in a query that only reads.' },
  '25001': readOnly,
  '25006': readOnly,
  '25P03': { kind: 'timeout', hint: 'Nobody read on for a while. Run it again.' },
  '28000': {
    kind: 'auth',
    hint: 'Check the user, and whether the server lets it in from here (pg_hba.conf) and needs TLS.',
  },
  '28P01': { kind: 'auth', hint: 'Check user and password of the connection.' },
  '3D000': { kind: 'auth', hint: "Check the database's name in the connection." },
  '40001': { kind: 'provider', hint: 'Another transaction came between; run it again.', retryable: true },
  '40P01': { kind: 'provider', hint: 'Another transaction came between; run it again.', retryable: true },
  '42501': { kind: 'auth', hint: "Ask the database's administrator to grant this right to the connection's user." },
  '42P18': { kind: 'syntax', hint: 'Tell its type: write {{ name }}::text, or another type.' },
  '42P08': { kind: 'syntax', hint: 'Tell its type: write {{ name }}::text, or another type, wherever it stands.' },
  '55P03': { kind: 'timeout', hint: 'Somebody else holds what the query needs. Try again later.', retryable: true },
  '53300': { kind: 'quota', hint: 'The server has no connection left; it is tried again.' },
  '57P01': gone,
  '57P02': gone,
  '57P03': { kind: 'network', hint: 'The server is starting or stopping; it is tried again.' },
};
const byClass: Readonly<Record<string, Kind>> = {
  '08': gone,
  '22': {
    kind: 'syntax',
    hint: 'A value does not fit what the query does with it. Change the query or its parameters.',
  },
  '26': { kind: 'provider', hint: 'Run it again.' },
  '28': { kind: 'auth', hint: 'Check user and password of the connection.' },
  '42': { kind: 'syntax', hint: 'Change the query.' },
  '53': { kind: 'quota', hint: 'The server is short of memory, disk or connections; it is tried again.' },
  '54': { kind: 'syntax', hint: 'The query is larger than the server can take. Make it smaller.' },
  P0: { kind: 'syntax', hint: 'A function of the database refused. Read what it says.' },
};
const otherKind: Kind = {
  kind: 'provider',
  hint: 'Read what the server says; try again later if it was a passing problem.',
};

/** What else is known where a server's error is read. */
export interface FailureContext {
  /** Turns a server's position, in characters from 1 of what was sent, to the user's text. */
  readonly positionOf?: ((characters: number) => QueryPosition | null) | undefined;
  /** We asked the server to stop this statement. */
  readonly isCanceled?: boolean;
  /** How long a statement may take and this one took. */
  readonly limitMs?: number | undefined;
  readonly tookMs?: number | undefined;
}

/** What an error of connecting, the server or the network means. What is none of these is thrown on as it is. */
export function postgresFailure(error: unknown, context: FailureContext = {}): QueryFailure {
  if (error instanceof QueryFailure) return error;
  if (error instanceof pg.DatabaseError) return serverFailure(error, context);
  if (error instanceof HttpFailure) return guardFailure(error);
  const { code, message } = error as NodeJS.ErrnoException;
  // pg tells a lost connection by an error without a code; all other errors here are the system's, by name.
  if (context.isCanceled) return canceled(error);
  return new QueryFailure(
    {
      kind: 'network',
      code: (code ?? 'connection_lost').toLowerCase(),
      message: code === undefined ? 'The connection to the database was lost.' : message,
      hint: 'Check host and port of the connection and the network; it is tried again.',
    },
    error,
  );
}

function serverFailure(error: pg.DatabaseError, context: FailureContext): QueryFailure {
  const code = error.code ?? 'XX000';
  if (code === '57014') return stopped(error, context);
  const { kind, hint, retryable } = byCode[code] ?? byClass[code.slice(0, 2)] ?? otherKind;
  const at = Number(error.position);
  const said = [error.message, error.detail].filter(Boolean).join(' — ');
  return new QueryFailure(
    {
      kind,
      code,
      message: said.slice(0, 4_000),
      hint: (error.hint === undefined ? hint : `${error.hint} ${hint}`).slice(0, 500),
      position: Number.isInteger(at) && at > 0 ? (context.positionOf?.(at) ?? null) : null,
      ...(retryable !== undefined && { retryable }),
    },
    error,
  );
}

/** `query_canceled` is a time limit, our own wish, or an administrator's: the code does not tell them apart, the clock does. */
function stopped(error: unknown, { isCanceled = false, limitMs, tookMs }: FailureContext): QueryFailure {
  if (isCanceled) return canceled(error);
  if (limitMs !== undefined && tookMs !== undefined && tookMs >= limitMs * 0.9)
    return new QueryFailure(
      {
        kind: 'timeout',
        code: 'statement_timeout',
        message: `The database was stopped after ${limitMs} ms: that is how long a statement may take on this connection.`,
        hint: 'Ask for less, or allow more time in the connection.',
      },
      error,
    );
  return new QueryFailure(
    {
      kind: 'provider',
      code: '57014',
      message: 'Somebody stopped the query at the server, or a shorter limit of the server did.',
      hint: "Ask the database's administrator, or run it again.",
    },
    error,
  );
}
const canceled = (cause: unknown): QueryFailure =>
  new QueryFailure(
    { kind: 'provider', code: 'canceled', message: 'The query was stopped.', hint: 'Run it again when you need it.' },
    cause,
  );

function guardFailure(error: HttpFailure): QueryFailure {
  const isOurs = error.code === 'http.address_refused' || error.code === 'http.url_invalid';
  return new QueryFailure(
    {
      kind: 'network',
      code: error.code.replace('http.', ''),
      message: error.message,
      hint: isOurs
        ? 'Check the host of the connection, and which addresses the workspace allows.'
        : 'Check the network; it is tried again.',
      retryable: !isOurs,
    },
    error,
  );
}

/** What stands where the rows of a run were. */
export const rowsExpired = (message: string): QueryFailure =>
  new QueryFailure({ kind: 'provider', code: 'rows_expired', message, hint: 'Run it again.', status: 410 });

export const tlsFailure = (code: string, message: string, cause?: unknown): QueryFailure =>
  new QueryFailure(
    {
      kind: 'network',
      code,
      message,
      hint: 'Check how the connection uses TLS, the certificate authority, and the name in the certificate.',
      retryable: false,
    },
    cause,
  );

/** A text that no server needs to see to know that it will not do. */
export const refused = (code: string, message: string, hint: string, position: QueryPosition | null): QueryFailure =>
  new QueryFailure({ kind: 'syntax', code, message, hint, position });
