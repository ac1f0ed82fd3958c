import { ApiError } from '#contracts/kit/schemas.ts';

/** What the command's exit code says. */
export const exits = {
  succeeded: 0,
  /** What was asked for was refused, or a run that was waited for failed. */
  failed: 1,
  /** The command was not understood; nothing was sent. */
  usage: 2,
  /** A run was canceled, or the command was interrupted. */
  canceled: 3,
  /** The server cannot be reached, is too busy, or does not let this key do it. */
  denied: 4,
} as const;
export type Exit = (typeof exits)[keyof typeof exits];

/** The command as it was typed cannot be understood. Thrown before anything is sent. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Somebody interrupted the command. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** A refusal of the server, or what stands for one where no answer came. */
export class Refused extends Error {
  override name = 'Refused';
  readonly code: string;
  /** 0 where no answer came. */
  readonly status: number;
  readonly details: ApiError['details'];
  readonly requestId: string | undefined;
  constructor(facts: {
    code: string;
    message: string;
    status?: number;
    details?: ApiError['details'];
    requestId?: string;
  }) {
    super(facts.message);
    this.code = facts.code;
    this.status = facts.status ?? 0;
    this.details = facts.details;
    this.requestId = facts.requestId;
  }
}

/** Reads a refused answer; a body that is not ours (a proxy's page) still gives a code and a sentence. */
export async function refusalOf(response: Response): Promise<Refused> {
  const { status } = response;
  const body = ApiError.safeParse(await response.json().catch(() => undefined));
  if (body.success) {
    const { error: code, message, details, requestId } = body.data;
    return new Refused({ code, message, status, details, requestId });
  }
  if (status >= 300 && status < 400)
    return new Refused({
      code: `http.${status}`,
      message: `The server leads elsewhere, to ${response.headers.get('location') ?? 'nowhere'}. Log in with its own address.`,
      status,
    });
  return new Refused({ code: `http.${status}`, message: 'The answer is none of Windlass. Check the address.', status });
}

const away: ReadonlySet<number> = new Set([401, 403, 429, 502, 503, 504]);
/** Codes of our own that no server answers with, and that are no lack of a server either. */
const ownFailures: ReadonlySet<string> = new Set(['download.broken', 'export.differs', 'file.unwritable']);

/** The server is not there at the moment, or too busy: it may be later. */
export const isAway = (error: unknown): boolean =>
  error instanceof Refused &&
  !ownFailures.has(error.code) &&
  (error.status === 0 || error.status === 429 || error.status >= 502);

/** The exit code that tells of an error. */
export function exitOf(error: unknown): Exit {
  if (error instanceof UsageError) return exits.usage;
  if (error instanceof Interrupted) return exits.canceled;
  if (error instanceof Refused && !ownFailures.has(error.code) && (error.status === 0 || away.has(error.status)))
    return exits.denied;
  return exits.failed;
}

/** What can be done about it, where we know. */
function hintOf({ code, status, details }: Refused): string | undefined {
  if (status === 401) return 'Sign in: windlass login, or set WINDLASS_URL and WINDLASS_API_KEY.';
  if (code === 'identity.person_needed') return 'This takes a person’s access token in place of an API key.';
  if (code === 'identity.permission_missing' && details && !Array.isArray(details))
    return `Make a key that has ${String(details['permission'])}.`;
  return undefined;
}

/** An error in a few lines for people: never a stack. */
export function describeError(error: unknown): string {
  if (error instanceof UsageError || error instanceof Interrupted) return `windlass: ${error.message}`;
  if (!(error instanceof Refused)) return `windlass: ${error instanceof Error ? error.message : String(error)}`;
  const { code, message, details, requestId } = error;
  const hint = hintOf(error);
  return [
    `windlass: ${code}: ${message}`,
    ...(Array.isArray(details)
      ? details.map((fault) => `  ${fault.path}: ${fault.message}`)
      : Object.entries(details ?? {}).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)),
    ...(hint ? [`  ${hint}`] : []),
    ...(requestId ? [`  request ${requestId}`] : []),
  ].join('\n');
}
