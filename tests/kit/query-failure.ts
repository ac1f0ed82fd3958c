import { expect } from 'vitest';
import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';

/** What a work fails with, which must be one of the failures that queries have. */
export async function failureOf(work: Promise<unknown>): Promise<QueryFailureFacts> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(QueryFailure);
  return (error as QueryFailure).facts;
}
