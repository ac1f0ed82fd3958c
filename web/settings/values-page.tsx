import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Braces, LockKeyhole, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import { CreateSecret, ValueName, type Variable, type WorkspaceSecret } from '#contracts/settings/settings.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useMay, useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { AlertDialog, Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';

/** What playbooks read as `secrets.name` and `vars.name`. */
export function ValuesPage() {
  const maySecrets = useMay('secrets:read');
  return (
    <Page title="Secrets and variables" testId="settings.values">
      <div className="flex max-w-[820px] flex-col gap-4 px-5 pb-8">
        {maySecrets && <Secrets />}
        <Variables />
      </div>
    </Page>
  );
}

function Secrets() {
  const client = useQueryClient();
  const refusal = useRefusal()('secrets:manage');
  const offline = useOffline();
  const secrets = useQuery({ queryKey: ['secrets'], queryFn: ({ signal }) => api.listSecrets({ signal }) });
  const [edited, setEdited] = useState<WorkspaceSecret | 'new' | null>(null);
  const [deleted, setDeleted] = useState<WorkspaceSecret | null>(null);
  const done = (message: string) => {
    toast.done(message);
    setEdited(null);
    setDeleted(null);
    void client.invalidateQueries({ queryKey: ['secrets'] });
  };
  const remove = async (secret: WorkspaceSecret) => {
    await api.deleteSecret({ params: { id: secret.id } });
    done(`${secret.name} is deleted`);
  };
  const add = (
    <Button size="sm" icon={Plus} refusal={offline ?? refusal} onClick={() => setEdited('new')}>
      Add secret
    </Button>
  );
  return (
    <Card label="Secrets">
      <SectionHead
        title="Secrets"
        hint={
          <>
            in playbooks as <span className="font-mono text-[11.5px]">secrets.name</span>; never shown again
          </>
        }
        end={add}
      />
      <Answer
        of={secrets}
        what="The secrets"
        waiting={<SkeletonLines />}
        isEmpty={({ data }) => data.length === 0}
        empty={<EmptyState icon={LockKeyhole} title="No secret yet" />}
      >
        {({ data }) => (
          <ul>
            {data.map((secret) => (
              <li key={secret.id} className="flex items-center gap-3 border-t border-line px-3.5 py-1.5">
                <span className="font-mono text-meta font-medium">{secret.name}</span>
                <span className="min-w-0 flex-1 truncate text-meta text-text-2">{secret.description}</span>
                <span className="text-meta text-text-3">
                  {secret.updatedBy.name} · <RelativeTime at={secret.updatedAt} />
                </span>
                <IconButton
                  size="sm"
                  icon={Pencil}
                  label={`Replace ${secret.name}`}
                  refusal={offline ?? refusal}
                  onClick={() => setEdited(secret)}
                />
                <IconButton
                  size="sm"
                  icon={Trash2}
                  label={`Delete ${secret.name}`}
                  refusal={offline ?? refusal}
                  onClick={() => setDeleted(secret)}
                />
              </li>
            ))}
          </ul>
        )}
      </Answer>
      {edited && (
        <SecretDialog
          secret={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={(name) => done(`${name} is stored`)}
        />
      )}
      <AlertDialog
        isOpen={deleted !== null}
        onClose={() => setDeleted(null)}
        title={`Delete ${deleted?.name ?? ''}?`}
        act="Delete secret"
        typeName={deleted?.name}
        onAct={() => deleted && remove(deleted)}
      >
        Playbooks that read it fail from now on.
      </AlertDialog>
    </Card>
  );
}

function SecretDialog({
  secret,
  onClose,
  onSaved,
}: {
  secret: WorkspaceSecret | null;
  onClose: () => void;
  onSaved: (name: string) => void;
}) {
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: secret ? CreateSecret.extend({ value: z.string().optional() }) : CreateSecret,
    defaults: { name: secret?.name ?? '', value: '', description: secret?.description ?? '' },
    submit: async (values) => {
      const { name, value, description } = values as { name: string; value?: string; description?: string | null };
      if (secret)
        await api.updateSecret({ params: { id: secret.id }, body: { value: value || undefined, description } });
      else await api.createSecret({ body: { name, value: value ?? '', description } });
      onSaved(name);
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={460}
      title={secret ? `Replace ${secret.name}` : 'Add secret'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Store secret
          </Button>
        </>
      }
    >
      <form noValidate autoComplete="off" onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        {!secret && (
          <Field label="Name" required error={errorOf('name')}>
            {(slot) => <Input {...slotProps(slot)} mono autoFocus {...form.register('name')} />}
          </Field>
        )}
        <Field
          label="Value"
          required={!secret}
          aside={secret ? 'leave empty to keep it' : undefined}
          error={errorOf('value')}
        >
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              mono
              rows={3}
              autoComplete="off"
              spellCheck={false}
              {...form.register('value')}
            />
          )}
        </Field>
        <Field label="Description" aside="optional" error={errorOf('description')}>
          {(slot) => <Input {...slotProps(slot)} {...form.register('description')} />}
        </Field>
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

const written = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
/** What was typed, as JSON where it is JSON, else as text. */
export function readValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function Variables() {
  const client = useQueryClient();
  const refusal = useRefusal()('settings:manage');
  const offline = useOffline();
  const variables = useQuery({
    queryKey: ['settings', 'variables'],
    queryFn: ({ signal }) => api.listVariables({ signal }),
  });
  const [edited, setEdited] = useState<Variable | 'new' | null>(null);
  const changed = (message: string, undo?: () => void) => {
    toast.done(message, { undo });
    void client.invalidateQueries({ queryKey: ['settings', 'variables'] });
  };
  const put = (name: string, value: Json, description: string | null) =>
    api.putVariable({ params: { name }, body: { value, description } });
  const remove = ({ name, value, description }: Variable) =>
    api
      .deleteVariable({ params: { name } })
      .then(
        () =>
          changed(
            `${name} is deleted`,
            () => void put(name, value, description).then(() => changed(`${name} is back`), toast.failure),
          ),
        toast.failure,
      );
  return (
    <Card label="Variables">
      <SectionHead
        title="Variables"
        hint={
          <>
            in playbooks as <span className="font-mono text-[11.5px]">vars.name</span>, as they are when a run starts
          </>
        }
        end={
          <Button size="sm" icon={Plus} refusal={offline ?? refusal} onClick={() => setEdited('new')}>
            Add variable
          </Button>
        }
      />
      <Answer
        of={variables}
        what="The variables"
        waiting={<SkeletonLines />}
        isEmpty={({ data }) => data.length === 0}
        empty={<EmptyState icon={Braces} title="No variable yet" />}
      >
        {({ data }) => (
          <ul>
            {data.map((variable) => (
              <li key={variable.name} className="flex items-center gap-3 border-t border-line px-3.5 py-1.5">
                <span className="font-mono text-meta font-medium">{variable.name}</span>
                <span
                  className="min-w-0 flex-1 truncate font-mono text-[11.5px] text-text-2"
                  title={variable.description ?? undefined}
                >
                  {written(variable.value)}
                </span>
                <span className="text-meta text-text-3">
                  {variable.updatedBy.name} · <RelativeTime at={variable.updatedAt} />
                </span>
                <IconButton
                  size="sm"
                  icon={Pencil}
                  label={`Change ${variable.name}`}
                  refusal={offline ?? refusal}
                  onClick={() => setEdited(variable)}
                />
                <IconButton
                  size="sm"
                  icon={Trash2}
                  label={`Delete ${variable.name}`}
                  refusal={offline ?? refusal}
                  onClick={() => void remove(variable)}
                />
              </li>
            ))}
          </ul>
        )}
      </Answer>
      {edited && (
        <VariableDialog
          variable={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
          onSave={async (name, text, description) => {
            await put(name, readValue(text), description);
            setEdited(null);
            changed(`${name} is set`);
          }}
        />
      )}
    </Card>
  );
}

function VariableDialog({
  variable,
  onClose,
  onSave,
}: {
  variable: Variable | null;
  onClose: () => void;
  onSave: (name: string, text: string, description: string | null) => Promise<void>;
}) {
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: z.object({ name: ValueName, value: z.string(), description: z.string().max(500).optional() }),
    defaults: {
      name: variable?.name ?? '',
      value: variable ? written(variable.value) : '',
      description: variable?.description ?? '',
    },
    submit: ({ name, value, description }) => onSave(name, value, description || null),
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={460}
      title={variable ? `Change ${variable.name}` : 'Add variable'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Set variable
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        {!variable && (
          <Field label="Name" required error={errorOf('name')}>
            {(slot) => <Input {...slotProps(slot)} mono autoFocus {...form.register('name')} />}
          </Field>
        )}
        <Field label="Value" hint="JSON where it is JSON (5, true, a list), else text." error={errorOf('value')}>
          {(slot) => <Textarea {...slotProps(slot)} mono rows={3} {...form.register('value')} />}
        </Field>
        <Field label="Description" aside="optional" error={errorOf('description')}>
          {(slot) => <Input {...slotProps(slot)} {...form.register('description')} />}
        </Field>
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
