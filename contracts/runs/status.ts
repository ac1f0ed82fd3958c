/** The states of a run (design §3). `waiting` is for a person, or for a timer that a person can see. */
export const runStatuses = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled', 'timed_out'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** The states in which a run has ended. */
export const endedStatuses = ['succeeded', 'failed', 'canceled', 'timed_out'] as const;
export type EndedStatus = (typeof endedStatuses)[number];
export const isEnded = (status: RunStatus): status is EndedStatus =>
  (endedStatuses as readonly string[]).includes(status);

/** The states of a step (playbook-language §7). */
export const stepStatuses = [
  'pending',
  'running',
  'waiting',
  'unknown',
  'succeeded',
  'failed',
  'timed_out',
  'skipped',
  'canceled',
] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** The states of one host in one step (playbook-language §7). */
export const hostStatuses = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'unreachable',
  'timed_out',
  'skipped',
  'canceled',
  'unknown',
] as const;
export type HostStatus = (typeof hostStatuses)[number];

/** What sets a run going. */
export const runTriggers = ['user', 'api', 'schedule', 'webhook', 'rule', 'run'] as const;
export type RunTrigger = (typeof runTriggers)[number];

/** A `job` ends by itself; an `entity` lives with its subject; a `part` belongs to another run. */
export const runShapes = ['job', 'entity', 'part'] as const;
export type RunShape = (typeof runShapes)[number];
