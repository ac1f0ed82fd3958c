import { ChevronDown, ChevronRight, Plus } from 'lucide-react';
import { useState } from 'react';
import type { InputType, Json } from '#contracts/playbooks/document.ts';
import { commonInputFields, fieldsOfInput, inputTypes, isInputType } from '#contracts/playbooks/shape/inputs.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/form.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Select } from '../../ui/select.tsx';
import { fieldWord } from './field-words.ts';
import { useFormScope } from './form-context.ts';
import { OptionsControl } from './options-control.tsx';
import { asRecord, withPart } from './record-parts.ts';
import { RowActs } from './row-acts.tsx';

const typeOf = (row: Record<string, Json>): InputType => {
  const type = row['type'];
  return typeof type === 'string' && isInputType(type) ? type : 'string';
};
/** Fields of an input that stand first; the rest is behind "More". */
const main = ['label', 'required', 'default', 'options', 'tags', 'items', 'fields'];

/** Declared inputs, in the order in which the form asks for them: each opens to what its type has. */
export function InputsControl({
  value,
  onValue,
  pointer = 'inputs',
}: {
  value: Json | undefined;
  onValue: (value: Json | undefined) => void;
  pointer?: string;
}) {
  const { isReadOnly, errorAt } = useFormScope();
  const rows = (Array.isArray(value) ? value : []).map((row: Json) => asRecord(row));
  const [open, setOpen] = useState<number | null>(null);
  const put = (next: Record<string, Json>[]) => onValue(next.length === 0 ? undefined : next);
  const set = (index: number, row: Json | undefined) =>
    put(rows.map((old, at) => (at === index ? asRecord(row) : old)));
  const add = () => {
    const taken = new Set(rows.map((row) => row['name']));
    let name = 'input';
    for (let count = 2; taken.has(name); count += 1) name = `input_${count}`;
    put([...rows, { name, type: 'string' }]);
    setOpen(rows.length);
  };
  return (
    <div className="flex flex-col gap-1.5">
      {rows.map((row, index) => {
        const error = errorAt(pointer, index);
        return (
          <div key={index} className="rounded-md border border-line">
            <div className="flex h-8 items-center gap-1.5 pr-1 pl-2">
              <button
                type="button"
                aria-expanded={open === index}
                onClick={() => setOpen(open === index ? null : index)}
                className="flex min-w-0 flex-1 items-center gap-1.5 text-left"
              >
                <Icon of={open === index ? ChevronDown : ChevronRight} size={14} className="text-text-3" />
                <span className="truncate font-medium">{String(row['label'] ?? row['name'] ?? 'input')}</span>
                <span className="truncate font-mono text-[11px] text-text-3">{`${String(row['name'] ?? '')} · ${typeOf(row)}`}</span>
                {row['required'] === true && <span className="text-meta text-text-3">required</span>}
              </button>
              {error && <span className="flex-none text-meta text-fail-fg">mend</span>}
              {!isReadOnly && (
                <RowActs
                  rows={rows}
                  index={index}
                  removes={`Remove ${String(row['name'] ?? 'input')}`}
                  onMove={(next, to) => {
                    put(next);
                    setOpen(open === index ? to : null);
                  }}
                  onRemove={put}
                />
              )}
            </div>
            {open === index && (
              <InputFields
                row={row}
                onRow={(next) => set(index, next)}
                errorOf={(part) => errorAt(pointer, index, part)}
              />
            )}
          </div>
        );
      })}
      {!isReadOnly && (
        <Button size="sm" icon={Plus} className="self-start" onClick={add}>
          Add input
        </Button>
      )}
    </div>
  );
}

interface InputFieldsProps {
  row: Record<string, Json>;
  onRow: (row: Json | undefined) => void;
  errorOf: (part: string) => string | undefined;
}

function InputFields({ row, onRow, errorOf }: InputFieldsProps) {
  const { isReadOnly, Part } = useFormScope();
  const type = typeOf(row);
  const { name: nameField, type: _type, ...fields } = fieldsOfInput(type);
  const set = (part: string, value: Json | undefined) => onRow(withPart(row, part, value));
  const changeType = (next: string) => {
    if (!isInputType(next)) return;
    const known = fieldsOfInput(next);
    const { default: _default, ...kept } = Object.fromEntries(Object.entries(row).filter(([key]) => key in known));
    const extra: Record<string, Json> =
      next === 'choice' || next === 'multi_choice'
        ? { options: (row['options'] ?? []) as Json }
        : next === 'list'
          ? { items: { type: 'string' } }
          : {};
    onRow({ ...kept, type: next, ...extra });
  };
  const draw = (part: string) => {
    const field = fields[part];
    if (!field) return null;
    return (
      <Field
        key={part}
        label={fieldWord(part)}
        hint={commonInputFields[part] && part !== 'visible' ? undefined : field.help}
        error={errorOf(part)}
        aside={field.shape.is === 'cel' ? 'CEL' : undefined}
      >
        {part === 'options' ? (
          <OptionsControl value={row[part]} onValue={(next) => set(part, next)} />
        ) : part === 'items' ? (
          <Select
            label="Type of a row"
            disabled={isReadOnly}
            value={typeOf(asRecord(row[part]))}
            onValue={(next) => set(part, { ...asRecord(row[part]), type: next })}
            options={Object.keys(inputTypes)
              .filter((one) => one !== 'list')
              .map((one) => ({ value: one, label: one }))}
          />
        ) : part === 'fields' ? (
          <InputsControl value={row[part]} onValue={(next) => set(part, next)} pointer="" />
        ) : (
          <Part name={part} field={field} value={row[part]} onValue={(next) => set(part, next)} />
        )}
      </Field>
    );
  };
  const rest = Object.keys(fields).filter((part) => !main.includes(part));
  return (
    <div className="flex flex-col gap-3 border-t border-line p-3">
      <div className="grid grid-cols-2 gap-2.5">
        <Field label="Name" error={errorOf('name')}>
          {nameField && (
            <Part name="name" field={nameField} value={row['name']} onValue={(next) => set('name', next ?? '')} />
          )}
        </Field>
        <Field label="Type" hint={inputTypes[type].help}>
          <Select
            label="Type"
            disabled={isReadOnly}
            value={type}
            onValue={changeType}
            options={Object.keys(inputTypes).map((one) => ({ value: one, label: one.replace('_', ' ') }))}
          />
        </Field>
      </div>
      {main.map(draw)}
      <details>
        <summary className="text-meta font-medium text-text-2">More</summary>
        <div className="mt-2.5 flex flex-col gap-3">{rest.map(draw)}</div>
      </details>
    </div>
  );
}
