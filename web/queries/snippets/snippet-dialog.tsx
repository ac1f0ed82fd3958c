import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { SnippetTrigger } from '#contracts/queries/query-snippets.ts';
import { parametersOf } from '#contracts/queries/parameters.ts';
import { faultOfSnippet, plainOf, readSnippet } from '#contracts/queries/snippet-text.ts';
import { api } from '../../kit/api.ts';
import { asFailure, type ApiFailure } from '../../kit/failure.ts';
import { useMe } from '../../kit/session.ts';
import { Button } from '../../ui/button.tsx';
import { Radio } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../../ui/form.tsx';
import { Input, Textarea } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { toast } from '../../ui/toast.tsx';
import { engineWords } from '../connections.ts';
import { faultIn } from '../library/head-dialog.tsx';
import { etagOf } from '../library/use-saved.ts';
import type { SnippetDraft } from './use-snippets.ts';

/** Writes a snippet: what brings it, what it is good for, its text with stops and parameters, and who has it. */
export function SnippetDialog({ draft, onClose }: { draft: SnippetDraft; onClose: () => void }) {
  const client = useQueryClient();
  const { user } = useMe();
  const { trigger = '', description = '', text = '', engine = null, sharing = 'workspace' } = draft;
  const [values, setValues] = useState({ trigger, description, text, engine, sharing });
  const change = (some: Partial<typeof values>) => setValues({ ...values, ...some });
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const word = values.trigger.trim();
  const badWord = word === '' || SnippetTrigger.safeParse(word).success ? undefined : 'A letter first, then letters, digits, _ and - (40 at most).'; // prettier-ignore
  const badText = values.text.trim() === '' ? null : faultOfSnippet(values.engine, values.text);
  const isReady = word !== '' && !badWord && values.text.trim() !== '' && badText === null;
  const isForeign = draft.id !== undefined && draft.owner.id !== user.id;
  const save = async () => {
    if (!isReady || busy) return;
    setBusy(true);
    setFailure(null);
    try {
      if (draft.id === undefined) await api.createQuerySnippet({ body: { ...values, trigger: word } });
      else
        await api.updateQuerySnippet({ params: { id: draft.id }, body: { ...values, trigger: word }, ifMatch: etagOf(draft) }); // prettier-ignore
      void client.invalidateQueries({ queryKey: ['query-snippets'] });
      toast.done(`${word} is saved. Type it in a query to put it in.`);
      onClose();
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  const errorOf = faultIn(failure);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={draft.id === undefined ? 'New snippet' : `Edit ${draft.trigger}`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={!isReady} onClick={() => void save()}>
            Save snippet
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label="Trigger"
          required
          hint="The word that brings it while you type, such as subs30."
          error={badWord ?? errorOf('trigger')}
        >
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              value={values.trigger}
              onChange={(event) => change({ trigger: event.target.value })}
            />
          )}
        </Field>
        <Field label="Description" error={errorOf('description')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              maxLength={500}
              value={values.description}
              onChange={(event) => change({ description: event.target.value })}
            />
          )}
        </Field>
        <Field
          label="Text"
          required
          error={badText ?? errorOf('text')}
          hint={<TextHint engine={values.engine} text={values.text} />}
        >
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              mono
              rows={8}
              maxLength={20_000}
              spellCheck={false}
              value={values.text}
              onChange={(event) => change({ text: event.target.value })}
            />
          )}
        </Field>
        <Field label="For">
          {({ id }) => (
            <Select
              id={id}
              value={values.engine ?? ''}
              onValue={(value) => change({ engine: value === '' ? null : (value as EngineKind) })}
              options={[
                { value: '', label: 'Every engine' },
                ...Object.entries(engineWords).map(([value, label]) => ({ value, label })),
              ]}
            />
          )}
        </Field>
        <Radio
          label="Who has it"
          value={values.sharing}
          onValue={(value) => change({ sharing: value })}
          options={[
            { value: 'workspace', label: 'Everybody in the workspace' },
            {
              value: 'private',
              label: 'Only you',
              disabled: isForeign,
              ...(isForeign && { hint: 'It is not yours.' }),
            },
          ]}
        />
        <FormFailure failure={failure && failure.faults.length === 0 ? failure : null} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** How stops and parameters are written, and which of them the text has. */
function TextHint({ engine, text }: { engine: EngineKind | null; text: string }) {
  const has = useMemo(() => {
    const read = readSnippet(text);
    if (!read.ok) return '';
    const stops = new Set(read.parts.flatMap((part) => (part.kind === 'stop' ? part.number : [])));
    stops.delete(0);
    const names = parametersOf(engine ?? 'postgres', plainOf(read.parts)).map(({ name }) => name);
    return [
      stops.size > 0 && (stops.size === 1 ? 'One stop.' : `${stops.size} stops.`),
      names.length > 0 && `${names.length === 1 ? 'Parameter' : 'Parameters'}: ${names.join(', ')}.`,
    ]
      .filter(Boolean)
      .join(' ');
  }, [engine, text]);
  return (
    <>
      Tab stops at <code>{'${1:name}'}</code> and <code>{'${2|ASC,DESC|}'}</code> and ends at <code>$0</code>;{' '}
      <code>{'{{ since: date }}'}</code> is a parameter. A <code>$1</code> of PostgreSQL is written{' '}
      <code>{'\\$1'}</code>.{has && <span className="block text-text-2">{has}</span>}
    </>
  );
}
