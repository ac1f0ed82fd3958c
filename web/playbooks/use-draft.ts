import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { applyPatch, structuredPatch } from 'diff';
import { useEffect, useRef, useState } from 'react';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { toast } from '../ui/toast.tsx';

const noIssues = { valid: true, errors: [], hints: [] };

/** Asks the server what it would say of the text, 400 ms after the last key. */
function useValidation(yaml: string) {
  const [settled, setSettled] = useState(yaml);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(yaml), 400);
    return () => clearTimeout(timer);
  }, [yaml]);
  const answer = useQuery({
    queryKey: ['validation', settled],
    queryFn: ({ signal }) => api.validatePlaybook({ body: { yaml: settled }, signal }),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  return {
    ...(answer.data ?? noIssues),
    isKnown: answer.data !== undefined,
    isChecking: settled !== yaml || answer.isFetching,
    error: answer.error,
  };
}

/** Joins two changes of one text: what I changed since `base` put onto `theirs`; undefined where they touch the same lines. */
export function mergeTexts(base: string, mine: string, theirs: string): string | undefined {
  const merged = applyPatch(theirs, structuredPatch('', '', base, mine), { fuzzFactor: 0 });
  return merged === false ? undefined : merged;
}

interface Conflict {
  theirs: Playbook;
}

/** The text that is being written: how it differs from what is saved, what is wrong with it, and saving it as a version. */
export function useDraft(saved: Playbook | null, start: string, onCreated: (id: string) => void) {
  const client = useQueryClient();
  const [base, setBase] = useState<{ version: number | null; yaml: string }>({
    version: saved?.version ?? null,
    yaml: start,
  });
  const [yaml, setYaml] = useState(start);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  // Read when the address changes, which may be before what was set just now has been drawn.
  const isKept = useRef(false);
  const isDirty = yaml !== base.yaml || base.version === null;
  const validation = useValidation(yaml);

  // Somebody else has saved, and nothing is changed here: theirs is shown. With changes here, saving will ask.
  useEffect(() => {
    if (saved && base.version !== null && saved.version > base.version && !isDirty) {
      setBase({ version: saved.version, yaml: saved.yaml });
      setYaml(saved.yaml);
    }
  }, [saved, base.version, isDirty]);

  const take = (playbook: Playbook) => {
    setBase({ version: playbook.version, yaml: playbook.yaml });
    setYaml(playbook.yaml);
    setConflict(null);
    client.setQueryData(['playbook', playbook.id], playbook);
    void client.invalidateQueries({ queryKey: ['playbooks'] });
    void client.invalidateQueries({ queryKey: ['playbook', playbook.id, 'versions'] });
  };
  const save = useMutation({
    mutationFn: ({ note, version }: { note: string; version?: number }) => {
      const body = { yaml, note: note.trim() || undefined };
      if (!saved) return api.createPlaybook({ body });
      return api.updatePlaybook({
        params: { id: saved.id },
        body,
        ifMatch: `"${version ?? base.version ?? saved.version}"`,
      });
    },
    onSuccess: (playbook) => {
      toast.done(`Saved as version ${playbook.version}`);
      take(playbook);
      if (!saved) {
        isKept.current = true;
        onCreated(playbook.id);
      }
    },
    onError: async (error) => {
      if (asFailure(error).status === 412 && saved)
        setConflict({ theirs: await api.getPlaybook({ params: { id: saved.id } }) });
      else toast.failure(error);
    },
  });

  const isChanged = yaml !== base.yaml;
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isChanged &&
      !isKept.current &&
      current.pathname !== next.pathname &&
      !globalThis.confirm('Your changes are not saved. Leave them behind?'),
    enableBeforeUnload: () => isChanged,
  });
  return { yaml, setYaml, base, isDirty, isChanged, validation, save, conflict, setConflict, take };
}
