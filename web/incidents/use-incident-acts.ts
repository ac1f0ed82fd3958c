import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ChangeIncident } from '#contracts/incidents/incidents.ts';
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
  /** Changes it upon the version that is shown, or upon one that has come since. */
  const change = async (changes: ChangeIncident, words: string, upon = version): Promise<boolean> => {
    try {
      takeIn(await api.changeIncident({ params: { id }, body: { ...changes, version: upon } }));
      toast.done(words);
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
