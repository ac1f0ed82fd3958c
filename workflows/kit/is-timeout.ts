import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';

/** Whether an activity never answered: its time is up, or its worker is lost. */
export const isTimeout = (error: unknown): boolean =>
  error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
