import { SearchX } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <main className="grid h-full min-h-60 place-items-center bg-surface">
      <div>
        <h1 className="sr-only">Nothing here</h1>
        <EmptyState
          icon={SearchX}
          title="There is nothing at this address"
          action={<Button onClick={() => history.back()}>Go back</Button>}
        >
          It may have been deleted, or the link was cut short.
        </EmptyState>
      </div>
    </main>
  );
}
