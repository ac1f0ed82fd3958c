import { type EscalationPolicy, type EscalationTarget, escalationLevels } from '#contracts/oncall/escalation.ts';
import { formatDuration } from '#contracts/kit/duration.ts';
import type { Targets } from './policy-form.tsx';

/** The name of whom a step tells. */
export const targetWords =
  ({ people, schedules, channels }: Targets) =>
  ({ kind, id }: EscalationTarget): string => {
    if (kind === 'person') return people.find((one) => one.id === id)?.name ?? 'Somebody who has left';
    if (kind === 'schedule') return `On call: ${schedules.find((one) => one.id === id)?.name ?? 'a removed schedule'}`;
    return channels.find((one) => one.id === id)?.name ?? 'A removed channel';
  };

/** What a policy does if nobody answers, as lines: when, and who is told. */
export function policyStory(
  policy: EscalationPolicy,
  nameOf: (target: EscalationTarget) => string,
): { at: string; who: string; round: number | null }[] {
  let sinceMs = 0;
  return escalationLevels(policy).map(({ afterMs, targets, round, playbookId, raisesSeverity }) => {
    sinceMs += afterMs;
    const deeds = [
      ...targets.map(nameOf),
      ...(playbookId ? ['a playbook starts'] : []),
      ...(raisesSeverity ? ['the severity rises'] : []),
    ];
    return { at: sinceMs === 0 ? 'at once' : `after ${formatDuration(sinceMs)}`, who: deeds.join(', '), round };
  });
}
