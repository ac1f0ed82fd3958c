import type { ReactNode } from 'react';
import { Radio } from '../../ui/choice.tsx';
import { WordsInput } from '../../ui/combobox.tsx';
import { Field, slotProps } from '../../ui/form.tsx';
import { Input, Textarea } from '../../ui/input.tsx';
import { useFolders } from './use-saved.ts';

export interface HeadValues {
  name: string;
  description: string;
  folder: string;
  tags: string[];
  sharing: 'private' | 'workspace';
}

interface HeadFieldsProps {
  values: HeadValues;
  onChange: (change: Partial<HeadValues>) => void;
  errorOf: (name: string) => string | undefined;
  children?: ReactNode;
}

/** What a saved query is called, where it lies, and who sees it. */
export function HeadFields({ values, onChange, errorOf, children }: HeadFieldsProps) {
  const folders = useFolders();
  return (
    <div className="flex flex-col gap-4">
      <Field label="Name" required error={errorOf('name')}>
        {(slot) => (
          <Input
            {...slotProps(slot)}
            value={values.name}
            maxLength={120}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Folder" hint="Folders in folders are apart by /." error={errorOf('folder')}>
        {(slot) => (
          <>
            <Input
              {...slotProps(slot)}
              list="query-folders"
              value={values.folder}
              onChange={(event) => onChange({ folder: event.target.value })}
            />
            <datalist id="query-folders">
              {(folders.data ?? []).map(({ folder }) => (
                <option key={folder} value={folder} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label="Tags" error={errorOf('tags')}>
        {({ id, invalid, describedBy }) => (
          <WordsInput
            id={id}
            invalid={invalid}
            describedBy={describedBy}
            words={values.tags}
            onWords={(tags) => onChange({ tags })}
          />
        )}
      </Field>
      <Field label="Description" error={errorOf('description')}>
        {(slot) => (
          <Textarea
            {...slotProps(slot)}
            rows={2}
            value={values.description}
            onChange={(event) => onChange({ description: event.target.value })}
          />
        )}
      </Field>
      <Radio
        label="Who sees it"
        value={values.sharing}
        onValue={(sharing) => onChange({ sharing })}
        options={[
          { value: 'workspace', label: 'Everybody in the workspace' },
          { value: 'private', label: 'Only you' },
        ]}
      />
      {children}
    </div>
  );
}
