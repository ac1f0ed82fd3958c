import { useQuery } from '@tanstack/react-query';
import type { DutyPerson } from '#contracts/oncall/oncall.ts';
import { api } from '../kit/api.ts';

/** Schedules with who is on call, and everybody who can be. An event `oncall.changed` asks anew. */
export const useOnCall = () =>
  useQuery({
    queryKey: ['oncall', 'schedules'],
    queryFn: ({ signal }) => api.listOnCallSchedules({ signal }),
    // Hand-offs are no events: time alone brings them about.
    refetchInterval: 60_000,
  });

/** Who is on call in a window. */
export const useDuty = (id: string, from: number, to: number) =>
  useQuery({
    queryKey: ['oncall', 'duty', id, from, to],
    queryFn: ({ signal }) =>
      api.listDuty({
        params: { id },
        query: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
        signal,
      }),
    placeholderData: (before) => before,
  });

export const usePolicies = () =>
  useQuery({ queryKey: ['escalation-policies'], queryFn: ({ signal }) => api.listEscalationPolicies({ signal }) });

/** Names of people by id; somebody who has left has none. */
export const namesOf = (people: readonly DutyPerson[] | undefined) => {
  const names = new Map((people ?? []).map(({ id, name }) => [id, name]));
  return (id: string | null): string => (id === null ? 'Nobody' : (names.get(id) ?? 'Somebody who has left'));
};
