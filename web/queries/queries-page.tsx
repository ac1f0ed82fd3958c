import { Plug } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { useConsole, type Console } from './use-console.ts';

const OpenConsole = lazy(async () => ({ default: (await import('./open-console.tsx')).OpenConsole }));

/** Queries on any connection: objects, tabs, editor, run and rows, history and library in one view. */
export function QueriesPage() {
  const state = useConsole();
  const title = state.tab?.title ?? 'Queries';
  useEffect(() => {
    document.title = `${title} · Windlass`;
  }, [title]);
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-testid="queries.page">
      <h1 tabIndex={-1} className="sr-only">
        Queries
      </h1>
      <ConsoleBody state={state} />
    </div>
  );
}

function ConsoleBody({ state }: { state: Console }) {
  const go = useGo();
  const refusal = useRefusal()('connections:manage');
  const { connections, isReady } = state;
  if (connections.error && !connections.data)
    return <ErrorState error={connections.error} what="The connections" retry={() => void connections.refetch()} />;
  if (!isReady) return <ConsoleSkeleton />;
  if (connections.data?.length === 0)
    return (
      <div className="grid flex-1 place-items-center">
        <EmptyState
          icon={Plug}
          title="Nothing is connected yet"
          action={
            <Button look="primary" refusal={refusal} onClick={() => go('/connections/new')}>
              Connect a system
            </Button>
          }
        >
          Connect Marketing Cloud, Amazon Marketing Cloud or a PostgreSQL database, and query it here. No row is ever
          kept.
        </EmptyState>
      </div>
    );
  return (
    <Suspense fallback={<ConsoleSkeleton />}>
      <OpenConsole state={state} />
    </Suspense>
  );
}

function ConsoleSkeleton() {
  return (
    <div className="flex min-h-0 flex-1" role="status" aria-label="Loading">
      <div className="w-64 flex-none border-r border-line max-md:hidden">
        <SkeletonLines lines={12} label="Loading the objects" />
      </div>
      <div className="min-w-0 flex-1">
        <SkeletonLines lines={10} label="Loading the query" />
      </div>
    </div>
  );
}
