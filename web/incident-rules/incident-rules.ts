import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';

/** Rules with what became of them. Events `incident_rule.*` ask anew. */
export const useIncidentRules = () =>
  useQuery({ queryKey: ['incident-rules'], queryFn: ({ signal }) => api.listIncidentRules({ signal }) });

/** Playbooks begun or suggested for an incident. */
export const useIncidentStarts = (incidentId: string) =>
  useQuery({
    queryKey: ['incident-starts', incidentId],
    queryFn: ({ signal }) => api.listIncidentStarts({ params: { id: incidentId }, signal }),
  });
