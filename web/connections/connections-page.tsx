import { Cable, Plus, SearchX } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { Connection } from '#contracts/connections/connections.ts';
import { engineKinds } from '#contracts/queries/engine.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Count, Note } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SearchInput } from '../ui/input.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ConnectionCard } from './connection-card.tsx';
import { ConnectionsView, kindWords, placeOf, signInFailure, useConnections, waitsForSignIn } from './connections.ts';
import { FailureNote } from './failure-note.tsx';

// What is only seen after a click comes with it.
const ConnectionDrawer = lazy(async () => ({ default: (await import('./connection-drawer.tsx')).ConnectionDrawer }));

const grid = 'grid grid-cols-[repeat(auto-fill,minmax(320px,1fr))] gap-4 px-5 pb-8 max-sm:grid-cols-1 max-sm:px-4';

/** The systems that queries run on: one card each. */
export function ConnectionsPage() {
  const [view, setView] = useUrlState(ConnectionsView);
  const go = useGo();
  const refusal = useRefusal();
  const offline = useOffline();
  const connections = useConnections();
  const all = connections.data?.data ?? [];
  const manage = offline ?? refusal('connections:manage');
  const words = view.q.trim().toLowerCase();
  const shown = all.filter(
    (connection) =>
      (view.kind === '' || connection.kind === view.kind) &&
      [connection.name, connection.description, connection.account?.name ?? '', placeOf(connection)].some((text) =>
        text.toLowerCase().includes(words),
      ),
  );
  const open = all.find(({ id }) => id === view.sel);
  const waiting = all.filter(waitsForSignIn).filter(({ state }) => state === 'needs_reauth');
  useKeys([{ keys: 'c', label: 'New connection', run: () => manage === null && go('/connections/new') }]);
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => go('/connections/new')}>
      New connection
    </Button>
  );
  return (
    <Page
      title="Connections"
      mark={all.length > 0 && <Count>{all.length}</Count>}
      testId="connections.page"
      action={add}
      head={
        all.length > 0 && (
          <FilterBar>
            <SearchInput
              className="w-[240px] max-sm:w-full"
              label="Search connections"
              placeholder="Name, account or address"
              value={view.q}
              onValue={(q) => setView({ q }, 'replace')}
            />
            <Segmented
              label="Kind"
              value={view.kind}
              onValue={(kind) => setView({ kind })}
              options={[
                { value: '', label: 'All' },
                ...engineKinds.map((value) => ({ value, label: kindWords[value].short })),
              ]}
            />
          </FilterBar>
        )
      }
    >
      <CameBack view={view} of={all.find(({ id }) => id === view.connection)} />
      {waiting.length > 0 && (
        <div className="px-5 pb-4 max-sm:px-4">
          <Note tone="wait">
            <span>
              {waiting.length === 1
                ? `${waiting[0]?.name ?? ''} needs a sign-in.`
                : `${waiting.length} connections need a sign-in.`}{' '}
              Queries that wait for {waiting.length === 1 ? 'it' : 'them'} go on by themselves afterwards.
            </span>
          </Note>
        </div>
      )}
      <Answer
        of={connections}
        what="The connections"
        waiting={<CardSkeletons />}
        isEmpty={() => shown.length === 0}
        empty={
          all.length > 0 ? (
            <EmptyState
              icon={SearchX}
              title="No connection matches"
              action={<Button onClick={() => setView({ q: '', kind: '' })}>Clear filters</Button>}
            />
          ) : (
            <EmptyState icon={Cable} title="Connect your first system" action={add}>
              Queries need Marketing Cloud, Amazon Marketing Cloud or PostgreSQL. It takes about two minutes.
            </EmptyState>
          )
        }
      >
        {() => (
          <div className={grid}>
            {shown.map((connection) => (
              <ConnectionCard
                key={connection.id}
                connection={connection}
                onOpen={(tab = 'overview') => setView({ sel: connection.id, tab, unit: '', find: '' })}
              />
            ))}
          </div>
        )}
      </Answer>
      <Suspense fallback={null}>
        {open && (
          <ConnectionDrawer
            connection={open}
            view={view}
            onView={setView}
            onClose={() => setView({ sel: '', tab: 'overview', unit: '', find: '' })}
          />
        )}
      </Suspense>
    </Page>
  );
}

/** How the sign-in went that this page was left for. */
function CameBack({ view, of }: { view: ConnectionsView; of: Connection | undefined }) {
  if (view.signIn === '' || !of) return null;
  return (
    <div className="px-5 pb-4 max-sm:px-4" role="status">
      {view.signIn === 'ok' ? (
        <Note tone="ok">
          <span>
            Signed in on <bdi>{of.name}</bdi>
            {of.account && (
              <>
                {' '}
                as <bdi>{of.account.name}</bdi>
              </>
            )}
            . What waited for it goes on.
          </span>
        </Note>
      ) : (
        <FailureNote failure={signInFailure(of, view.reason)} />
      )}
    </div>
  );
}

function CardSkeletons() {
  return (
    <div role="status" aria-label="Loading the connections" className={`appear-late ${grid}`}>
      {[0, 1, 2].map((card) => (
        <div key={card} className="flex h-[236px] flex-col gap-3 rounded-lg border border-line p-3.5">
          <div className="flex items-center gap-3">
            <Skeleton className="size-8 rounded-md!" />
            <Skeleton className="h-[9px] w-32" />
          </div>
          <Skeleton className="h-[9px] w-2/3" />
          <Skeleton className="h-[5px] w-full" />
          <Skeleton className="h-[9px] w-1/2" />
        </div>
      ))}
    </div>
  );
}
