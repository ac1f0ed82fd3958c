import { Cable } from 'lucide-react';
import type { Connection } from '#contracts/connections/connections.ts';
import { useOffline } from '../kit/live.tsx';
import { Go, workspacePath } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { useConnectionActs } from './use-connection-acts.ts';

const most = 4;

/** Connections that need a sign-in, as rows of what waits for you: queries wait behind them. */
export function SignInRows({ connections }: { connections: readonly Connection[] }) {
  return connections.slice(0, most).map((connection) => <SignInRow key={connection.id} connection={connection} />);
}

function SignInRow({ connection }: { connection: Connection }) {
  const { id, name, waiting, stateSince } = connection;
  const refusal = useRefusal();
  const offline = useOffline();
  const acts = useConnectionActs(connection);
  return (
    <li data-connection={id} className="flex items-center gap-3 border-t border-line px-3.5 py-1.5 max-sm:min-h-14">
      <span className="grid size-7 flex-none place-items-center rounded-md bg-wait-soft text-wait-fg">
        <Icon of={Cable} />
      </span>
      <span className="min-w-0 flex-1">
        <Go
          to="/connections"
          search={{ sel: id }}
          className="block truncate leading-[18px] font-medium hover:underline"
          title={name}
        >
          <bdi>{name}</bdi> needs a sign-in
        </Go>
        <span className="block truncate text-meta text-text-2">
          {waiting === 0
            ? 'No query waits for it'
            : `${waiting} ${waiting === 1 ? 'query waits' : 'queries wait'} for it`}
        </span>
      </span>
      <span className="flex w-28 flex-none text-meta text-text-2 max-sm:hidden">
        <RelativeTime at={stateSince} />
      </span>
      <Button
        className="min-w-24 max-sm:h-11! max-sm:min-w-0 max-sm:px-3!"
        busy={acts.busy === 'sign_in'}
        refusal={offline ?? refusal('connections:manage')}
        aria-label={`Reconnect ${name}`}
        onClick={() => void acts.signIn(workspacePath('/'))}
      >
        Reconnect
      </Button>
    </li>
  );
}
