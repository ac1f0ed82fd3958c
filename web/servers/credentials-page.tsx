import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Pencil, Plus, SearchX } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import { type Credential } from '#contracts/servers/credentials.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { Dialog, Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SearchInput } from '../ui/input.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';
import { CredentialDetail, CredentialMenu, kindWords } from './credential-detail.tsx';
import { CredentialForm } from './credential-form.tsx';

const View = z.object({
  q: z.string().default(''),
  sort: z.enum(['name', '-name']).default('name'),
  sel: z.string().default(''),
  edit: z.string().default(''),
});

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
        {open && <CredentialDetail credential={open} />}
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
