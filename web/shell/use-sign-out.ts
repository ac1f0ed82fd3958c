import { useQueryClient } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { toast } from '../ui/toast.tsx';

/** Ends the session; what this browser kept of unsaved work goes with it. */
export function useSignOut(): () => void {
  const client = useQueryClient();
  return () =>
    void api.signOut({ body: null }).then(
      async () => {
        client.clear();
        await import('../kit/drafts.ts').then(({ forgetDrafts }) => forgetDrafts());
        location.assign('/sign-in');
      },
      (error: unknown) => toast.failure(error),
    );
}
