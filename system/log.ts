import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { withoutValues } from '#contracts/queries/without-values.ts';

export type Log = Logger;

/** Ids that follow a piece of work through the lines it leaves. */
export interface LogIds {
  requestId?: string;
  workspaceId?: string;
  runId?: string;
}

const secretKeys = [
  'password',
  'passphrase',
  'privateKey',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'cookie',
  'apiKey',
  'masterKey',
  'code',
];
const paths = secretKeys.filter((key) => key !== 'code').flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
const SHOWN = '[secret]';

/** What slips into texts: passwords in URLs, bearer tokens, our API keys, JWTs. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/(\w+:\/\/[^\s:@/"\\]*:)[^\s@"\\]+@/g, `$1${SHOWN}@`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${SHOWN}`],
  [/\bwl_[\w-]{8,}/g, SHOWN],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, SHOWN],
];
const scrub = (line: string): string => patterns.reduce((text, [pattern, put]) => text.replace(pattern, put), line);

/** An error without the facts that libraries hang on it: a database error's `detail` holds the row it is about. */
function plainError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof QueryFailure) return plainFailure(error);
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? { code: error.code } : {};
  const cause = error.cause === undefined || depth > 3 ? {} : { cause: plainError(error.cause, depth + 1) };
  return { type: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}

/** A service's words quote values of rows, and so do those of the error it came from: neither goes into the log as it is. */
function plainFailure(error: QueryFailure): object {
  const { kind, code, message } = withoutValues(error.facts, { engine: 'postgres', sql: '' });
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  const cause = error.cause instanceof Error && { cause: { type: error.cause.name } };
  return { type: error.name, kind, code, message, stack: stack?.join('\n'), ...cause };
}

/** The process's log: JSON lines on stdout, without secrets. */
export function createLog({
  level = 'info',
  name,
  to,
}: { level?: string; name?: string; to?: DestinationStream } = {}): Log {
  const options: LoggerOptions = {
    level,
    base: { pid: process.pid, ...(name && { name }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths, censor: SHOWN },
    serializers: { err: (error: unknown) => plainError(error), error: (error: unknown) => plainError(error) },
    hooks: {
      streamWrite: scrub,
      // Of an error without a sentence beside it pino makes one of the error's own words.
      logMethod(args, write) {
        const [error, said] = args as unknown[];
        if (!(error instanceof QueryFailure)) return write.apply(this, args);
        write.apply(this, [{ err: error }, typeof said === 'string' ? said : 'a query service failed']);
      },
    },
  };
  return to ? pino(options, to) : pino(options);
}

/** A log whose lines carry these ids. */
export const withIds = (log: Log, ids: LogIds): Log => log.child(ids);
