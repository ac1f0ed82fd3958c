import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Controller } from 'react-hook-form';
import { NewServer, type Server } from '#contracts/servers/servers.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Combobox, WordsInput } from '../ui/combobox.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { useCredentials, useFoundServers } from './servers.ts';

interface ServerFormProps {
  /** Null adds a server. */
  server: Server | null;
  onClose: () => void;
  onSaved: (server: Server) => void;
}

/** Adds a server or changes one. */
export function ServerForm({ server, onClose, onSaved }: ServerFormProps) {
  const client = useQueryClient();
  const offline = useOffline();
  const refusal = useRefusal()('servers:manage');
  const credentials = useCredentials();
  const [sought, setSought] = useState('');
  const others = useFoundServers(sought);
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: NewServer,
    defaults: {
      name: server?.name ?? '',
      host: server?.host ?? '',
      port: server?.port ?? 22,
      description: server?.description ?? '',
      tags: server?.tags ?? [],
      credentialId: server?.credentialId ?? null,
      jumpServerId: server?.jumpServerId ?? null,
      hostKey: null,
    },
    submit: async (body) => {
      const { hostKey, ...rest } = body;
      const saved = server
        ? await api.updateServer({
            params: { id: server.id },
            body: hostKey ? body : rest,
            ifMatch: `"${server.version}"`,
          })
        : await api.createServer({ body: hostKey ? body : rest });
      toast.done(server ? `${saved.name} is saved` : `${saved.name} is added`);
      void client.invalidateQueries({ queryKey: ['servers'] });
      void client.invalidateQueries({ queryKey: ['server', saved.id] });
      onSaved(saved);
    },
  });
  const jumpOptions = [
    ...(server?.jumpServer ? [{ host: '', ...server.jumpServer }] : []),
    ...(others.data?.data ?? []),
  ]
    .filter(({ id }, place, all) => id !== server?.id && all.findIndex((other) => other.id === id) === place)
    .map(({ id, name, host }) => ({ value: id, label: name, hint: host }));
  return (
    <DrawerForm
      onClose={onClose}
      title={server ? `Edit ${server.name}` : 'Add server'}
      act={server ? 'Save server' : 'Add server'}
      busy={busy}
      refusal={offline ?? refusal}
      failure={failure}
      onSubmit={onSubmit}
    >
      <Field label="Name" required error={errorOf('name')} hint="Playbooks choose servers by name and tag.">
        {(slot) => <Input {...slotProps(slot)} autoFocus autoComplete="off" {...form.register('name')} />}
      </Field>
      <div className="grid grid-cols-[1fr_104px] gap-3">
        <Field label="Host" required error={errorOf('host')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              autoComplete="off"
              placeholder="10.20.1.11 or web-1.example.com"
              {...form.register('host')}
            />
          )}
        </Field>
        <Field label="Port" error={errorOf('port')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              type="number"
              min={1}
              max={65_535}
              {...form.register('port', { valueAsNumber: true })}
            />
          )}
        </Field>
      </div>
      <Field
        label="Credential"
        error={errorOf('credentialId')}
        hint={
          credentials.data?.data.length === 0
            ? 'There is none yet: add one under Credentials.'
            : 'Signs in to the server.'
        }
      >
        {(slot) => (
          <Controller
            control={form.control}
            name="credentialId"
            render={({ field }) => (
              <Select
                id={slot.id}
                invalid={slot.invalid}
                describedBy={slot.describedBy}
                value={field.value ?? ''}
                onValue={(value) => field.onChange(value || null)}
                options={[
                  { value: '', label: 'None yet' },
                  ...(credentials.data?.data ?? []).map(({ id, name, username }) => ({
                    value: id,
                    label: name,
                    hint: username,
                  })),
                ]}
              />
            )}
          />
        )}
      </Field>
      <Field label="Tags" aside="optional" error={errorOf('tags')} hint="Enter or comma adds one.">
        {(slot) => (
          <Controller
            control={form.control}
            name="tags"
            render={({ field }) => (
              <WordsInput
                id={slot.id}
                invalid={slot.invalid}
                describedBy={slot.describedBy}
                words={field.value ?? []}
                onWords={field.onChange}
                placeholder="web, eu"
              />
            )}
          />
        )}
      </Field>
      <Field label="Jump host" aside="optional" error={errorOf('jumpServerId')}>
        {(slot) => (
          <Controller
            control={form.control}
            name="jumpServerId"
            render={({ field }) => (
              <Combobox
                id={slot.id}
                value={field.value ?? ''}
                onValue={(value) => field.onChange(value || null)}
                onSearch={setSought}
                options={[{ value: '', label: 'None, connect directly' }, ...jumpOptions]}
                placeholder="None, connect directly"
              />
            )}
          />
        )}
      </Field>
      <Field
        label="Host key"
        aside="optional"
        error={errorOf('hostKey')}
        hint={
          server?.hostKey
            ? `Pinned: ${server.hostKey.fingerprint}. Fill in only to replace it.`
            : 'As ssh-keyscan prints it, or SHA256:…. Without one it is pinned at first contact, where the workspace allows.'
        }
      >
        {(slot) => (
          <Textarea
            {...slotProps(slot)}
            mono
            rows={2}
            {...form.register('hostKey', { setValueAs: (value: string | null) => value?.trim() || null })}
          />
        )}
      </Field>
      <Field label="Description" aside="optional" error={errorOf('description')}>
        {(slot) => <Textarea {...slotProps(slot)} rows={2} {...form.register('description')} />}
      </Field>
    </DrawerForm>
  );
}
