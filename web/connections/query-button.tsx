import { Terminal } from 'lucide-react';
import type { Connection } from '#contracts/connections/connections.ts';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { workspacePages } from '../pages.ts';
import { Button, type ButtonLook } from '../ui/button.tsx';

/** The address of the query console, where this build has one. */
const consolePath = workspacePages.find(({ path }) => path === '/queries')?.path;

/** Opens the query console on a connection. */
export function QueryButton({
  connection,
  look,
  children = 'Query',
}: {
  connection: Pick<Connection, 'id' | 'name' | 'state'>;
  look?: ButtonLook;
  children?: string;
}) {
  const go = useGo();
  const refusal = useRefusal();
  if (consolePath === undefined) return null;
  return (
    <Button
      icon={Terminal}
      {...(look && { look })}
      refusal={refusal('queries:read') ?? (connection.state === 'disconnecting' ? 'It is being disconnected.' : null)}
      aria-label={children === 'Query' ? `Query ${connection.name}` : undefined}
      onClick={() => go(consolePath, { c: connection.id })}
    >
      {children}
    </Button>
  );
}
