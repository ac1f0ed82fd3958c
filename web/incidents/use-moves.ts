import { useCallback, useState } from 'react';
import type { ListedIncident, ShownIncident } from '#contracts/incidents/incidents.ts';
import type { IncidentState } from '#contracts/incidents/states.ts';
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
 * @returns `move`, which answers the incident as it stands then, or null where it was refused; `takeBack`, which returns
 * one's own last move to where it came from, as the toast after each move offers
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
      takesBack = false,
    ): Promise<ShownIncident | null> {
      setPending((old) => new Map([...old, [incident.id, to]]));
      try {
        const moved = await api.moveIncident({
          params: { id: incident.id },
          // What is taken back is one's own last move: other changes since are no matter.
          body: takesBack ? { to, takesBack } : { to, version: incident.version, ...(reason && { reason }) },
        });
        takeIn(moved);
        settle(incident.id);
        toast.done(`${incident.key} is ${names[moved.state]}`, {
          ...(!takesBack && { undo: () => void attempt(moved, incident.state, undefined, true) }),
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
  const takeBack = useCallback(
    (incident: ListedIncident, to: IncidentState) => move(incident, to, undefined, true),
    [move],
  );
  return { move, takeBack, pending };
}
export type Mover = (incident: ListedIncident, to: IncidentState, reason?: string) => Promise<ShownIncident | null>;
