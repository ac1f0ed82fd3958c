import type { Json } from '#contracts/playbooks/document.ts';
import type { Fields } from '#contracts/playbooks/shape/shape.ts';
import { Field } from '../../ui/form.tsx';
import { fieldWord } from './field-words.ts';
import { useFormScope } from './form-context.ts';
import { asRecord, withPart } from './record-parts.ts';

interface ObjectControlProps {
  name: string;
  fields: Fields;
  value: Json | undefined;
  onValue: (value: Json | undefined) => void;
}

/** The fields of a map that is the language's own, one below the other. */
export function ObjectControl({ name, fields, value, onValue }: ObjectControlProps) {
  const { errorAt, Part } = useFormScope();
  const map = asRecord(value);
  return (
    <div className="grid grid-cols-2 gap-x-2.5 gap-y-3 border-l-2 border-line pl-3">
      {Object.entries(fields).map(([part, field]) => (
        <Field
          key={part}
          label={fieldWord(part, name)}
          hint={field.help}
          error={errorAt(name, part)}
          required={field.isRequired === true && Object.keys(map).length > 0}
          className={field.shape.is === 'cel' || field.shape.is === 'list' ? 'col-span-2' : undefined}
        >
          <Part name={part} field={field} value={map[part]} onValue={(next) => onValue(withPart(map, part, next))} />
        </Field>
      ))}
    </div>
  );
}
