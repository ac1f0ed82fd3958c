import type { QueryFailureFacts } from '#contracts/queries/failures.ts';

/** What is known of a call to a service that failed otherwise than by the service. */
export const workerLost: QueryFailureFacts = {
  kind: 'network',
  code: 'worker_lost',
  message: 'The call to the service was lost with its worker.',
  hint: 'It is tried again.',
  retryable: true,
  retryAfterMs: null,
  mayHaveActed: true,
  status: null,
  position: null,
};
