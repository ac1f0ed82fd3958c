import { useCallback, useState } from 'react';
import type { ListedIncident, ShownIncident } from '#contracts/incidents/incidents.ts';
import { allowedMoves, type IncidentState, needsReason } from '#contracts/incidents/states.ts';
import { useQueryClient } from '@tanstack/react-query';
import { announce } from '../kit/announce.tsx';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { toast } from '../ui/toast.tsx';
import type { PendingMoves } from './board-moves.ts';
import { refusalWords } from './incident-words.ts';
import { useStateNames, useTakeIn } from './incidents.ts';

const ended = new Set(['incident.changed_meanwhile', 'incident.move_refused', 'incident.reason_missing']);

/**
 * Moves incidents from state to state: shown at once, and taken back with what stands if the server refuses. A move is
 * made upon the version that was seen, so two people never move one card without noticing.
 * @returns `move`, which answers the incident as it stands then, or null where it was refused
 */
export function useMoves() {
  const [pending, setPending] = useState<PendingMoves>(new Map());
  const client = useQueryClient();
  const takeIn = useTakeIn();
  const names = useStateNames();
  const settle = useCallback((id: string) => {
    setPending((old) => new Map([...old].filter(([other]) => other !== id)));
  }, []);
  const move = useCallback(
    async function attempt(
      incident: ListedIncident,
      to: IncidentState,
      reason?: string,
    ): Promise<ShownIncident | null> {
      setPending((old) => new Map([...old, [incident.id, to]]));
      try {
        const moved = await api.moveIncident({
          params: { id: incident.id },
          body: { to, version: incident.version, ...(reason && { reason }) },
        });
        takeIn(moved);
        settle(incident.id);
        const canReturn = allowedMoves(to).includes(incident.state) && !needsReason(to, incident.state);
        toast.done(`${incident.key} is ${names[moved.state]}`, {
          ...(canReturn && { undo: () => void attempt({ ...incident, ...moved }, incident.state) }),
        });
        return moved;
      } catch (error) {
        settle(incident.id);
        const words = refusalWords(error, incident, names);
        if (ended.has(asFailure(error).code)) toast.error(words);
        else toast.failure(error);
        announce(words, 'urgent');
        void client.invalidateQueries({ queryKey: ['incidents'] });
        void client.invalidateQueries({ queryKey: ['incident', incident.id] });
        return null;
      }
    },
    [client, names, settle, takeIn],
  );
  return { move, pending };
}
export type Mover = ReturnType<typeof useMoves>['move'];
