import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Bell, Plus, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import { channelKinds, ChannelName, type Channel, type ChannelKind } from '#contracts/notifications/channels.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, Note, SectionHead, Tag } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { AlertDialog, Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { toast } from '../ui/toast.tsx';

const kindWords: Readonly<Record<ChannelKind, string>> = { email: 'Mail', webhook: 'Webhook', slack: 'Slack' };
const deliveryStatus = { sending: 'running', delivered: 'succeeded', failed: 'failed' } as const;

/** Where notifications can go, and what became of the last ones. */
export function ChannelsPage() {
  const client = useQueryClient();
  const refusal = useRefusal()('notifications:manage');
  const offline = useOffline();
  const manage = offline ?? refusal;
  const channels = useQuery({ queryKey: ['channels'], queryFn: ({ signal }) => api.listChannels({ signal }) });
  const deliveries = useQuery({
    queryKey: ['channels', 'deliveries'],
    queryFn: ({ signal }) => api.listDeliveries({ query: { limit: 30 }, signal }),
  });
  const [isAdding, setAdding] = useState(false);
  const [deleted, setDeleted] = useState<Channel | null>(null);
  const [made, setMade] = useState<Channel | null>(null);
  const [busy, setBusy] = useState('');
  useKeys([{ keys: 'c', label: 'Add channel', run: () => manage === null && setAdding(true) }]);
  const refresh = () => void client.invalidateQueries({ queryKey: ['channels'] });
  const test = async (channel: Channel) => {
    setBusy(channel.id);
    try {
      const { deliveries: sent } = await api.testChannel({ params: { id: channel.id } });
      const failed = sent.find(({ status }) => status === 'failed');
      if (failed) toast.error(`${failed.target}: ${failed.error?.message ?? 'not delivered'}`);
      else toast.done(`The test message to ${channel.name} is on its way`);
      refresh();
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  const remove = async (channel: Channel) => {
    setBusy(channel.id);
    try {
      await api.deleteChannel({ params: { id: channel.id } });
      toast.done(`${channel.name} is deleted`);
      setDeleted(null);
      refresh();
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setAdding(true)}>
      Add channel
    </Button>
  );
  return (
    <Page title="Notifications" testId="settings.channels" action={add}>
      <div className="flex max-w-[820px] flex-col gap-4 px-5 pb-8 max-sm:px-4">
        {channels.data?.mailIsReady === false && (
          <Note tone="wait">Mail is not set up on this installation (SMTP_URL), so nothing can be mailed.</Note>
        )}
        <Card label="Channels">
          <SectionHead title="Channels" hint="playbooks write to them by name" />
          <Answer
            of={channels}
            what="The channels"
            waiting={<SkeletonLines />}
            isEmpty={({ data }) => data.length === 0}
            empty={
              <EmptyState icon={Bell} title="No channel yet" action={add}>
                Mail addresses, a Slack channel, or a webhook of yours.
              </EmptyState>
            }
          >
            {({ data }) => (
              <ul>
                {data.map((channel) => (
                  <li key={channel.id} className="flex items-center gap-3 border-t border-line px-3.5 py-1.5">
                    <span className="font-medium">{channel.name}</span>
                    <Tag>{kindWords[channel.kind]}</Tag>
                    <span className="min-w-0 flex-1 truncate text-meta text-text-2">
                      {channel.kind === 'email' ? channel.recipients.join(', ') : channel.url}
                    </span>
                    {channel.lastDelivery && (
                      <span className="flex items-center gap-1.5 text-meta text-text-3">
                        <StatusGlyph
                          status={deliveryStatus[channel.lastDelivery.status]}
                          word={channel.lastDelivery.error?.message ?? channel.lastDelivery.status}
                        />
                        <RelativeTime at={channel.lastDelivery.createdAt} />
                      </span>
                    )}
                    <Button
                      size="sm"
                      icon={Send}
                      busy={busy === channel.id}
                      refusal={manage}
                      onClick={() => void test(channel)}
                    >
                      Test
                    </Button>
                    <IconButton
                      size="sm"
                      icon={Trash2}
                      label={`Delete ${channel.name}`}
                      refusal={manage}
                      onClick={() => setDeleted(channel)}
                    />
                  </li>
                ))}
              </ul>
            )}
          </Answer>
        </Card>
        <Card label="Messages sent">
          <SectionHead title="Messages sent" />
          <Answer
            of={deliveries}
            what="The messages"
            waiting={<SkeletonLines />}
            isEmpty={({ data }) => data.length === 0}
            empty={<p className="border-t border-line px-3.5 py-3 text-text-2">No message was sent yet.</p>}
          >
            {({ data }) => (
              <ul>
                {data.map((delivery) => (
                  <li key={delivery.id} className="flex items-center gap-2.5 border-t border-line px-3.5 py-1.5">
                    <StatusGlyph status={deliveryStatus[delivery.status]} word={delivery.status} />
                    <span className="min-w-0 flex-1 truncate">{delivery.subject}</span>
                    <span className="truncate text-meta text-text-2">
                      {delivery.channel} · {delivery.target}
                    </span>
                    {delivery.error && (
                      <span className="truncate text-meta text-fail-fg" title={delivery.error.message}>
                        {delivery.error.code}
                      </span>
                    )}
                    <RelativeTime at={delivery.createdAt} className="text-meta text-text-3" />
                  </li>
                ))}
              </ul>
            )}
          </Answer>
        </Card>
      </div>
      {isAdding && (
        <ChannelDialog
          onClose={() => setAdding(false)}
          onMade={(channel) => {
            setAdding(false);
            refresh();
            if (channel.secret) setMade(channel);
            else toast.done(`${channel.name} is added`);
          }}
        />
      )}
      <Dialog
        isOpen={made !== null}
        onClose={() => setMade(null)}
        title={`${made?.name ?? ''} is added`}
        description="This secret signs each message. It is shown this once."
        foot={
          <Button look="primary" onClick={() => setMade(null)}>
            Done
          </Button>
        }
      >
        <CodeBlock what="secret">{made?.secret ?? ''}</CodeBlock>
      </Dialog>
      <AlertDialog
        isOpen={deleted !== null}
        onClose={() => setDeleted(null)}
        title={`Delete ${deleted?.name ?? ''}?`}
        act="Delete channel"
        busy={busy === deleted?.id}
        onAct={() => deleted && remove(deleted)}
      >
        Playbooks that write to it fail at that step.
      </AlertDialog>
    </Page>
  );
}

function ChannelDialog({ onClose, onMade }: { onClose: () => void; onMade: (channel: Channel) => void }) {
  const [kind, setKind] = useState<ChannelKind>('email');
  const [recipients, setRecipients] = useState<string[]>([]);
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: z.object({ name: ChannelName, description: z.string().max(500), url: z.string().max(2_000).optional() }),
    defaults: { name: '', description: '', url: '' },
    submit: async ({ name, description, url = '' }) =>
      onMade(
        await api.createChannel({
          body: kind === 'email' ? { kind, name, description, recipients } : { kind, name, description, url },
        }),
      ),
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={480}
      title="Add channel"
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Add channel
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        <div>
          <Segmented
            label="Kind"
            value={kind}
            onValue={setKind}
            options={channelKinds.map((value) => ({ value, label: kindWords[value] }))}
          />
        </div>
        <Field label="Name" required hint="What playbooks write after to: #ops" error={errorOf('name')}>
          {(slot) => <Input {...slotProps(slot)} autoFocus {...form.register('name')} />}
        </Field>
        {kind === 'email' ? (
          <Field
            label="Mail addresses"
            required
            error={failure?.faults.find(({ path }) => path.includes('recipients'))?.message}
          >
            {(slot) => <WordsInput id={slot.id} words={recipients} onWords={setRecipients} />}
          </Field>
        ) : (
          <Field
            label={kind === 'slack' ? 'Incoming webhook address' : 'Address'}
            required
            hint={kind === 'slack' ? 'It is a secret, and not shown again.' : undefined}
            error={errorOf('url')}
          >
            {(slot) => <Input {...slotProps(slot)} mono type="url" {...form.register('url')} />}
          </Field>
        )}
        <Field label="Description" aside="optional" error={errorOf('description')}>
          {(slot) => <Input {...slotProps(slot)} {...form.register('description')} />}
        </Field>
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
