import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';
import type { WorkspaceNames } from './expressions/complete.ts';
import { scopeOfRun } from './expressions/run-scope.ts';

const long = { staleTime: 60_000, retry: false } as const;

/**
 * What completion offers beyond the document: variables, secrets, and what steps returned when the playbook last ran.
 * @param isWanted asks for it; nobody completes anything before the page stands
 */
export function useWorkspaceNames(saved: Playbook | null, isWanted: boolean): WorkspaceNames {
  const maySettings = useMay('settings:read');
  const maySecrets = useMay('secrets:read');
  const vars = useQuery({
    queryKey: ['variables'],
    queryFn: ({ signal }) => api.listVariables({ signal }),
    enabled: isWanted && maySettings,
    ...long,
  });
  const secrets = useQuery({
    queryKey: ['secrets'],
    queryFn: ({ signal }) => api.listSecrets({ signal }),
    enabled: isWanted && maySecrets,
    ...long,
  });
  const lastRun = saved?.lastRun?.id ?? '';
  const run = useQuery({
    queryKey: ['run', lastRun],
    queryFn: ({ signal }) => api.getRun({ params: { id: lastRun }, signal }),
    enabled: isWanted && lastRun !== '',
    ...long,
  });
  return useMemo(
    () => ({
      vars: vars.data?.data.map(({ name }) => name) ?? [],
      secrets: secrets.data?.data.map(({ name }) => name) ?? [],
      outputs: Object.fromEntries(
        (run.data?.steps ?? []).flatMap(({ id, output }) =>
          output === undefined || output === null ? [] : [[id, output]],
        ),
      ),
      last: run.data && scopeOfRun(run.data),
    }),
    [vars.data, secrets.data, run.data],
  );
}
