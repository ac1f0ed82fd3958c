import { useState } from 'react';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { api } from '../kit/api.ts';
import { toast } from '../ui/toast.tsx';
import { useQueryRun, type Told } from './run/use-query-run.ts';
import type { OpenTab } from './tabs/open-tab.ts';

export interface ShownRun {
  /** Undefined where there is none, it is being read, or it is of another place than the tab. */
  run: QueryRunDetail | undefined;
  told: Told | null;
  error: unknown;
  /** It is of another connection or unit: nothing of it is shown. */
  isForeign: boolean;
  isAlive: boolean;
  isCanceling: boolean;
  cancel: () => Promise<void>;
  retry: () => void;
}

/** The run whose rows a tab shows. Rows of another unit are never shown, whatever the address says. */
export function useShownRun(tab: OpenTab | undefined): ShownRun {
  const runId = tab?.runId ?? '';
  const answer = useQueryRun(runId);
  const [canceling, setCanceling] = useState('');
  const { data } = answer;
  const fits =
    tab !== undefined &&
    data !== undefined &&
    data.connectionId === tab.connectionId &&
    (tab.unit === null || data.unit === null || data.unit === tab.unit);
  const run = fits && data.runId === runId ? data : undefined;
  const cancel = async () => {
    if (runId === '') return;
    setCanceling(runId);
    try {
      await api.cancelRun({ params: { id: runId }, body: null });
    } catch (error) {
      setCanceling('');
      toast.failure(error);
    }
  };
  return {
    run,
    told: answer.told,
    error: answer.error,
    isForeign: data !== undefined && !fits,
    isAlive: run !== undefined && run.endedAt === null,
    isCanceling: canceling !== '' && canceling === runId,
    cancel,
    retry: () => void answer.refetch(),
  };
}
