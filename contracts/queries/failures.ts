import { z } from 'zod';

/**
 * Why a query service did not do what was asked, in the words all engines share:
 * `auth` the sign-in or a right is missing · `quota` too much at once or a limit is used up · `syntax` the request itself
 * is wrong and stays wrong · `timeout` it took longer than it may · `provider` the service failed or answered what nobody
 * can read · `network` no answer came.
 */
export const queryFailureKinds = ['auth', 'quota', 'syntax', 'timeout', 'provider', 'network'] as const;
export const QueryFailureKind = z.enum(queryFailureKinds);
export type QueryFailureKind = z.infer<typeof QueryFailureKind>;

/** Where in the text that the user wrote; both count from 1. */
export const QueryPosition = z.object({ line: z.int().positive(), column: z.int().positive() });
export type QueryPosition = z.infer<typeof QueryPosition>;

/** What is known of one failure: small, without secrets and rows, fit for a history, an event and the screen. */
export const QueryFailureFacts = z.object({
  kind: QueryFailureKind,
  /** Stable, in lower case: the service's own code where it has one (`invalid_grant`, `50100`), else a word of the connector's. */
  code: z.string().min(1).max(100),
  /** The service's words, as plain text. */
  message: z.string().max(4_000),
  /** What the user can do now; a sentence. */
  hint: z.string().max(500),
  /** The same request may succeed later without anybody doing anything. */
  retryable: z.boolean(),
  /** The service asked for this much patience, in milliseconds. */
  retryAfterMs: z.int().nonnegative().nullable(),
  /** The request may have been carried out although it failed: no answer came. It must not be sent again blindly. */
  mayHaveActed: z.boolean(),
  /** HTTP status of the answer, where there was one. */
  status: z.int().nullable(),
  /** Where in the query, if the service said so. */
  position: QueryPosition.nullable(),
});
export type QueryFailureFacts = z.infer<typeof QueryFailureFacts>;

type Given = Pick<QueryFailureFacts, 'kind' | 'code' | 'message' | 'hint'> & Partial<QueryFailureFacts>;

/** Thrown by connectors of query engines for every known failure. Its message is the service's. */
export class QueryFailure extends Error {
  override name = 'QueryFailure';
  readonly facts: QueryFailureFacts;
  constructor(given: Given, cause?: unknown) {
    const message = given.message.slice(0, 4_000);
    super(message, cause === undefined ? undefined : { cause });
    this.facts = {
      retryable: retryableByNature[given.kind],
      retryAfterMs: null,
      mayHaveActed: false,
      status: null,
      position: null,
      ...given,
      code: given.code.slice(0, 100),
      message,
    };
  }
}

/** What a kind means for another try where nothing more is known. */
const retryableByNature: Record<QueryFailureKind, boolean> = {
  auth: false,
  quota: true,
  syntax: false,
  timeout: false,
  provider: false,
  network: true,
};
