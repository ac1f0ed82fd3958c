import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { MyNotifications } from '#contracts/notifications/my-notifications.ts';
import { api } from '../kit/api.ts';

/** How the signed-in person is told in this workspace. */
export const useMyNotifications = () =>
  useQuery({ queryKey: ['my-notifications'], queryFn: ({ signal }) => api.getMyNotifications({ signal }) });

/** Puts a newer answer in place, or asks for one. */
export function useFreshNotifications(): (newer?: MyNotifications) => void {
  const client = useQueryClient();
  return (newer) => {
    if (newer) client.setQueryData(['my-notifications'], newer);
    else void client.invalidateQueries({ queryKey: ['my-notifications'] });
  };
}
