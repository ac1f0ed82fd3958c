import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, KeyRound, Pencil, Plus, SearchX, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Controller } from 'react-hook-form';
import { z } from 'zod';
import { credentialKinds, generatedKeyTypes, NewCredential, type Credential } from '#contracts/servers/credentials.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { AlertDialog, Dialog, Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, SearchInput, Textarea } from '../ui/input.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';

const View = z.object({
  q: z.string().default(''),
  sort: z.enum(['name', '-name']).default('name'),
  sel: z.string().default(''),
  edit: z.string().default(''),
});
const kindWords = { ssh_key: 'SSH key', password: 'Password' } as const;

const columns: ReadonlyArray<DataColumn<Credential>> = [
  {
    id: 'name',
    head: 'Credential',
    width: 220,
    grow: true,
    serverSort: true,
    cell: ({ name }) => <span className="font-medium">{name}</span>,
  },
  {
    id: 'kind',
    head: 'Kind',
    width: 130,
    cell: ({ kind, keyType }) => (kind === 'ssh_key' ? (keyType ?? kindWords.ssh_key) : kindWords.password),
    hideBelow: 'sm',
  },
  {
    id: 'username',
    head: 'User',
    width: 130,
    cell: ({ username }) => <span className="font-mono text-[11.5px]">{username}</span>,
  },
  {
    id: 'fingerprint',
    head: 'Fingerprint',
    width: 250,
    hideBelow: 'lg',
    cell: ({ fingerprint }) => <span className="font-mono text-[11px] text-text-3">{fingerprint ?? '–'}</span>,
  },
  { id: 'usedBy', head: 'Servers', width: 88, align: 'right', cell: ({ usedBy }) => usedBy },
  {
    id: 'rotatedAt',
    head: 'Rotated',
    width: 112,
    hideBelow: 'md',
    cell: ({ rotatedAt }) => <RelativeTime at={rotatedAt} className="text-text-2" />,
  },
];

/** What signs in to servers. Secrets go in and never come out. */
export function CredentialsPage() {
  const [view, setView] = useUrlState(View);
  const refusal = useRefusal();
  const offline = useOffline();
  const client = useQueryClient();
  const credentials = useQuery({
    queryKey: ['credentials', 'list', view.q, view.sort],
    queryFn: ({ signal }) =>
      api.listCredentials({ query: { q: view.q || undefined, sort: view.sort, limit: 200 }, signal }),
    placeholderData: (before) => before,
  });
  const rows = credentials.data?.data ?? [];
  const manage = offline ?? refusal('credentials:manage');
  const [made, setMade] = useState<Credential | null>(null);
  useKeys([{ keys: 'c', label: 'Add credential', run: () => manage === null && setView({ edit: 'new' }) }]);
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
      Add credential
    </Button>
  );
  const edited = rows.find(({ id }) => id === view.edit) ?? null;
  const open = rows.find(({ id }) => id === view.sel);
  return (
    <Page
      title="Credentials"
      panes
      testId="credentials.page"
      action={add}
      head={
        <FilterBar>
          <SearchInput
            className="w-[240px] max-sm:w-full"
            label="Search credentials"
            placeholder="Name, user or fingerprint"
            value={view.q}
            onValue={(q) => setView({ q }, 'replace')}
          />
        </FilterBar>
      }
    >
      <Answer
        of={credentials}
        what="The credentials"
        isEmpty={({ data }) => data.length === 0}
        empty={
          view.q ? (
            <EmptyState
              icon={SearchX}
              title="No credential matches"
              action={<Button onClick={() => setView({ q: '' })}>Clear the search</Button>}
            />
          ) : (
            <EmptyState icon={KeyRound} title="Add your first credential" action={add}>
              A key or a password that signs in to your servers. It is stored encrypted and never shown again.
            </EmptyState>
          )
        }
      >
        {() => (
          <DataTable<Credential>
            label="Credentials"
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            versionOf={({ version, usedBy }) => `${version}|${usedBy}`}
            nameOf={({ name }) => name}
            sort={view.sort}
            onSort={(sort) => setView({ sort: sort === '-name' ? '-name' : 'name' })}
            onOpen={({ id }) => setView({ sel: id })}
            active={view.sel}
            rowMenu={(credential) => (
              <CredentialMenu credential={credential} onEdit={() => setView({ edit: credential.id })} />
            )}
          />
        )}
      </Answer>
      {view.edit !== '' && (view.edit === 'new' || edited) && (
        <CredentialForm
          key={view.edit}
          credential={edited}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={(credential, wasGenerated) => {
            void client.invalidateQueries({ queryKey: ['credentials'] });
            setView({ edit: '' }, 'replace');
            if (wasGenerated) setMade(credential);
            else toast.done(`${credential.name} is saved`);
          }}
        />
      )}
      <Drawer
        isOpen={open !== undefined}
        onClose={() => setView({ sel: '' })}
        title={open?.name ?? ''}
        description={open ? kindWords[open.kind] : undefined}
        foot={
          open && (
            <Button icon={Pencil} refusal={manage} onClick={() => setView({ sel: '', edit: open.id })}>
              Edit or rotate
            </Button>
          )
        }
      >
        {open && <Detail credential={open} />}
      </Drawer>
      <Dialog
        isOpen={made !== null}
        onClose={() => setMade(null)}
        title={`${made?.name ?? ''} is made`}
        description="Put this line into ~/.ssh/authorized_keys of the user on your servers. The private half stays here, sealed."
        foot={
          <Button look="primary" onClick={() => setMade(null)}>
            Done
          </Button>
        }
      >
        <CodeBlock what="public key" wrap>
          {made?.publicKey ?? ''}
        </CodeBlock>
      </Dialog>
    </Page>
  );
}

function Detail({ credential }: { credential: Credential }) {
  const go = useGo();
  return (
    <div className="flex flex-col gap-4 p-5">
      <KeyValue
        pairs={[
          ['User', credential.username],
          ['Kind', credential.keyType ?? kindWords[credential.kind]],
          [
            'Fingerprint',
            <span key="f" className="font-mono text-[11px] break-all">
              {credential.fingerprint ?? '–'}
            </span>,
          ],
          ['Passphrase', credential.hasPassphrase ? 'kept' : 'none'],
          ['Sudo password', credential.hasSudoPassword ? 'kept' : 'none'],
          [
            'Used by',
            <button
              key="u"
              type="button"
              className="text-accent hover:underline"
              onClick={() => go('/servers')}
            >{`${credential.usedBy} ${credential.usedBy === 1 ? 'server' : 'servers'}`}</button>,
          ],
          ['Last used', credential.lastUsedAt ? <RelativeTime key="l" at={credential.lastUsedAt} /> : 'never'],
          ['Rotated', <RelativeTime key="r" at={credential.rotatedAt} />],
          ...(credential.description ? [['Description', credential.description] as const] : []),
        ]}
      />
      {credential.publicKey && (
        <CodeBlock what="public key" wrap>
          {credential.publicKey}
        </CodeBlock>
      )}
    </div>
  );
}

function CredentialMenu({ credential, onEdit }: { credential: Credential; onEdit: () => void }) {
  const refusal = useRefusal();
  const offline = useOffline();
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const manage = offline ?? refusal('credentials:manage');
  const remove = async () => {
    setBusy(true);
    try {
      await api.deleteCredential({ params: { id: credential.id } });
      toast.done(`${credential.name} is deleted`);
      void client.invalidateQueries({ queryKey: ['credentials'] });
      setAsking(false);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Menu label={`Acts on ${credential.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
        <MenuItem icon={Pencil} refusal={manage} onSelect={onEdit}>
          Edit or rotate
        </MenuItem>
        <MenuItem
          icon={Trash2}
          danger
          refusal={manage ?? (credential.usedBy > 0 ? `${credential.usedBy} servers use it.` : null)}
          onSelect={() => setAsking(true)}
        >
          Delete credential
        </MenuItem>
      </Menu>
      <AlertDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete ${credential.name}?`}
        act="Delete credential"
        busy={busy}
        onAct={remove}
        typeName={credential.name}
      >
        The secret is destroyed. No server uses it.
      </AlertDialog>
    </>
  );
}

type KeySource = 'paste' | 'generate';

function CredentialForm({
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
  const kind = form.watch('kind');
  const blank = { setValueAs: (value: string | undefined) => value || undefined };
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={credential ? `Edit ${credential.name}` : 'Add credential'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            {credential ? 'Save credential' : 'Add credential'}
          </Button>
        </>
      }
    >
      <form
        noValidate
        autoComplete="off"
        onSubmit={(event) => void onSubmit(event)}
        className="flex flex-col gap-4 p-5"
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
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Drawer>
  );
}
