import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Pencil, Plus, Trash2, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import type { Webhook, WebhookAddress } from '#contracts/hooks/webhooks.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { AlertDialog, Dialog, Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';
import { WebhookDetail } from './webhook-detail.tsx';
import { WebhookForm } from './webhook-form.tsx';

const View = z.object({ sel: z.string().default(''), edit: z.string().default('') });
const columns: ReadonlyArray<DataColumn<Webhook>> = [
  {
    id: 'name',
    head: 'Webhook',
    width: 240,
    grow: true,
    cell: ({ name, enabled, target }) => (
      <span className="block min-w-0 leading-[17px]">
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{name}</span>
          {!enabled && <Tag>off</Tag>}
        </span>
        <span className="block truncate text-meta text-text-3 sm:hidden">{target.name ?? 'deleted playbook'}</span>
      </span>
    ),
  },
  {
    id: 'target',
    head: 'Starts',
    width: 220,
    hideBelow: 'sm',
    cell: ({ target }) => (
      <Go to={`/playbooks/${target.id}`} className="hover:underline">
        {target.name ?? 'deleted playbook'}
      </Go>
    ),
  },
  {
    id: 'signed',
    head: 'Signature',
    width: 110,
    hideBelow: 'md',
    cell: ({ signature }) => (signature ? 'HMAC' : <span className="text-text-3">none</span>),
  },
  {
    id: 'wait',
    head: 'Answers',
    width: 130,
    hideBelow: 'lg',
    cell: ({ wait }) => (wait ? `within ${wait}` : 'at once'),
  },
  {
    id: 'last',
    head: 'Last call',
    width: 112,
    cell: ({ lastCallAt }) =>
      lastCallAt ? <RelativeTime at={lastCallAt} /> : <span className="text-text-3">never</span>,
  },
];

/** Addresses that start playbooks when something calls them. */
export function WebhooksPage() {
  const [view, setView] = useUrlState(View);
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const webhooks = useQuery({
    queryKey: ['hooks'],
    queryFn: ({ signal }) => api.listWebhooks({ query: { limit: 200 }, signal }),
  });
  const [address, setAddress] = useState<WebhookAddress | null>(null);
  const [deleted, setDeleted] = useState<Webhook | null>(null);
  const rows = webhooks.data?.data ?? [];
  const manage = offline ?? refusal('hooks:manage');
  const open = rows.find(({ id }) => id === view.sel);
  const edited = rows.find(({ id }) => id === view.edit) ?? null;
  const refresh = () => void client.invalidateQueries({ queryKey: ['hooks'] });
  useKeys([{ keys: 'c', label: 'New webhook', run: () => manage === null && setView({ edit: 'new' }) }]);
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
      New webhook
    </Button>
  );
  const remove = async (webhook: Webhook) => {
    await api.deleteWebhook({ params: { id: webhook.id } });
    toast.done(`${webhook.name} is deleted`);
    setDeleted(null);
    setView({ sel: '' }, 'replace');
    refresh();
  };
  return (
    <Page title="Webhooks" panes testId="webhooks.page" action={add}>
      <Answer
        of={webhooks}
        what="The webhooks"
        isEmpty={() => rows.length === 0}
        empty={
          <EmptyState icon={WebhookIcon} title="Nothing calls us yet" action={add}>
            An address for your pipeline, your shop or your monitoring: a call to it starts a playbook.
          </EmptyState>
        }
      >
        {() => (
          <DataTable<Webhook>
            label="Webhooks"
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            nameOf={({ name }) => name}
            active={view.sel}
            onOpen={({ id }) => setView({ sel: id })}
            rowMenu={(webhook) => (
              <Menu label={`Acts on ${webhook.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
                <MenuItem icon={Pencil} refusal={manage} onSelect={() => setView({ edit: webhook.id })}>
                  Edit
                </MenuItem>
                <MenuItem icon={Trash2} danger refusal={manage} onSelect={() => setDeleted(webhook)}>
                  Delete webhook
                </MenuItem>
              </Menu>
            )}
          />
        )}
      </Answer>
      <Drawer
        isOpen={open !== undefined}
        onClose={() => setView({ sel: '' })}
        title={open?.name ?? ''}
        width={520}
        foot={
          open && (
            <Button icon={Pencil} refusal={manage} onClick={() => setView({ sel: '', edit: open.id })}>
              Edit
            </Button>
          )
        }
      >
        {open && <WebhookDetail webhook={open} onAddress={setAddress} onChanged={refresh} />}
      </Drawer>
      {view.edit !== '' && (view.edit === 'new' || edited) && (
        <WebhookForm
          key={view.edit}
          webhook={edited}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={(webhook, made) => {
            refresh();
            // The address first, alone: it is shown this once, and a panel would open in front of it.
            setView({ edit: '', sel: made ? '' : webhook.id }, 'replace');
            if (made) setAddress(made);
            else toast.done(`${webhook.name} is saved`);
          }}
        />
      )}
      <Dialog
        isOpen={address !== null}
        onClose={() => setAddress(null)}
        title="The address is made"
        description="Copy it now: its token is stored as a hash and never shown again."
        foot={
          <Button look="primary" onClick={() => setAddress(null)}>
            I have copied it
          </Button>
        }
      >
        <div className="flex flex-col gap-3">
          <CodeBlock what="address" wrap>
            {address?.url ?? ''}
          </CodeBlock>
          <CodeBlock
            what="command"
            wrap
          >{`curl -X POST -H 'Content-Type: application/json' -d '{}' ${address?.url ?? ''}`}</CodeBlock>
        </div>
      </Dialog>
      <AlertDialog
        isOpen={deleted !== null}
        onClose={() => setDeleted(null)}
        title={`Delete ${deleted?.name ?? ''}?`}
        act="Delete webhook"
        onAct={() => deleted && remove(deleted)}
      >
        Its addresses answer 404 at once. Runs that it started stay.
      </AlertDialog>
    </Page>
  );
}
