import { useEffect, useRef, useState } from 'react';
import type { ValidationIssue } from '#contracts/playbooks/playbooks.ts';
import type { Draft } from './use-draft.ts';

interface SavingProps {
  maySave: boolean;
  /** Something is wrong: where it is. */
  onIssue: (issue: ValidationIssue) => void;
  /** It is about to be saved: what is being typed counts as said. */
  onAsk: () => void;
}

/** The way to a new version: what is written is checked, and if nothing is wrong, one line of note is asked for. */
export function useSaving(draft: Draft, { maySave, onIssue, onAsk }: SavingProps) {
  const { validation, isDirty, save } = draft;
  const [isSaving, setSaving] = useState(false);
  const [isNoting, setNoting] = useState(false);
  const answerSave = () => {
    setSaving(false);
    onAsk();
    const [first] = validation.errors;
    if (first) onIssue(first);
    else setNoting(true);
  };
  const answer = useRef(answerSave);
  answer.current = answerSave;
  // What is saved is what was checked: a save waits for the answer about the last key.
  useEffect(() => {
    if (isSaving && !validation.isChecking) answer.current();
  }, [isSaving, validation.isChecking]);
  return {
    ask: () => {
      if (maySave && isDirty && !save.isPending) setSaving(true);
    },
    isNoting,
    end: () => setNoting(false),
  };
}
