import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Settings, UpdateSettings } from '#contracts/settings/settings.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { toast } from '../ui/toast.tsx';

export const useSettings = () =>
  useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => api.getSettings({ signal }) });

/** Changes settings from the version that is on screen; what somebody else changed meanwhile is loaded and said. */
export function useChangeSettings(settings: Settings) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: UpdateSettings) => api.updateSettings({ body, ifMatch: `"${settings.version}"` }),
    onSuccess: (saved) => {
      client.setQueryData(['settings'], saved);
      toast.done('Settings saved');
    },
    onError: (error) => {
      if (asFailure(error).status === 412) void client.invalidateQueries({ queryKey: ['settings'] });
    },
  });
}
