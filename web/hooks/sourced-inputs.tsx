import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';

/** Which input takes what, as CEL by the input's name. */
export type Sources = Readonly<Record<string, string>>;

/** Those that say something: an empty one leaves the input to its default. */
export const givenSources = (sources: Sources): Record<string, string> =>
  Object.fromEntries(Object.entries(sources).filter(([, source]) => source.trim()));

interface SourcedInputsProps {
  declared: ReadonlyArray<{ name: string; required?: boolean | undefined }>;
  sources: Sources;
  onSources: (sources: Record<string, string>) => void;
  /** What the expressions read from, for the example: `body`. */
  from: string;
  aside?: string;
  errorOf: (name: string) => string | undefined;
}

/** A field of CEL for each input that the playbook declares. */
export function SourcedInputs({ declared, sources, onSources, from, aside, errorOf }: SourcedInputsProps) {
  return declared.map(({ name, required }) => (
    <Field
      key={name}
      label={<span className="font-mono">{name}</span>}
      required={required === true}
      aside={aside}
      error={errorOf(name)}
    >
      {(slot) => (
        <Input
          {...slotProps(slot)}
          mono
          placeholder={`${from}.${name}`}
          value={sources[name] ?? ''}
          onChange={(event) => onSources({ ...sources, [name]: event.target.value })}
        />
      )}
    </Field>
  ));
}
