import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ChangeIncident, ShownIncident } from '#contracts/incidents/incidents.ts';
import { announce } from '../kit/announce.tsx';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { toast } from '../ui/toast.tsx';
import { refusalWords } from './incident-words.ts';
import { type OpenedIncident, useStateNames, useTakeIn } from './incidents.ts';

/** What is done to one incident from its page: each answers whether it was taken, and says why where it was not. */
export function useIncidentActs(incident: OpenedIncident) {
  const client = useQueryClient();
  const takeIn = useTakeIn();
  const names = useStateNames();
  const { id, key, version } = incident;
  const refresh = useCallback(() => {
    void client.invalidateQueries({ queryKey: ['incident', id] });
  }, [client, id]);
  const refused = (error: unknown) => {
    const words = refusalWords(error, { key }, names);
    if (asFailure(error).code.startsWith('incident.')) toast.error(words);
    else toast.failure(error);
    announce(words, 'urgent');
    refresh();
    return false;
  };
  const send = async (changes: ChangeIncident, upon: number): Promise<ShownIncident> => {
    const changed = await api.changeIncident({ params: { id }, body: { ...changes, version: upon } });
    takeIn(changed);
    return changed;
  };
  /** What people, severity and owner were; of other changes nothing is offered to be taken back. */
  const formerly = (changes: ChangeIncident): ChangeIncident | undefined => {
    const before: ChangeIncident = {
      ownerId: incident.owner?.id ?? null,
      severity: incident.severity,
      responders: incident.responders.map(({ personId, role }) => ({ personId, role })),
    };
    const names = Object.keys(changes) as (keyof ChangeIncident)[];
    return names.every((name) => name in before)
      ? Object.fromEntries(names.map((name) => [name, before[name]]))
      : undefined;
  };
  /**
   * Changes it upon the version that is shown, or upon one that has come since, and offers to take it back.
   * @param alsoBack what is taken back with it
   */
  const change = async (
    changes: ChangeIncident,
    words: string,
    { upon = version, alsoBack }: { upon?: number; alsoBack?: () => Promise<unknown> } = {},
  ): Promise<boolean> => {
    const former = formerly(changes);
    const takeBack = async (since: number, back: ChangeIncident) => {
      try {
        await send(back, since);
        toast.done(`${key} is as it was`);
        await alsoBack?.();
      } catch (error) {
        refused(error);
      }
    };
    try {
      const changed = await send(changes, upon);
      toast.done(words, former && { undo: () => void takeBack(changed.version, former) });
      return true;
    } catch (error) {
      return refused(error);
    }
  };
  const escalate = async (): Promise<boolean> => {
    try {
      takeIn(await api.escalateIncident({ params: { id }, body: {} }));
      toast.done(`The next level is told of ${key}`);
      return true;
    } catch (error) {
      return refused(error);
    }
  };
  /** Links a run that was begun for it. */
  const linkRun = async (runId: string): Promise<boolean> => {
    try {
      takeIn(await api.addLink({ params: { id }, body: { kind: 'run', ref: runId } }));
      toast.done('The playbook runs');
      return true;
    } catch (error) {
      return refused(error);
    }
  };
  return { change, escalate, linkRun, refresh, takeIn };
}
