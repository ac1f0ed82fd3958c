import type { SignedIn } from '#contracts/identity/accounts.ts';
import { queryClient } from '../kit/query-client.ts';

/** A link inside the console, and nothing that leads out of it (`//host`, `https:`). */
export const isOwnPath = (path: string | undefined): path is string => path !== undefined && /^\/(?![/\\])/.test(path);

/** Where a person goes after signing in: to the link they asked for, else to their workspace. */
export function pathAfterSignIn(signedIn: Pick<SignedIn, 'workspaces'>, next: string | undefined): string {
  if (isOwnPath(next) && !next.startsWith('/sign-in') && !next.startsWith('/setup')) return next;
  const first = signedIn.workspaces[0];
  return first ? `/w/${first.slug}` : '/';
}

/** Enters: what was known before belongs to nobody now. */
export function enter(signedIn: SignedIn, next: string | undefined): void {
  queryClient.clear();
  location.assign(pathAfterSignIn(signedIn, next));
}
