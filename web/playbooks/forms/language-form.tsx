import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { canonicalJson } from '#contracts/playbooks/canonical.ts';
import type { Json } from '#contracts/playbooks/document.ts';
import type { Field as LanguageField, Fields } from '#contracts/playbooks/shape/shape.ts';
import type { WorkspaceNames } from '../expressions/complete.ts';
import { Field } from '../../ui/form.tsx';
import { fieldWord } from './field-words.ts';
import { FormScopeProvider } from './form-context.ts';
import { errorAt, formSchema, formValues, type ScopeFor } from './form-schema.ts';
import { ShapeControl } from './shape-control.tsx';

export interface LanguageFormProps {
  /** The fields, in the order in which they are written into the document. */
  fields: Fields;
  value: Readonly<Record<string, unknown>>;
  kind?: string;
  scopeFor: ScopeFor;
  names: WorkspaceNames;
  isReadOnly: boolean;
  /** What the server says of a place below this map, where our own check says nothing. */
  faultAt: (parts: readonly (string | number)[]) => string | undefined;
  /** Errors of fields that nobody has touched are held back: the step was made a moment ago. */
  isFresh?: boolean;
  onField: (name: string, value: Json | undefined) => void;
  /** Lays the fields out: `draw` gives the labelled control of one. */
  children: (draw: DrawField) => ReactNode;
}
export type DrawField = (name: string, look?: { label?: string; aside?: ReactNode; className?: string }) => ReactNode;

const asideOf = ({ shape, isRequired }: LanguageField): ReactNode =>
  shape.is === 'cel' ? (isRequired ? 'CEL' : 'CEL, optional') : undefined;

/**
 * A form over fields of the language: React Hook Form holds and checks the values, the document is told of each change.
 * When the document changes elsewhere (typed, undone, somebody's version), the form follows.
 */
export function LanguageForm({
  fields,
  value,
  kind,
  scopeFor,
  names,
  isReadOnly,
  faultAt,
  isFresh = false,
  onField,
  children,
}: LanguageFormProps) {
  const scopes = useRef(scopeFor);
  scopes.current = scopeFor;
  const schema = useMemo(
    () => formSchema(fields, (name, field) => scopes.current(name, field), kind),
    [fields, kind, scopes],
  );
  const values = useMemo(() => formValues(fields, value), [fields, value]);
  const form = useForm<Record<string, unknown>>({
    resolver: zodResolver(schema as never) as never,
    defaultValues: values,
    mode: 'onChange',
  });
  const { getValues, reset, trigger } = form;
  useEffect(() => {
    if (canonicalJson(getValues() as Json) !== canonicalJson(values)) reset(values, { keepTouched: true });
    void trigger();
  }, [values, getValues, reset, trigger]);
  const { errors, touchedFields, dirtyFields } = form.formState;

  const draw: DrawField = (name, { label = fieldWord(name), aside, className } = {}) => {
    const field = fields[name];
    if (!field) return null;
    const isShown = !isFresh || Boolean(touchedFields[name]) || Boolean(dirtyFields[name]);
    const at = (...parts: (string | number)[]): string | undefined =>
      isShown ? (errorAt(errors, parts) ?? faultAt(parts)) : undefined;
    const isSwitch = field.shape.is === 'boolean' && typeof value[name] !== 'string';
    return (
      <Controller
        key={name}
        control={form.control}
        name={name}
        render={({ field: { value: current, onChange, onBlur } }) => {
          const control = (
            <ShapeControl
              name={name}
              field={field}
              value={(current ?? undefined) as Json | undefined}
              onValue={(next) => {
                onChange(next ?? null);
                onField(name, next);
              }}
            />
          );
          return (
            <div data-field={name} onBlur={onBlur} className={className}>
              <FormScopeProvider
                value={{ scope: scopes.current(name, field), names, isReadOnly, errorAt: at, Part: ShapeControl }}
              >
                {isSwitch ? (
                  <SwitchRow label={label} hint={field.help} error={at(name)}>
                    {control}
                  </SwitchRow>
                ) : (
                  <Field
                    label={label}
                    aside={aside ?? asideOf(field)}
                    hint={hintOf(field)}
                    error={isNested(field) ? directError(errors, name, isShown) : at(name)}
                    required={field.isRequired === true && !isReadOnly && (current === null || current === '')}
                  >
                    {control}
                  </Field>
                )}
              </FormScopeProvider>
            </div>
          );
        }}
      />
    );
  };
  return <>{children(draw)}</>;
}

/** Fields whose parts say their errors themselves. */
const isNested = ({ shape }: LanguageField): boolean => shape.is === 'object' || shape.is === 'inputs';
const directError = (errors: unknown, name: string, isShown: boolean): string | undefined =>
  isShown ? errorAt(errors, [name], false) : undefined;
const hintOf = (field: LanguageField): string | undefined => (isNested(field) ? undefined : field.help);

function SwitchRow({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint: string;
  error: string | undefined;
  children: ReactNode;
}) {
  return (
    <div className="flex items-center gap-3">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{label}</p>
        <p className={error ? 'text-meta text-fail-fg' : 'text-meta text-text-3'}>{error ?? hint}</p>
      </div>
      {children}
    </div>
  );
}
