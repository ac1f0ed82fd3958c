import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, type ReactNode } from 'react';
import type { Connection } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { api } from '../kit/api.ts';
import { asFailure, ApiFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import { AmcFields, PostgresFields, SfmcFields, type FieldsProps } from './connection-fields.tsx';
import { configOf, ConnectionValues, valuesOf } from './connection-values.ts';
import { kindWords } from './connections.ts';
import { keepValues } from './use-kept-values.ts';

const fieldsOf: Readonly<Record<EngineKind, (props: FieldsProps) => ReactNode>> = {
  sfmc: SfmcFields,
  amc: AmcFields,
  postgres: PostgresFields,
};

interface ConnectionFormProps {
  kind: EngineKind;
  /** What is changed; null makes a new one. */
  connection: Connection | null;
  /** What an earlier visit left. */
  found?: Partial<ConnectionValues>;
  /** Where what is typed is kept until it is sent; secrets never are. */
  keepAs?: string;
  act?: string;
  onSaved?: (connection: Connection) => void;
  /** Beside the button. */
  aside?: ReactNode;
}

/** A connection's details: of a new one, or of one that is there. */
export function ConnectionForm({ kind, connection, found, keepAs, act, onSaved, aside }: ConnectionFormProps) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const keeper = useMemo(() => (keepAs === undefined ? null : keepValues(keepAs)), [keepAs]);
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: ConnectionValues,
    defaults: { ...valuesOf(kind, connection), ...found, kind, isNew: connection === null },
    submit: async (values) => {
      const { name, description } = values;
      const slots = values.slots === '' ? undefined : values.slots;
      const body = { name, description, config: configOf(values), slots };
      const saved = await (
        connection
          ? api.updateConnection({ params: { id: connection.id }, body, ifMatch: `"${connection.version}"` })
          : api.createConnection({ body: { kind, ...body } })
      ).catch((error: unknown) => {
        throw placedFlat(asFailure(error));
      });
      keeper?.drop();
      client.setQueryData(['connections', saved.id], saved);
      void client.invalidateQueries({ queryKey: ['connections'] });
      if (onSaved) onSaved(saved);
      else toast.done(`${saved.name} is saved`);
    },
  });
  useEffect(() => {
    if (!keeper) return undefined;
    const subscription = form.watch(() => keeper.changed(form.getValues()));
    return () => subscription.unsubscribe();
  }, [form, keeper]);
  const Fields = fieldsOf[kind];
  return (
    <form noValidate autoComplete="off" className="flex flex-col gap-4" onSubmit={(event) => void onSubmit(event)}>
      <Field
        label="Name"
        required
        error={errorOf('name')}
        hint={connection ? undefined : 'As your colleagues will look for it.'}
      >
        {(slot) => (
          <Input
            {...slotProps(slot)}
            placeholder={
              { sfmc: 'Marketing Cloud · Retail', amc: 'AMC · Brand DE', postgres: 'Shop, read replica' }[kind]
            }
            {...form.register('name')}
          />
        )}
      </Field>
      <Fields form={form} errorOf={errorOf} isNew={connection === null} held={connection?.secretsHeld ?? []} />
      <Field label="Description" aside="optional" error={errorOf('description')}>
        {(slot) => <Textarea {...slotProps(slot)} rows={2} {...form.register('description')} />}
      </Field>
      <Field
        label="Queries at once"
        aside="optional"
        error={errorOf('slots')}
        hint={
          kind === 'amc'
            ? 'Amazon runs ten an instance at most.'
            : 'More wait here in line, so that the service is not overrun.'
        }
      >
        {(slot) => <Input {...slotProps(slot)} inputMode="numeric" className="w-24!" {...form.register('slots')} />}
      </Field>
      <Note>Secrets are stored encrypted. They are never shown again, in no log, event or error.</Note>
      {connection && connection.state !== 'new' && kind !== 'postgres' && (
        <p className="text-meta text-text-3">Changing who we are at {kindWords[kind].name} asks for a new sign-in.</p>
      )}
      <FormFailure failure={failure} />
      <div className="flex items-center gap-2">
        <Button look="primary" type="submit" busy={busy} refusal={offline ?? refusal('connections:manage')}>
          {act ?? 'Save connection'}
        </Button>
        {aside}
      </div>
    </form>
  );
}

/** The server names fields of `config`; the form has them all on one level. */
const placedFlat = (failure: ApiFailure): ApiFailure =>
  new ApiFailure({
    code: failure.code,
    message: failure.message,
    status: failure.status,
    requestId: failure.requestId,
    details: Array.isArray(failure.details)
      ? failure.faults.map((fault) => ({ ...fault, path: fault.path.replace(/^.*\b(config|endpoints)[./]/, '') }))
      : failure.details,
  });
