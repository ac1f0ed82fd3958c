import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { QueueDrain } from '#contracts/settings/queues.ts';
import { api } from '../kit/api.ts';
import { toast } from '../ui/toast.tsx';

interface Which {
  queue: string;
  scope: QueueDrain['scope'];
}
// The server holds the name to those it knows.
const params = ({ queue }: Which) => ({ queue: queue as 'main' });

/** Lets runs begin again. */
export function useResume() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (which: Which) => {
      if (which.scope === 'workspace') await api.resumeQueue({ params: params(which) });
      else await api.resumeInstanceQueue({ params: params(which) });
    },
    onSuccess: (_, { queue }) => {
      toast.done(`Runs begin again from ${queue}`);
      void client.invalidateQueries({ queryKey: ['queues'] });
    },
    onError: (error) => toast.failure(error),
  });
}

/** Lets nothing new begin; the toast takes it back. */
export function useDrain(onDone: () => void) {
  const client = useQueryClient();
  const resume = useResume();
  return useMutation({
    mutationFn: async ({ reason, ...which }: Which & { reason: string }) => {
      const body = reason.trim() === '' ? {} : { reason: reason.trim() };
      if (which.scope === 'workspace') await api.drainQueue({ params: params(which), body });
      else await api.drainInstanceQueue({ params: params(which), body });
    },
    onSuccess: (_, which) => {
      toast.done(`${which.queue} is drained: new runs wait`, { undo: () => resume.mutate(which) });
      void client.invalidateQueries({ queryKey: ['queues'] });
      onDone();
    },
  });
}
