import { useQuery } from '@tanstack/react-query';
import type { KnownUnit } from '#contracts/identity/workspaces.ts';
import { api } from '../kit/api.ts';
import { useRefusal } from '../kit/session.ts';

const none: readonly KnownUnit[] = [];

/** The business units and instances of all connections, for who may manage members; none until they are known. */
export function useKnownUnits(): readonly KnownUnit[] {
  const refusal = useRefusal()('members:manage');
  const known = useQuery({
    queryKey: ['members', 'units'],
    queryFn: ({ signal }) => api.listKnownUnits({ signal }),
    enabled: refusal === null,
  });
  return known.data?.data ?? none;
}
