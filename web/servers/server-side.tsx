import { X } from 'lucide-react';
import { IconButton } from '../ui/button.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { ServerPanel } from './server-panel.tsx';
import { type ServersView, useServer } from './servers.ts';

interface ServerSideProps {
  view: ServersView;
  onView: (changes: Partial<ServersView>) => void;
  /** Beside the list; else the panel is a drawer over it. */
  hasRoom: boolean;
}

/** The open server: beside the list where there is room, else over it. */
export function ServerSide({ view, onView, hasRoom }: ServerSideProps) {
  const server = useServer(view.sel);
  const isOpen = view.sel !== '';
  const close = () => onView({ sel: '' });
  const content = server.data ? (
    <ServerPanel
      key={server.data.id}
      server={server.data}
      isInDrawer={!hasRoom}
      tab={view.tab}
      onTab={(tab) => onView({ tab })}
      onEdit={() => onView({ edit: view.sel })}
      onClose={close}
    />
  ) : server.error ? (
    <ErrorState error={server.error} what="The server" retry={() => void server.refetch()} />
  ) : (
    <div className="p-4">
      <SkeletonLines />
    </div>
  );
  if (!hasRoom)
    return (
      <Drawer isOpen={isOpen} onClose={close} title={server.data?.name ?? 'Server'}>
        {isOpen && content}
      </Drawer>
    );
  if (!isOpen) return null;
  return (
    <aside className="relative flex w-[420px] flex-none flex-col border-l border-line">
      {!server.data && (
        <span className="absolute top-3 right-4">
          <IconButton size="sm" icon={X} label="Close" onClick={close} />
        </span>
      )}
      {content}
    </aside>
  );
}
