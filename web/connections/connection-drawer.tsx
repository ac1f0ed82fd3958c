import { LogIn, Unplug } from 'lucide-react';
import { useState } from 'react';
import type { Connection } from '#contracts/connections/connections.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo, workspacePath } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { StatusPill } from '../ui/status-glyph.tsx';
import { Tabs, type Tab } from '../ui/tabs.tsx';
import { ConnectionForm } from './connection-form.tsx';
import { ConnectionObjects } from './connection-objects.tsx';
import { ConnectionOverview } from './connection-overview.tsx';
import { ConnectionRefreshes } from './connection-refreshes.tsx';
import { ConnectionUnits } from './connection-units.tsx';
import {
  kindWords,
  placeOf,
  stateLooks,
  waitsForSignIn,
  type ConnectionTab,
  type ConnectionsView,
} from './connections.ts';
import { DisconnectDialog } from './disconnect-dialog.tsx';
import { QueryButton } from './query-button.tsx';
import { useConnectionActs } from './use-connection-acts.ts';

interface ConnectionDrawerProps {
  connection: Connection;
  view: ConnectionsView;
  onView: (changes: Partial<ConnectionsView>, how?: 'push' | 'replace') => void;
  onClose: () => void;
}

/** One connection in full: how it stands, its units, what can be queried, its renewals, its settings. */
export function ConnectionDrawer({ connection, view, onView, onClose }: ConnectionDrawerProps) {
  const { id, name, kind, state } = connection;
  const go = useGo();
  const refusal = useRefusal();
  const offline = useOffline();
  const acts = useConnectionActs(connection);
  const [isLeaving, setLeaving] = useState(false);
  const manage = offline ?? refusal('connections:manage');
  const isGoing = state === 'disconnecting' ? 'It is being disconnected.' : null;
  const hasUnits = kind !== 'postgres';
  const tabs: ReadonlyArray<Tab<ConnectionTab>> = [
    { value: 'overview', label: 'Overview' },
    ...(hasUnits ? [{ value: 'units' as const, label: kind === 'sfmc' ? 'Business units' : 'Instances' }] : []),
    { value: 'objects', label: 'Objects' },
    { value: 'refreshes', label: 'Renewals' },
    { value: 'settings', label: 'Settings' },
  ];
  const tab = tabs.some(({ value }) => value === view.tab) ? view.tab : 'overview';
  return (
    <Drawer
      isOpen
      onClose={onClose}
      width={600}
      title={name}
      description={`${kindWords[kind].name} · ${placeOf(connection)}`}
      head={
        <span className="max-sm:hidden">
          <StatusPill status={stateLooks[state].status} word={stateLooks[state].word} />
        </span>
      }
      foot={
        <>
          <span className="mr-auto">
            <Button look="danger" icon={Unplug} refusal={manage ?? isGoing} onClick={() => setLeaving(true)}>
              Disconnect
            </Button>
          </span>
          {waitsForSignIn(connection) ? (
            <Button
              look="primary"
              icon={LogIn}
              busy={acts.busy === 'sign_in'}
              refusal={manage}
              onClick={() =>
                state === 'new'
                  ? go('/connections/new', { id })
                  : void acts.signIn(`${workspacePath('/connections')}?sel=${id}`)
              }
            >
              {state === 'new' ? 'Go on connecting' : 'Reconnect'}
            </Button>
          ) : (
            <QueryButton look="primary" connection={connection} />
          )}
        </>
      }
    >
      <Tabs
        label="About the connection"
        panelId="connection-panel"
        className="sticky top-0 z-1 bg-raised pt-1"
        value={tab}
        onValue={(next) => onView({ tab: next })}
        tabs={tabs}
      />
      <div id="connection-panel" role="tabpanel" tabIndex={0} className="p-5 focus-visible:outline-offset-[-2px]">
        {tab === 'overview' && <ConnectionOverview connection={connection} />}
        {tab === 'units' && (
          <ConnectionUnits connection={connection} onObjects={(unit) => onView({ tab: 'objects', unit })} />
        )}
        {tab === 'objects' && <ConnectionObjects connection={connection} view={view} onView={onView} />}
        {tab === 'refreshes' && <ConnectionRefreshes connection={connection} />}
        {tab === 'settings' && (
          <ConnectionForm key={`${id} ${connection.version}`} kind={kind} connection={connection} />
        )}
      </div>
      {isLeaving && <DisconnectDialog connection={connection} onClose={() => setLeaving(false)} onDone={onClose} />}
    </Drawer>
  );
}
