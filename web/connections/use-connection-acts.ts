import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Connection } from '#contracts/connections/connections.ts';
import { api } from '../kit/api.ts';
import { durationText } from '../kit/time.ts';
import { toast } from '../ui/toast.tsx';
import { leaveForSignIn } from './connections.ts';

export type ConnectionAct = 'test' | 'refresh' | 'sign_in';

/** What can be asked of one connection, and which of it is being asked now. */
export function useConnectionActs({ id, name }: Pick<Connection, 'id' | 'name'>) {
  const client = useQueryClient();
  const [busy, setBusy] = useState<ConnectionAct | null>(null);
  const during = async (act: ConnectionAct, work: () => Promise<unknown>): Promise<void> => {
    setBusy(act);
    try {
      await work();
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(null);
      void client.invalidateQueries({ queryKey: ['connections'] });
    }
  };
  const params = { id };
  return {
    busy,
    test: () =>
      during('test', async () => {
        const { isWorking, tookMs, failure } = await api.testConnection({ params });
        if (isWorking) toast.done(`${name} answered in ${durationText(tookMs)}`);
        else toast.error(`${name}: ${failure?.message ?? 'no answer'}${failure?.hint ? ` ${failure.hint}` : ''}`);
      }),
    refresh: () =>
      during('refresh', async () => {
        const { state, failure } = await api.refreshConnection({ params });
        if (state === 'connected') toast.done(`The token of ${name} is renewed`);
        else toast.error(`${name}: ${failure?.message ?? 'the token was not renewed'}`);
      }),
    signIn: (returnTo: string, unit?: string) => during('sign_in', () => leaveForSignIn(id, returnTo, unit)),
  };
}
