import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from '../ui/error-state.tsx';

/** A page that broke: said in its place, while bar and rail live on. An old page whose files are gone after an update loads anew. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  const isOutdated = /dynamically imported module|Importing a module script failed/.test(
    error instanceof Error ? error.message : '',
  );
  return (
    <div className="p-5">
      <h1 className="sr-only">This page did not load</h1>
      <ErrorState
        error={isOutdated ? new Error('The console was updated meanwhile. Load it again.') : error}
        what="This page"
        retry={() => (isOutdated ? location.reload() : reset())}
      />
    </div>
  );
}
