import type { Input as InputDef } from '#contracts/playbooks/document.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { FieldFault } from '../kit/failure.ts';
import { Field } from '../ui/form.tsx';
import { Control } from './inputs/control.tsx';
import { useVisibleInputs } from './use-visible-inputs.ts';
export { defaultValues } from './input-values.ts';

type Values = Record<string, Json>;

interface InputFieldsProps {
  inputs: readonly InputDef[];
  values: Values;
  onValues: (values: Values) => void;
  /** The server's refusals: `/inputs/<name>[/…]`. */
  faults?: readonly FieldFault[] | undefined;
  disabled?: boolean;
}

/** What a pointer like `/inputs/host` or `inputs.host` says of the field of that name. */
const faultOf = (faults: readonly FieldFault[], name: string): string | undefined =>
  faults.find(({ path }) => {
    const parts = path.split(/[/.[\]]+/).filter(Boolean);
    return parts.includes(name) && ['inputs', 'form', 'body'].includes(parts[0] ?? '') ? true : parts[0] === name;
  })?.message;

/** A form drawn from declared inputs: of a playbook's start, of an approval. Hidden inputs are not asked. */
export function InputFields({ inputs, values, onValues, faults = [], disabled = false }: InputFieldsProps) {
  const visible = useVisibleInputs(inputs, values);
  const groups = Map.groupBy(visible, ({ group }) => group ?? '');
  return [...groups].map(([group, inGroup]) => (
    <fieldset key={group} className="flex min-w-0 flex-col gap-3.5">
      {group && <legend className="mb-2 font-semibold">{group}</legend>}
      {inGroup.map((input) => (
        <Field
          key={input.name}
          label={input.label ?? input.name}
          required={input.required === true}
          aside={input.required ? undefined : input.type === 'boolean' ? undefined : 'optional'}
          hint={input.description}
          error={faultOf(faults, input.name)}
        >
          <Control
            input={input}
            value={values[input.name] ?? null}
            onValue={(value) => onValues({ ...values, [input.name]: value })}
            disabled={disabled}
          />
        </Field>
      ))}
    </fieldset>
  ));
}
