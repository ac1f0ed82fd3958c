import { useQueryClient } from '@tanstack/react-query';
import type { Connection } from '#contracts/connections/connections.ts';
import { api } from '../kit/api.ts';
import { AlertDialog } from '../ui/dialog.tsx';
import { toast } from '../ui/toast.tsx';
import { hasSignIn } from './connections.ts';
import { useUses } from './uses.ts';

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** Asks for the name before a connection goes, and says what goes with it and what stays. */
export function DisconnectDialog({
  connection,
  onClose,
  onDone,
}: {
  connection: Connection;
  onClose: () => void;
  onDone?: () => void;
}) {
  const { id, name, running, waiting, temporaryAssets } = connection;
  const client = useQueryClient();
  const uses = useUses(id, connection.kind);
  const disconnect = async () => {
    await api.deleteConnection({ params: { id } });
    toast.done(`${name} is being disconnected`);
    void client.invalidateQueries({ queryKey: ['connections'] });
    onClose();
    onDone?.();
  };
  return (
    <AlertDialog
      isOpen
      onClose={onClose}
      title={`Disconnect ${name}?`}
      act="Disconnect"
      onAct={disconnect}
      typeName={name}
    >
      <ul className="list-disc space-y-0.5 pl-4">
        <li>
          {running + waiting === 0
            ? 'No query runs on it now.'
            : `${counted(running + waiting, 'query stops', 'queries stop')}: ${running} running, ${waiting} waiting.`}
        </li>
        <li>
          {temporaryAssets === 0
            ? 'Nothing of ours is at the service.'
            : `${counted(temporaryAssets, 'temporary object', 'temporary objects')} at the service ${temporaryAssets === 1 ? 'is' : 'are'} removed.`}
        </li>
        {hasSignIn(connection) && <li>The access that was given to us is revoked.</li>}
        <li>All of its secrets are erased here.</li>
        {uses && uses.queries > 0 && (
          <li>
            {uses.isCapped && 'At least '}
            {counted(uses.queries, 'saved query has', 'saved queries have')} no connection any more.
          </li>
        )}
        <li>Past runs keep their texts and counts.</li>
      </ul>
    </AlertDialog>
  );
}
