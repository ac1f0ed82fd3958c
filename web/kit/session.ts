import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import type { Permission } from '#contracts/identity/permissions.ts';
import type { Me, Membership } from '#contracts/identity/accounts.ts';
import { api } from './api.ts';
import { keep, kept } from './kept.ts';
import { currentWorkspace } from './workspace.ts';

/** Who is signed in and what they may do. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Me> => {
    const me = await api.getMe({ signal });
    // The zone is the person's, not the browser's: it is the same wherever they sign in.
    const zone = me.user.preferences['timeZone'];
    if (typeof zone === 'string' && zone !== kept('zone')) keep('zone', zone);
    return me;
  },
  staleTime: 60_000,
  retry: false,
});

/** The signed-in person; only inside the shell, which waits for it. */
export const useMe = (): Me => useSuspenseQuery(sessionQuery).data;

/** The workspace of the address, with the person's role; undefined where they do not belong to it. */
export function useMembership(): Membership | undefined {
  const { data } = useQuery(sessionQuery);
  const slug = currentWorkspace();
  return data?.workspaces.find((workspace) => workspace.slug === slug || workspace.id === slug);
}

/** Null where the person may, else why not: "It needs runs:cancel." Controls take it as `refusal`. */
export function useRefusal(): (permission: Permission) => string | null {
  const membership = useMembership();
  return (permission) =>
    !membership || membership.permissions.includes(permission) ? null : `It needs the permission ${permission}.`;
}
export function useMay(permission: Permission): boolean {
  return useRefusal()(permission) === null;
}
