import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';

/** What is promised. Events `sla.changed` ask anew. */
export const useSlaPolicies = () =>
  useQuery({ queryKey: ['sla', 'policies'], queryFn: ({ signal }) => api.listSlaPolicies({ signal }) });
export const useCalendars = () =>
  useQuery({ queryKey: ['sla', 'calendars'], queryFn: ({ signal }) => api.listCalendars({ signal }) });
