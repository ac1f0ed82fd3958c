import type { Json } from '#contracts/playbooks/document.ts';
import { slotProps, useFieldSlot } from '../../ui/form.tsx';
import { Textarea } from '../../ui/input.tsx';
import { useFormScope } from './form-context.ts';
import { asRecord } from './record-parts.ts';

const lineOf = (option: Json): string => {
  if (typeof option === 'string') return option;
  const { value, label, description } = asRecord(option);
  return [value, label, description]
    .filter((part) => part !== undefined)
    .map(String)
    .join(' | ');
};

function optionOf(line: string): Json {
  const [value = '', label, ...description] = line.split('|').map((part) => part.trim());
  if (label === undefined) return value;
  return { value, ...(label && { label }), ...(description.length > 0 && { description: description.join(' | ') }) };
}

/** What may be chosen, one a line: `value`, or `value | label | description`. */
export function OptionsControl({
  value,
  onValue,
}: {
  value: Json | undefined;
  onValue: (value: Json | undefined) => void;
}) {
  const slot = useFieldSlot();
  const { isReadOnly } = useFormScope();
  const lines = (Array.isArray(value) ? value : []).map(lineOf);
  return (
    <Textarea
      {...slotProps(slot)}
      mono
      rows={Math.max(3, lines.length + 1)}
      readOnly={isReadOnly}
      placeholder="value | label | description"
      value={lines.join('\n')}
      onChange={(event) => onValue(event.target.value.split('\n').map(optionOf))}
    />
  );
}
