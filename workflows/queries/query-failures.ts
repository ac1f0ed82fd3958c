import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { CancelResult } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { isTimeout } from '../kit/is-timeout.ts';

export const applicationFailure = (error: unknown): ApplicationFailure | null => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause : null;
};

export const facts = (given: Pick<QueryFailureFacts, 'kind' | 'code' | 'message' | 'hint'>): QueryFailureFacts => ({
  ...given,
  retryable: false,
  retryAfterMs: null,
  mayHaveActed: true,
  status: null,
  position: null,
});
export const endedElsewhere = facts({
  kind: 'provider',
  code: 'ended_at_service',
  message: 'The query was ended at the service.',
  hint: 'Run it again.',
});
export const tooLate = ({ note }: CancelResult): QueryFailureFacts =>
  facts({
    kind: 'timeout',
    code: 'limit_passed',
    message: `The query took longer than it may. ${note}`,
    hint: 'Ask for less.',
  });

/** What went wrong, of whatever an activity failed by; null for a fault of this code. */
export function factsOf(error: unknown): QueryFailureFacts | null {
  if (!(error instanceof ActivityFailure)) return null;
  if (isTimeout(error))
    return facts({
      kind: 'timeout',
      code: 'no_end',
      message: 'The service could not be spoken with for as long as the query may take.',
      hint: 'Run it again when the service is back.',
    });
  const failure = applicationFailure(error);
  const [told] = failure?.details ?? [];
  if (isFacts(told)) return told;
  return facts({
    kind: 'provider',
    code: failure?.type ?? 'internal',
    message: failure?.message ?? 'The query could not be carried out.',
    hint: 'The log of the worker has the cause.',
  });
}
const isFacts = (value: unknown): value is QueryFailureFacts =>
  typeof value === 'object' && value !== null && 'kind' in value && 'hint' in value;

export const errorOf = ({ kind, code, message, hint, retryable, position }: QueryFailureFacts) => ({
  code: `query.${kind}`,
  message,
  retryable,
  details: { code, hint, position: position && { line: position.line, column: position.column } },
});
