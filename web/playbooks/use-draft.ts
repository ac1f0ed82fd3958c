import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import { useIsPainted } from '../kit/after-paint.tsx';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { useMe, useMembership } from '../kit/session.ts';
import { toast } from '../ui/toast.tsx';
import { beginHistory, changeText, redoText, undoText } from './document/history.ts';
import { useKeptDraft } from './use-kept-draft.ts';

const noIssues = { valid: true, errors: [], hints: [] };

/** Asks the server what it would say of the text, once it is on the screen and 400 ms after the last key. */
function useValidation(yaml: string) {
  const isPainted = useIsPainted();
  const [settled, setSettled] = useState(yaml);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(yaml), 400);
    return () => clearTimeout(timer);
  }, [yaml]);
  const answer = useQuery({
    queryKey: ['validation', settled],
    queryFn: ({ signal }) => api.validatePlaybook({ body: { yaml: settled }, signal }),
    placeholderData: (before) => before,
    enabled: isPainted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  return {
    ...(answer.data ?? noIssues),
    isKnown: answer.data !== undefined,
    isChecking: !isPainted || settled !== yaml || answer.isFetching,
    error: answer.error,
  };
}

interface Conflict {
  theirs: Playbook;
}

/** Changes the text by an edit of the document; `about` names what is edited, so that typing in one field is one change. */
export type EditText = (edit: (text: string) => string | undefined, about?: string) => void;

/** The text that is being written: how it differs from what is saved, what is wrong with it, and saving it as a version. */
export function useDraft(saved: Playbook | null, start: string, onCreated: (id: string) => void) {
  const client = useQueryClient();
  const { user } = useMe();
  const workspace = useMembership()?.id ?? '';
  const [base, setBase] = useState<{ version: number | null; yaml: string }>({
    version: saved?.version ?? null,
    yaml: start,
  });
  const [history, setHistory] = useState(() => beginHistory(start));
  const [found, setFound] = useState<number | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const isMoving = useRef(false);
  const yaml = history.text;
  const isChanged = yaml !== base.yaml;
  const isDirty = isChanged || base.version === null;
  const validation = useValidation(yaml);
  const { isKept } = useKeptDraft({
    key: `${user.id}/${workspace}/playbook/${saved?.id ?? 'new'}`,
    yaml,
    base,
    isChanged: isChanged && !isMoving.current,
    onFound: (draft) => {
      if (draft.yaml === start) return;
      setBase(draft.base);
      setHistory((now) => changeText(now, draft.yaml, '', Date.now()));
      setFound(draft.at);
    },
  });

  const setYaml = useCallback(
    (text: string, about = '') => setHistory((now) => changeText(now, text, about, Date.now())),
    [],
  );
  const edit: EditText = useCallback(
    (act, about = '') => setHistory((now) => changeText(now, act(now.text) ?? now.text, about, Date.now())),
    [],
  );
  const undo = useCallback(() => setHistory(undoText), []);
  const redo = useCallback(() => setHistory(redoText), []);

  // Somebody else has saved, and nothing is changed here: theirs is shown. With changes here, saving will ask.
  useEffect(() => {
    if (saved && base.version !== null && saved.version > base.version && !isDirty) {
      setBase({ version: saved.version, yaml: saved.yaml });
      setYaml(saved.yaml);
    }
  }, [saved, base.version, isDirty, setYaml]);

  const take = (playbook: Playbook) => {
    setBase({ version: playbook.version, yaml: playbook.yaml });
    setYaml(playbook.yaml);
    setConflict(null);
    setFound(null);
    client.setQueryData(['playbook', playbook.id], playbook);
    void client.invalidateQueries({ queryKey: ['playbooks'] });
    void client.invalidateQueries({ queryKey: ['playbook', playbook.id, 'versions'] });
  };
  const discard = () => {
    const now = saved ? { version: saved.version, yaml: saved.yaml } : { version: null, yaml: start };
    setBase(now);
    setYaml(now.yaml);
    setFound(null);
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
      isMoving.current = !saved;
      take(playbook);
      if (!saved) onCreated(playbook.id);
    },
    onError: async (error) => {
      if (asFailure(error).status === 412 && saved)
        setConflict({ theirs: await api.getPlaybook({ params: { id: saved.id } }) });
      else toast.failure(error);
    },
  });

  // Only where the browser could not keep it would closing the tab lose something.
  useEffect(() => {
    if (!isChanged || isKept) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isChanged, isKept]);

  return {
    yaml,
    setYaml,
    edit,
    undo: history.past.length > 0 ? undo : undefined,
    redo: history.future.length > 0 ? redo : undefined,
    base,
    isDirty,
    isChanged,
    isKept,
    found,
    hideFound: () => setFound(null),
    discard,
    validation,
    save,
    conflict,
    setConflict,
    take,
  };
}
export type Draft = ReturnType<typeof useDraft>;
