import { Ellipsis, LogIn, Pencil, PlugZap, RotateCw, Unplug } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { Connection } from '#contracts/connections/connections.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo, workspacePath } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { ConnectionMark } from './connection-mark.tsx';
import {
  hasSignIn,
  kindWords,
  placeOf,
  refreshLooks,
  stateLooks,
  useRefreshes,
  useUnits,
  waitsForSignIn,
  type ConnectionTab,
} from './connections.ts';
import { ExpiryBar } from './expiry-bar.tsx';
import { FailureNote } from './failure-note.tsx';
import { QueryButton } from './query-button.tsx';
import { useConnectionActs } from './use-connection-acts.ts';

const DisconnectDialog = lazy(async () => ({
  default: (await import('./disconnect-dialog.tsx')).DisconnectDialog,
}));

interface ConnectionCardProps {
  connection: Connection;
  onOpen: (tab?: ConnectionTab) => void;
}

/** One connection: how it stands, as whom, until when, what it may do and does, and what it waits for. */
export function ConnectionCard({ connection, onOpen }: ConnectionCardProps) {
  const { id, name, kind, state, stateSince, account, failure, running, waiting, slots, temporaryAssets } = connection;
  const look = stateLooks[state];
  return (
    <section
      aria-label={name}
      data-connection={id}
      data-state={state}
      className="flex min-w-0 flex-col rounded-lg border border-line bg-surface"
    >
      <header className="flex items-start gap-3 px-3.5 pt-3.5 pb-3">
        <ConnectionMark kind={kind} />
        <div className="min-w-0 flex-1">
          <h2 className="leading-[18px] font-semibold">
            <button
              type="button"
              className="block max-w-full truncate text-left hover:underline max-sm:min-h-11"
              title={name}
              onClick={() => onOpen()}
            >
              <bdi>{name}</bdi>
            </button>
          </h2>
          <p className="truncate text-meta text-text-2" title={`${kindWords[kind].name} · ${placeOf(connection)}`}>
            {kindWords[kind].name} · {placeOf(connection)}
          </p>
        </div>
        <ConnectionMenu connection={connection} onOpen={onOpen} />
      </header>
      <div className="flex flex-1 flex-col gap-3 px-3.5 pb-3.5">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <StatusGlyph status={look.status} word={look.word} withWord />
          {state !== 'new' && (
            <span className="text-meta text-text-3">
              since <RelativeTime at={stateSince} />
            </span>
          )}
          {account && (
            <span className="max-w-full truncate text-meta text-text-2" title={`Signed in as ${account.name}`}>
              as <bdi>{account.name}</bdi>
            </span>
          )}
        </p>
        {failure && state !== 'connected' && state !== 'disconnecting' && (
          <FailureNote failure={failure} tone={state === 'unavailable' ? 'fail' : 'wait'} />
        )}
        {state === 'connected' && <ExpiryBar connection={connection} />}
        {state === 'connected' && <Units connection={connection} onOpen={onOpen} />}
        {connection.refreshedAt !== null && <LastRefreshes connection={connection} onOpen={onOpen} />}
      </div>
      <dl className="grid grid-cols-3 border-t border-line text-meta">
        <Figure name="Running" value={`${running} of ${slots}`} isLoud={running >= slots && waiting > 0} />
        <Figure name="Waiting" value={String(waiting)} isLoud={waiting > 0 && state !== 'connected'} />
        <Figure
          name="Temporary"
          value={String(temporaryAssets)}
          title="Objects of ours at the service. They go when their rows are not needed any more, or within the hour."
        />
      </dl>
      <MainActs connection={connection} />
    </section>
  );
}

function Figure({
  name,
  value,
  title,
  isLoud = false,
}: {
  name: string;
  value: string;
  title?: string;
  isLoud?: boolean;
}) {
  return (
    <div className="min-w-0 border-line px-3.5 py-2 not-first:border-l" title={title}>
      <dt className="truncate text-text-3">{name}</dt>
      <dd className={`num font-medium ${isLoud ? 'text-wait-fg' : ''}`}>{value}</dd>
    </div>
  );
}

const unitsShown = 3;

/** Business units or instances by name, the default first. */
function Units({ connection, onOpen }: ConnectionCardProps) {
  const { id, kind } = connection;
  const units = useUnits(id, kind !== 'postgres');
  if (kind === 'postgres' || !units.data || units.data.data.length === 0) return null;
  const inOrder = [...units.data.data].sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  const more = inOrder.length - unitsShown;
  return (
    <p className="text-meta text-text-2">
      <span className="text-text-3">
        {kindWords[kind].units.replace(/^./, (first) => first.toUpperCase())}
        {': '}
      </span>
      {inOrder.slice(0, unitsShown).map((unit, place) => (
        <span key={unit.id}>
          {place > 0 && ', '}
          <bdi className={unit.isDefault ? 'font-medium text-text' : undefined}>{unit.name}</bdi>
        </span>
      ))}
      {more > 0 && (
        <>
          {' and '}
          <button type="button" className="text-accent hover:underline" onClick={() => onOpen('units')}>
            {more} more
          </button>
        </>
      )}
    </p>
  );
}

/** The last twenty renewals, oldest first. */
function LastRefreshes({ connection, onOpen }: ConnectionCardProps) {
  const refreshes = useRefreshes(connection.id);
  const last = refreshes.data?.data.slice(0, 20).toReversed() ?? [];
  if (last.length === 0) return null;
  const bad = last.filter(({ outcome }) => outcome !== 'renewed').length;
  return (
    <div className="mt-auto flex items-center gap-2.5">
      <button
        type="button"
        className="flex-none text-meta text-text-3 hover:text-text hover:underline"
        onClick={() => onOpen('refreshes')}
      >
        Renewals
      </button>
      <Strand
        size="sm"
        segments={last.map(({ id, outcome }) => ({ id, status: refreshLooks[outcome].status }))}
        label={`Last ${last.length} renewals: ${bad === 0 ? 'all good' : `${bad} not good`}`}
      />
    </div>
  );
}

/** What is most likely wanted now, at the foot of the card. */
function MainActs({ connection }: { connection: Connection }) {
  const { id, name, state } = connection;
  const go = useGo();
  const refusal = useRefusal();
  const offline = useOffline();
  const acts = useConnectionActs(connection);
  const isDraft = state === 'new';
  if (state === 'disconnecting')
    return (
      <footer className="border-t border-line px-3.5 py-2.5 text-meta text-text-2">
        Queries stop, our objects are removed, the access is given back, secrets are erased.
      </footer>
    );
  return (
    <footer className="flex flex-wrap items-center gap-2 border-t border-line px-3.5 py-2.5">
      {isDraft ? (
        <Button
          look="primary"
          icon={PlugZap}
          refusal={offline ?? refusal('connections:manage')}
          onClick={() => go('/connections/new', { id })}
        >
          Go on connecting
        </Button>
      ) : waitsForSignIn(connection) ? (
        <Button
          look="primary"
          icon={LogIn}
          busy={acts.busy === 'sign_in'}
          refusal={offline ?? refusal('connections:manage')}
          aria-label={`Reconnect ${name}`}
          onClick={() => void acts.signIn(workspacePath('/connections'))}
        >
          Reconnect
        </Button>
      ) : (
        <QueryButton connection={connection} />
      )}
      {!isDraft && (
        <Button
          busy={acts.busy === 'test'}
          refusal={offline ?? refusal('connections:use')}
          aria-label={`Test ${name}`}
          onClick={() => void acts.test()}
        >
          Test
        </Button>
      )}
      {state !== 'new' && connection.expiresAt !== null && !waitsForSignIn(connection) && (
        <Button
          busy={acts.busy === 'refresh'}
          refusal={offline ?? refusal('connections:use')}
          aria-label={`Refresh the token of ${name} now`}
          onClick={() => void acts.refresh()}
        >
          Refresh now
        </Button>
      )}
    </footer>
  );
}

/** The rest of what can be done. */
export function ConnectionMenu({ connection, onOpen }: ConnectionCardProps) {
  const [isAsking, setAsking] = useState(false);
  const refusal = useRefusal();
  const offline = useOffline();
  const acts = useConnectionActs(connection);
  const manage = offline ?? refusal('connections:manage');
  const isGoing = connection.state === 'disconnecting' ? 'It is being disconnected.' : null;
  return (
    <>
      <Menu
        label={`Acts on ${connection.name}`}
        trigger={<IconButton icon={Ellipsis} size="sm" label={`More for ${connection.name}`} />}
      >
        <MenuItem icon={Pencil} refusal={manage ?? isGoing} onSelect={() => onOpen('settings')}>
          Edit
        </MenuItem>
        {hasSignIn(connection) && (
          <MenuItem
            icon={LogIn}
            refusal={manage ?? isGoing}
            onSelect={() => void acts.signIn(workspacePath('/connections'))}
          >
            Sign in again
          </MenuItem>
        )}
        <MenuItem icon={RotateCw} onSelect={() => onOpen('objects')}>
          Objects
        </MenuItem>
        <MenuItem icon={Unplug} danger refusal={manage ?? isGoing} onSelect={() => setAsking(true)}>
          Disconnect
        </MenuItem>
      </Menu>
      <Suspense fallback={null}>
        {isAsking && <DisconnectDialog connection={connection} onClose={() => setAsking(false)} />}
      </Suspense>
    </>
  );
}
