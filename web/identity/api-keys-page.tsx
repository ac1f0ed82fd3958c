import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Controller } from 'react-hook-form';
import { z } from 'zod';
import { CreateApiKey, type ApiKey } from '#contracts/identity/workspaces.ts';
import type { Permission } from '#contracts/identity/permissions.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useMembership, useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Note, Tag } from '../ui/card.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { AlertDialog, Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';

const View = z.object({ edit: z.string().default(''), sort: z.string().default('name') });
const columns: ReadonlyArray<DataColumn<ApiKey>> = [
  {
    id: 'name',
    head: 'Key',
    width: 220,
    grow: true,
    sortValue: ({ name }) => name,
    cell: ({ name, prefix }) => (
      <span>
        <span className="font-medium">{name}</span>{' '}
        <span className="ml-1.5 font-mono text-[11px] text-text-3">{prefix}…</span>
      </span>
    ),
  },
  {
    id: 'permissions',
    head: 'May',
    width: 240,
    hideBelow: 'md',
    cell: ({ permissions }) => (
      <span className="flex gap-1 overflow-hidden" title={permissions.join(', ')}>
        {permissions.slice(0, 2).map((permission) => (
          <Tag key={permission} mono>
            {permission}
          </Tag>
        ))}
        {permissions.length > 2 && <span className="text-meta text-text-3">+{permissions.length - 2}</span>}
      </span>
    ),
  },
  {
    id: 'createdBy',
    head: 'Made by',
    width: 150,
    hideBelow: 'lg',
    cell: ({ createdBy }) => <Person name={createdBy.name} kind={createdBy.kind} />,
  },
  {
    id: 'lastUsedAt',
    head: 'Last used',
    width: 130,
    sortValue: ({ lastUsedAt }) => lastUsedAt ?? '',
    cell: ({ lastUsedAt, lastUsedAddress }) =>
      lastUsedAt ? (
        <span title={lastUsedAddress ?? undefined}>
          <RelativeTime at={lastUsedAt} />
        </span>
      ) : (
        <span className="text-text-3">never</span>
      ),
  },
  {
    id: 'expiresAt',
    head: 'Expires',
    width: 110,
    sortValue: ({ expiresAt }) => expiresAt ?? '9',
    cell: ({ expiresAt }) =>
      expiresAt ? <RelativeTime at={expiresAt} /> : <span className="text-wait-fg">never</span>,
  },
];

/** Keys for machines: each with its permissions and its end; shown once. */
export function ApiKeysPage() {
  const [view, setView] = useUrlState(View);
  const client = useQueryClient();
  const refusal = useRefusal()('keys:manage');
  const offline = useOffline();
  const keys = useQuery({ queryKey: ['keys'], queryFn: ({ signal }) => api.listApiKeys({ signal }) });
  const [made, setMade] = useState<{ name: string; key: string } | null>(null);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  const revoke = async (key: ApiKey) => {
    await api.revokeApiKey({ params: { id: key.id } });
    toast.done(`${key.name} is revoked`);
    setRevoked(null);
    await client.invalidateQueries({ queryKey: ['keys'] });
  };
  const create = (
    <Button look="primary" icon={Plus} refusal={offline ?? refusal} onClick={() => setView({ edit: 'new' })}>
      Create key
    </Button>
  );
  return (
    <Page
      title="API keys"
      panes
      testId="settings.api-keys"
      action={create}
      hint={
        <span className="text-meta">
          sent as <span className="font-mono">Authorization: Bearer wl_…</span>
        </span>
      }
    >
      <Answer
        of={keys}
        what="The keys"
        isEmpty={({ data }) => data.length === 0}
        empty={
          <EmptyState icon={KeyRound} title="No key yet" action={create}>
            For scripts, pipelines and tools that call the API.
          </EmptyState>
        }
      >
        {({ data }) => (
          <DataTable<ApiKey>
            label="API keys"
            rows={data}
            columns={columns}
            rowId={({ id }) => id}
            nameOf={({ name }) => name}
            sort={view.sort}
            onSort={(sort) => setView({ sort })}
            rowMenu={(key) => (
              <IconButton
                size="sm"
                icon={Trash2}
                label={`Revoke ${key.name}`}
                refusal={offline ?? refusal}
                onClick={() => setRevoked(key)}
              />
            )}
          />
        )}
      </Answer>
      {view.edit === 'new' && (
        <KeyForm
          refusal={offline ?? refusal}
          onClose={() => setView({ edit: '' }, 'replace')}
          onMade={(name, key) => {
            setView({ edit: '' }, 'replace');
            setMade({ name, key });
            void client.invalidateQueries({ queryKey: ['keys'] });
          }}
        />
      )}
      <Dialog
        isOpen={made !== null}
        onClose={() => setMade(null)}
        title={`${made?.name ?? ''} is made`}
        description="Copy it now: it is stored as a hash and never shown again."
        foot={
          <Button look="primary" onClick={() => setMade(null)}>
            I have copied it
          </Button>
        }
      >
        <CodeBlock what="key" wrap>
          {made?.key ?? ''}
        </CodeBlock>
      </Dialog>
      <AlertDialog
        isOpen={revoked !== null}
        onClose={() => setRevoked(null)}
        title={`Revoke ${revoked?.name ?? ''}?`}
        act="Revoke key"
        onAct={() => revoked && revoke(revoked)}
      >
        What uses it is refused at once. A revoked key cannot be brought back.
      </AlertDialog>
    </Page>
  );
}

const days = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'Never' },
];

function KeyForm({
  refusal,
  onClose,
  onMade,
}: {
  refusal: string | null;
  onClose: () => void;
  onMade: (name: string, key: string) => void;
}) {
  const membership = useMembership();
  const own = membership?.permissions ?? [];
  const [expiry, setExpiry] = useState('90');
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: CreateApiKey,
    defaults: { name: '', permissions: [] },
    submit: async ({ name, permissions }) => {
      const expiresAt = expiry ? new Date(Date.now() + Number(expiry) * 86_400_000).toISOString() : undefined;
      const made = await api.createApiKey({ body: { name, permissions, expiresAt } });
      onMade(made.name, made.key);
    },
  });
  const byRoom = Map.groupBy(own, (permission) => permission.split(':')[0] ?? '');
  return (
    <DrawerForm
      onClose={onClose}
      title="Create key"
      act="Create key"
      busy={busy}
      refusal={refusal}
      failure={failure}
      onSubmit={onSubmit}
    >
      <Field label="Name" required hint="What will use it." error={errorOf('name')}>
        {(slot) => <Input {...slotProps(slot)} autoFocus autoComplete="off" {...form.register('name')} />}
      </Field>
      <Field label="Ends after">
        {(slot) => <Select id={slot.id} value={expiry} onValue={setExpiry} options={days} />}
      </Field>
      {expiry === '' && <Note tone="wait">A key that never ends stays good until somebody revokes it.</Note>}
      <Controller
        control={form.control}
        name="permissions"
        render={({ field }) => {
          const chosen = field.value as Permission[];
          const set = (permission: Permission, on: boolean) =>
            field.onChange(on ? [...chosen, permission] : chosen.filter((other) => other !== permission));
          return (
            <fieldset>
              <legend className="mb-2 flex w-full items-baseline gap-3 text-meta font-medium">
                Permissions <span className="font-normal text-text-3">at most your own</span>
                <button
                  type="button"
                  className="ml-auto font-normal text-accent hover:underline"
                  onClick={() => field.onChange(chosen.length === own.length ? [] : own)}
                >
                  {chosen.length === own.length ? 'None' : 'All of mine'}
                </button>
              </legend>
              <div className="grid grid-cols-2 gap-x-4 gap-y-3 max-sm:grid-cols-1">
                {[...byRoom].map(([room, permissions]) => (
                  <div key={room} className="flex flex-col gap-1">
                    {permissions.map((permission) => (
                      <Checkbox
                        key={permission}
                        checked={chosen.includes(permission)}
                        onChecked={(on) => set(permission, on)}
                        label={<span className="font-mono text-[11.5px]">{permission}</span>}
                      />
                    ))}
                  </div>
                ))}
              </div>
              {errorOf('permissions') && (
                <p role="alert" className="mt-1 text-meta text-fail-fg">
                  Choose at least one.
                </p>
              )}
            </fieldset>
          );
        }}
      />
    </DrawerForm>
  );
}
