import { ApplicationFailure, CancelledFailure, CompleteAsyncError, type Info } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { isDatabaseAway } from '#db/kit/database-away.ts';
import { Refusal } from '#db/kit/refusal.ts';
import type { Log } from '#system/log.ts';

/** A fault of ours that so many attempts met is there to stay. Bookkeeping goes on: without it a run has no end at all. */
const mostAttempts = 10;

/**
 * Says truly why an activity failed: in the log with its cause, and to the workflow by a code, so that a run does not tell
 * of a lost worker where our own database or a fault of ours was at work.
 */
export const failureTeller =
  (log: Log): ActivityInterceptorsFactory =>
  ({ info, cancellationSignal }) => ({
    inbound: {
      execute: async (input, next) => {
        try {
          return await next(input);
        } catch (error) {
          if (cancellationSignal.aborted || isTold(error)) throw error;
          throw told(error, info, log);
        }
      },
    },
  });

const isTold = (error: unknown): boolean =>
  error instanceof ApplicationFailure || error instanceof CancelledFailure || error instanceof CompleteAsyncError;

/** The failure that the workflow sees. Its message is ours: what a library says may hold a row's values. */
export function told(
  error: unknown,
  info: Pick<Info, 'activityType' | 'attempt' | 'isLocal' | 'workflowExecution'>,
  log: Log,
): ApplicationFailure {
  const { activityType: activity, attempt } = info;
  const line = { err: error, activity, attempt, runId: info.workflowExecution?.workflowId };
  const cause = error instanceof Error ? error : undefined;
  if (error instanceof Refusal) {
    log.info(line, 'an activity was refused');
    return ApplicationFailure.create({ type: error.code, message: error.message, nonRetryable: true });
  }
  // The first attempts and then fewer and fewer: an outage of hours must not fill the log.
  const isWorthALine = Number.isInteger(Math.log2(attempt));
  if (isDatabaseAway(error)) {
    if (isWorthALine) log.warn(line, 'an activity failed: the database is away');
    return ApplicationFailure.create({ type: 'server.busy', message: 'The database of Windlass was away.', cause });
  }
  if (isWorthALine) log.error(line, 'an activity failed by a fault of ours');
  return ApplicationFailure.create({
    type: 'step.crashed',
    message: 'A fault of Windlass itself; the log of its worker has the cause.',
    nonRetryable: !info.isLocal && attempt >= mostAttempts,
    cause,
  });
}
