import {
  type GuardOptions,
  guardedRequest,
  type IncomingAnswer,
  type OutgoingRequest,
} from '../http/guarded-request.ts';
import { HttpFailure } from '../http/http-failure.ts';
import { networkFailure, unreadable } from './failures.ts';

/** One request to the service. `isRepeatable`: it may be sent again after its answer was lost. */
export type Ask = (request: OutgoingRequest, options: { isRepeatable: boolean }) => Promise<IncomingAnswer>;

/** The longest answer that is read: pages of 2,500 wide rows are the largest there are. */
export const mostAnswerBytes = 64 * 1_048_576;

/**
 * Asks through the guard. An answer is read as it comes, up to a cap; a longer one is a failure and never half an answer.
 * @throws QueryFailure where no answer came or it is too long
 */
export const guardedAsk =
  (guard: GuardOptions): Ask =>
  async (request, { isRepeatable }) => {
    try {
      const answer = await guardedRequest({ keepBytes: mostAnswerBytes, isRepeatable, ...request }, guard);
      if (answer.truncated) throw unreadable('The answer is larger than may be read.', answer.status, false);
      return answer;
    } catch (error) {
      if (error instanceof HttpFailure) throw networkFailure(error, isRepeatable);
      throw error;
    }
  };

/** @throws QueryFailure for what is no JSON; says nothing of its content */
export function readJson(answer: IncomingAnswer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    throw unreadable('The answer is no JSON.', answer.status);
  }
}
