import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/** The only retry policies; an activity that fits none gets a named one here. */

/** Our own bookkeeping in the database: quick, repeatable, and tried until the database is back. */
export const bookkeeping = {
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '30 days',
  localRetryThreshold: '10 seconds',
  retry: { initialInterval: '50 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
} satisfies LocalActivityOptions;

/** Longer work in our own database, in portions that may each be repeated: tried until the database is back. */
export const ownDatabase = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
} satisfies ActivityOptions;

/** One call to an outside system that may be repeated: a lost worker is noticed by the missing heartbeat. */
export const remoteCall = {
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 5 },
} satisfies ActivityOptions;

/** One call that must not be repeated where nobody knows whether it happened. */
export const onceOnly = {
  heartbeatTimeout: '15 seconds',
  retry: { maximumAttempts: 1 },
} satisfies ActivityOptions;

/** Durable commands: the next attempt rejoins what runs, so it is tried as long as the step's own time allows. */
export const rejoining = {
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
} satisfies ActivityOptions;

/**
 * A service's answer is awaited as long as it takes: an hour of refusals fails nothing. Waits come with the failures
 * (`nextRetryDelay`); these are for what has none, a lost worker say.
 */
export const patient = {
  heartbeatTimeout: '15 seconds',
  scheduleToCloseTimeout: '26 hours',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
} satisfies ActivityOptions;

/** One call to the service of a connection, with tries of its own inside: what is retried here is a lost worker. */
export const serviceCall = {
  startToCloseTimeout: '3 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 5 },
} satisfies ActivityOptions;

/** Many pages of what a service has, read one after the other. */
export const serviceReading = {
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '5 seconds', maximumInterval: '2 minutes', maximumAttempts: 3 },
} satisfies ActivityOptions;

/** A whole result on its way to somebody: tried for about half an hour of waits, and long where it is large. */
export const delivering = {
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 3, maximumInterval: '5 minutes', maximumAttempts: 10 },
} satisfies ActivityOptions;

/** One message to one address: the activity says itself when to try again and gives up after a day; this is for what has no say, a lost worker. */
export const messaging = {
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15 seconds',
  scheduleToCloseTimeout: '26 hours',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
} satisfies ActivityOptions;
