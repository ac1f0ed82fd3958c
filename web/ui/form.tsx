import { zodResolver } from '@hookform/resolvers/zod';
import { createContext, useContext, useId, useRef, useState, type ReactNode } from 'react';
import {
  useForm,
  type DefaultValues,
  type FieldErrors,
  type FieldPath,
  type FieldValues,
  type Resolver,
  type UseFormReturn,
} from 'react-hook-form';
import { config, type z } from 'zod';
import { cx } from '../kit/cx.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { faultWords } from '../kit/fault-words.ts';
import '../kit/no-eval.ts';
import { Note } from './card.tsx';
import { Copy } from './copy.tsx';

// Forms are the console's only schemas: what they refuse is said in its own words where the contract has none.
config({ customError: faultWords });

interface FieldSlot {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}
const FieldContext = createContext<FieldSlot>({ id: '', describedBy: undefined, invalid: false });
/** What a control inside a `Field` needs to be tied to its label, hint and error. */
export const useFieldSlot = (): FieldSlot => useContext(FieldContext);

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  /** Beside the label, right: "optional", "CEL". */
  aside?: ReactNode;
  children: ReactNode | ((slot: FieldSlot) => ReactNode);
  className?: string;
}

/** A control with its label above and its hint below; an error takes the hint's place. */
export function Field({ label, hint, error, required = false, aside, children, className }: FieldProps) {
  const id = useId();
  const below = error ?? hint;
  const slot: FieldSlot = { id, describedBy: below ? `${id}-below` : undefined, invalid: Boolean(error) };
  return (
    <div className={cx('min-w-0', className)}>
      <div className="mb-[5px] flex items-baseline gap-1.5 text-meta font-medium">
        <label htmlFor={id}>{label}</label>
        {required && <span className="font-normal text-fail-fg">required</span>}
        {aside && <span className="ml-auto font-normal text-text-3">{aside}</span>}
      </div>
      <FieldContext value={slot}>{typeof children === 'function' ? children(slot) : children}</FieldContext>
      {below && (
        <p
          id={`${id}-below`}
          role={error ? 'alert' : undefined}
          className={cx('mt-1 text-meta', error ? 'text-fail-fg' : 'text-text-3')}
        >
          {below}
        </p>
      )}
    </div>
  );
}

/** The attributes of a native control inside a `Field`. */
export const slotProps = (slot: FieldSlot) => ({
  id: slot.id,
  'aria-describedby': slot.describedBy,
  'aria-invalid': slot.invalid || undefined,
});

interface ApiFormOptions<S extends z.ZodType<FieldValues, FieldValues>> {
  schema: S;
  defaults: DefaultValues<z.input<S>>;
  /** Sends it; what it throws is shown: field faults at their fields, the rest above the buttons. */
  submit: (values: z.output<S>) => Promise<unknown>;
}

export interface ApiForm<S extends z.ZodType<FieldValues, FieldValues>> {
  form: UseFormReturn<z.input<S>, unknown, z.output<S>>;
  /** For `<form onSubmit>`. */
  onSubmit: (event?: React.BaseSyntheticEvent) => Promise<void>;
  failure: ApiFailure | null;
  busy: boolean;
  /** The message of a field's fault. */
  errorOf: (name: string) => string | undefined;
}

const atPath = (errors: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (node, key) => (node && typeof node === 'object' ? (node as Record<string, unknown>)[key] : undefined),
      errors,
    );

/**
 * Before a form is sent, an empty field is not wrong yet: a message on leaving it would also push away the link or button
 * that is being pressed.
 */
const untilSent =
  <I extends FieldValues, O>(
    resolver: Resolver<I, unknown, O>,
    wasSent: { readonly current: boolean },
  ): Resolver<I, unknown, O> =>
  async (values, context, options) => {
    const answer = await resolver(values, context, options);
    if (wasSent.current) return answer;
    const errors = Object.fromEntries(
      Object.entries(answer.errors).filter(([name]) => ![undefined, null, ''].includes(values[name])),
    ) as FieldErrors<I>;
    return { values: {}, errors };
  };

/** A form over a schema of the contracts: one schema here and on the server, whose faults come back to the same fields. */
export function useApiForm<S extends z.ZodType<FieldValues, FieldValues>>({
  schema,
  defaults,
  submit,
}: ApiFormOptions<S>): ApiForm<S> {
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const wasSent = useRef(false);
  const form = useForm<z.input<S>, unknown, z.output<S>>({
    resolver: untilSent(zodResolver(schema as never) as never, wasSent),
    defaultValues: defaults as never,
    mode: 'onTouched',
  });
  const send = form.handleSubmit(async (values) => {
    setFailure(null);
    try {
      await submit(values as z.output<S>);
    } catch (error) {
      const refused = asFailure(error);
      let isPlaced = false;
      for (const fault of refused.faults) {
        const path = fault.path.replace(/^(body|\/)?[./]?/, '').replaceAll('/', '.');
        if (path && atPath(form.getValues(), path) !== undefined) {
          form.setError(path as FieldPath<z.input<S>>, { message: fault.message }, { shouldFocus: !isPlaced });
          isPlaced = true;
        }
      }
      setFailure(isPlaced ? null : refused);
    }
  });
  const onSubmit = (event?: React.BaseSyntheticEvent) => {
    wasSent.current = true;
    return send(event);
  };
  const errorOf = (name: string): string | undefined => {
    const found = atPath(form.formState.errors, name);
    return found && typeof found === 'object' && 'message' in found && typeof found.message === 'string'
      ? found.message
      : undefined;
  };
  return { form, onSubmit, failure, busy: form.formState.isSubmitting, errorOf };
}

/** Why the whole was refused, with what to quote. */
export function FormFailure({ failure }: { failure: ApiFailure | null }) {
  if (!failure) return null;
  return (
    <Note tone="fail">
      <div role="alert" className="min-w-0">
        <p>{failure.message}</p>
        {failure.faults.length > 0 && (
          <ul className="mt-1 list-disc pl-4">
            {failure.faults.slice(0, 8).map((fault, index) => (
              <li key={index}>
                <span className="font-mono">{fault.path}</span> {fault.message}
              </li>
            ))}
          </ul>
        )}
        <p className="mt-1 font-mono text-[11.5px]">
          <Copy text={`${failure.code} · ${failure.requestId ?? ''}`} what="what to quote">
            {failure.requestId ? `${failure.code} · ${failure.requestId}` : failure.code}
          </Copy>
        </p>
      </div>
    </Note>
  );
}
