import { useState } from 'react';
import { Controller } from 'react-hook-form';
import { credentialKinds, generatedKeyTypes, NewCredential, type Credential } from '#contracts/servers/credentials.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Note } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { kindWords } from './credential-detail.tsx';

type KeySource = 'paste' | 'generate';

/** Adds a credential or rotates one: a key made here, a pasted one, or a password. */
export function CredentialForm({
  credential,
  onClose,
  onSaved,
}: {
  credential: Credential | null;
  onClose: () => void;
  onSaved: (credential: Credential, wasGenerated: boolean) => void;
}) {
  const [source, setSource] = useState<KeySource>(credential ? 'paste' : 'generate');
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: NewCredential,
    defaults: {
      name: credential?.name ?? '',
      kind: credential?.kind ?? 'ssh_key',
      username: credential?.username ?? '',
      description: credential?.description ?? '',
      generate: 'ed25519' as const,
    },
    submit: async (values) => {
      const isKey = values.kind === 'ssh_key';
      const secrets = {
        privateKey: isKey && source === 'paste' ? values.privateKey || undefined : undefined,
        passphrase: isKey && source === 'paste' ? values.passphrase || undefined : undefined,
        generate: isKey && source === 'generate' ? values.generate : undefined,
        password: isKey ? undefined : values.password || undefined,
        sudoPassword: values.sudoPassword || undefined,
      };
      const { name, username, description } = values;
      const saved = credential
        ? await api.updateCredential({
            params: { id: credential.id },
            body: { name, username, description, ...secrets },
            ifMatch: `"${credential.version}"`,
          })
        : await api.createCredential({ body: { name, kind: values.kind, username, description, ...secrets } });
      onSaved(saved, secrets.generate !== undefined);
    },
  });
  const offline = useOffline();
  const refusal = useRefusal()('credentials:manage');
  const kind = form.watch('kind');
  const blank = { setValueAs: (value: string | undefined) => value || undefined };
  return (
    <DrawerForm
      onClose={onClose}
      title={credential ? `Edit ${credential.name}` : 'Add credential'}
      act={credential ? 'Save credential' : 'Add credential'}
      busy={busy}
      refusal={offline ?? refusal}
      failure={failure}
      autoComplete="off"
      onSubmit={onSubmit}
    >
      <Field label="Name" required error={errorOf('name')}>
        {(slot) => <Input {...slotProps(slot)} autoFocus {...form.register('name')} />}
      </Field>
      <Field label="User on the servers" required error={errorOf('username')}>
        {(slot) => (
          <Input {...slotProps(slot)} mono autoComplete="off" placeholder="deploy" {...form.register('username')} />
        )}
      </Field>
      {!credential && (
        <Field label="Kind">
          <Controller
            control={form.control}
            name="kind"
            render={({ field }) => (
              <div>
                <Segmented
                  label="Kind"
                  value={field.value}
                  onValue={field.onChange}
                  options={credentialKinds.map((value) => ({ value, label: kindWords[value] }))}
                />
              </div>
            )}
          />
        </Field>
      )}
      {kind === 'ssh_key' ? (
        <>
          <Field
            label={credential ? 'New key' : 'Key'}
            aside={credential ? 'leave empty to keep the old one' : undefined}
          >
            <div>
              <Segmented
                label="Where the key comes from"
                value={source}
                onValue={setSource}
                options={[
                  { value: 'generate', label: 'Make one here' },
                  { value: 'paste', label: 'Paste a private key' },
                ]}
              />
            </div>
          </Field>
          {source === 'generate' ? (
            <Field
              label="Type"
              error={errorOf('generate')}
              hint="Only the public half is shown; it goes into authorized_keys."
            >
              <Controller
                control={form.control}
                name="generate"
                render={({ field }) => (
                  <div>
                    <Segmented
                      label="Type"
                      value={field.value ?? 'ed25519'}
                      onValue={field.onChange}
                      options={generatedKeyTypes.map((value) => ({
                        value,
                        label: value === 'ed25519' ? 'ed25519' : value.toUpperCase(),
                      }))}
                    />
                  </div>
                )}
              />
            </Field>
          ) : (
            <>
              <Field label="Private key" error={errorOf('privateKey')} hint="OpenSSH, PEM or PuTTY.">
                {(slot) => (
                  <Textarea
                    {...slotProps(slot)}
                    mono
                    rows={6}
                    spellCheck={false}
                    autoComplete="off"
                    {...form.register('privateKey', blank)}
                  />
                )}
              </Field>
              <Field label="Passphrase" aside="if it has one" error={errorOf('passphrase')}>
                {(slot) => (
                  <Input
                    {...slotProps(slot)}
                    type="password"
                    autoComplete="new-password"
                    {...form.register('passphrase', blank)}
                  />
                )}
              </Field>
            </>
          )}
        </>
      ) : (
        <Field
          label={credential ? 'New password' : 'Password'}
          required={!credential}
          aside={credential ? 'leave empty to keep the old one' : undefined}
          error={errorOf('password')}
        >
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="password"
              autoComplete="new-password"
              {...form.register('password', blank)}
            />
          )}
        </Field>
      )}
      <Field
        label="Sudo password"
        aside="optional"
        error={errorOf('sudoPassword')}
        hint="For steps with sudo, where it asks."
      >
        {(slot) => (
          <Input
            {...slotProps(slot)}
            type="password"
            autoComplete="new-password"
            {...form.register('sudoPassword', blank)}
          />
        )}
      </Field>
      <Field label="Description" aside="optional" error={errorOf('description')}>
        {(slot) => <Input {...slotProps(slot)} {...form.register('description')} />}
      </Field>
      <Note>Stored encrypted. It is never shown again, in no log, event or error.</Note>
    </DrawerForm>
  );
}
