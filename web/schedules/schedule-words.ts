import type { Schedule, ScheduleFiring } from '#contracts/schedules/schedules.ts';
import type { OverlapPolicy } from '#contracts/schedules/schedules.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { NamedTarget } from '#contracts/schedules/targets.ts';
import type { StatusName } from '../ui/status.ts';

export const stateLooks: Readonly<Record<Schedule['state'], { word: string; tone: 'plain' | 'ok' | 'wait' | 'fail' }>> =
  {
    active: { word: 'Active', tone: 'ok' },
    paused: { word: 'Paused', tone: 'plain' },
    ended: { word: 'Over', tone: 'plain' },
    failing: { word: 'Failing', tone: 'fail' },
    unsynced: { word: 'Taking effect', tone: 'wait' },
  };

/** A missed time is a failure: something was due and did not start. */
export const firingStatus = (status: ScheduleFiring['status']): StatusName =>
  status === 'starting' ? 'queued' : status === 'missed' ? 'failed' : status;
export const firingWord = (status: ScheduleFiring['status']): string =>
  status === 'starting'
    ? 'Starting'
    : status === 'missed'
      ? 'Missed'
      : status.replace('_', ' ').replace(/^\w/, (letter) => letter.toUpperCase());

export const overlapWords: Readonly<Record<OverlapPolicy, { label: string; hint: string }>> = {
  skip: { label: 'Skip', hint: 'This time starts nothing' },
  buffer_one: { label: 'Wait, one at most', hint: 'Starts when the run before has ended' },
  buffer_all: { label: 'Wait, all of them', hint: 'Each starts after the one before' },
  cancel_other: { label: 'Cancel the run before', hint: 'And start anew' },
  allow_all: { label: 'Side by side', hint: 'Start all the same' },
};

/** What a schedule starts, by name. */
export const targetName = ({ kind, name }: NamedTarget): string => name ?? `deleted ${kind}`;
/** The page of what it starts. */
export const targetPage = ({ kind, id }: NamedTarget): { to: string; search?: Record<string, string> } =>
  kind === 'playbook' ? { to: `/playbooks/${id}` } : { to: '/queries', search: { open: id } };
/** What it gives to it; empty where nothing. */
export function givenTo(target: NamedTarget): Record<string, Json> {
  if (target.kind === 'playbook') return target.inputs;
  const { parameters, timeWindow } = target;
  return { ...(parameters as Record<string, Json>), ...(timeWindow && { window: timeWindow }) };
}
