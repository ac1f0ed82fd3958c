import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Bell, Plus, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Channel } from '#contracts/notifications/channels.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, Note, SectionHead, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { AlertDialog, Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { toast } from '../ui/toast.tsx';
import { ChannelDialog } from './channel-dialog.tsx';
import { breakerWords, deliveryStatus, kindWords } from './channel-words.ts';
import { DeliveryLog } from './delivery-log.tsx';

/** Where notifications can go, and what became of the last ones. */
export function ChannelsPage() {
  const client = useQueryClient();
  const refusal = useRefusal()('notifications:manage');
  const offline = useOffline();
  const manage = offline ?? refusal;
  const channels = useQuery({ queryKey: ['channels'], queryFn: ({ signal }) => api.listChannels({ signal }) });
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
        {breakerWords(channels.data?.mailBreaker ?? null) && (
          <Note tone="wait">
            The mail server is {breakerWords(channels.data?.mailBreaker ?? null)}
            {channels.data?.mailBreaker?.lastError && `: ${channels.data.mailBreaker.lastError}`}. People are told by
            their next way meanwhile; letters go out once it takes them again.
          </Note>
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
                    <span
                      className="min-w-0 flex-1 truncate text-meta text-text-2"
                      title={channel.answersUrl ? `Answers come to ${channel.answersUrl}` : undefined}
                    >
                      {channel.kind === 'email'
                        ? channel.recipients.join(', ')
                        : [channel.url, ...channel.recipients].join(', ')}
                    </span>
                    {breakerWords(channel.breaker) && <Tag tone="wait">{breakerWords(channel.breaker)}</Tag>}
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
        <DeliveryLog />
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
