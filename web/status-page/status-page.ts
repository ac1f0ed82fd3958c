import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';

/** The settings of the public status page; off where nobody made one. */
export const useStatusPage = () =>
  useQuery({
    queryKey: ['status-page'],
    queryFn: ({ signal }) => api.getStatusPageSettings({ signal }),
  });
