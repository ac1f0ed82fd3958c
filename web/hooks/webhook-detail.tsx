import { useQuery } from '@tanstack/react-query';
import { Plus, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Webhook, WebhookAddress, WebhookCall } from '#contracts/hooks/webhooks.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go, useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { bytesText } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { SectionHead, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';

interface WebhookDetailProps {
  webhook: Webhook;
  onAddress: (address: WebhookAddress) => void;
  onChanged: () => void;
}

/** One webhook: its addresses, how it reads a call, and the last calls with replay. */
export function WebhookDetail({ webhook, onAddress, onChanged }: WebhookDetailProps) {
  const refusal = useRefusal();
  const offline = useOffline();
  const manage = offline ?? refusal('hooks:manage');
  const params = { id: webhook.id };
  const addToken = () =>
    api.addWebhookToken({ params }).then(({ address }) => {
      onAddress(address);
      onChanged();
    }, toast.failure);
  const removeToken = (tokenId: string) =>
    api.removeWebhookToken({ params: { id: webhook.id, tokenId } }).then(() => {
      toast.done('The address has ended');
      onChanged();
    }, toast.failure);
  return (
    <div className="flex flex-col gap-4 p-5">
      <KeyValue
        pairs={[
          [
            'State',
            webhook.enabled ? (
              <Tag key="s" tone="ok">
                on
              </Tag>
            ) : (
              <Tag key="s">off</Tag>
            ),
          ],
          [
            'Starts',
            <Go
              key="t"
              to={`/playbooks/${webhook.target.id}`}
              className="text-accent hover:underline"
            >{`${webhook.target.name ?? 'deleted playbook'}${webhook.target.version ? ` v${webhook.target.version}` : ', the newest version'}`}</Go>,
          ],
          ['Signature', webhook.signature ? `HMAC-SHA256 in ${webhook.signature.header}` : 'none'],
          [
            'Deduplication',
            webhook.dedup
              ? `${webhook.dedup.header ?? webhook.dedup.expression ?? ''}, within ${webhook.dedup.window}`
              : 'none',
          ],
          ['Answers', webhook.wait ? `with the result, if it is there within ${webhook.wait}` : 'at once'],
          ['Limits', `${bytesText(webhook.sizeLimit)}, ${webhook.rateLimit} calls a minute`],
        ]}
      />
      {Object.keys(webhook.inputs).length > 0 && <KeyValue mono pairs={Object.entries(webhook.inputs)} />}
      <section>
        <SectionHead
          title="Addresses"
          count={webhook.tokens.length}
          className="px-0!"
          end={
            <Button size="sm" icon={Plus} refusal={manage} onClick={() => void addToken()}>
              New address
            </Button>
          }
        />
        <ul>
          {webhook.tokens.map((token) => (
            <li key={token.id} className="flex items-center gap-3 border-t border-line py-1.5">
              <span className="font-mono text-[11.5px]">…{token.hint}</span>
              <span className="min-w-0 flex-1 text-meta text-text-2">
                made <RelativeTime at={token.createdAt} />,{' '}
                {token.lastUsedAt ? (
                  <>
                    used <RelativeTime at={token.lastUsedAt} />
                  </>
                ) : (
                  'never used'
                )}
              </span>
              <IconButton
                size="sm"
                icon={Trash2}
                label="End this address"
                refusal={manage}
                onClick={() => void removeToken(token.id)}
              />
            </li>
          ))}
        </ul>
      </section>
      <Calls webhook={webhook} />
    </div>
  );
}

function Calls({ webhook }: { webhook: Webhook }) {
  const calls = useQuery({
    queryKey: ['hooks', webhook.id, 'calls'],
    queryFn: ({ signal }) => api.listWebhookCalls({ params: { id: webhook.id }, query: { limit: 30 }, signal }),
    refetchInterval: 10_000,
  });
  const [open, setOpen] = useState('');
  return (
    <section>
      <SectionHead title="Last calls" className="px-0!" />
      <Answer
        of={calls}
        what="The calls"
        waiting={<SkeletonLines />}
        isEmpty={({ data }) => data.length === 0}
        empty={<p className="text-meta text-text-3">Nothing has called yet.</p>}
      >
        {({ data }) => (
          <ul>
            {data.map((call) => (
              <Call
                key={call.id}
                webhook={webhook}
                call={call}
                isOpen={open === call.id}
                onToggle={() => setOpen(open === call.id ? '' : call.id)}
              />
            ))}
          </ul>
        )}
      </Answer>
    </section>
  );
}

function Call({
  webhook,
  call,
  isOpen,
  onToggle,
}: {
  webhook: Webhook;
  call: WebhookCall;
  isOpen: boolean;
  onToggle: () => void;
}) {
  const refusal = useRefusal();
  const offline = useOffline();
  const go = useGo();
  const detail = useQuery({
    queryKey: ['hooks', webhook.id, 'call', call.id],
    queryFn: ({ signal }) => api.getWebhookCall({ params: { id: webhook.id, callId: call.id }, signal }),
    enabled: isOpen && refusal('hooks:manage') === null,
  });
  const replay = () =>
    api
      .replayWebhookCall({ params: { id: webhook.id, callId: call.id } })
      .then(({ runId }) => go(`/runs/${runId}`), toast.failure);
  return (
    <li className="border-t border-line py-1.5">
      <div className="flex items-center gap-2.5">
        <Tag mono tone={call.status < 300 ? 'ok' : 'fail'}>
          {call.status}
        </Tag>
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={onToggle}
          className="min-w-0 flex-1 truncate text-left hover:underline"
          title={call.message ?? undefined}
        >
          {call.outcome}
          {call.message ? ` · ${call.message}` : ''}
        </button>
        {call.runId && (
          <Go to={`/runs/${call.runId}`} className="text-meta text-accent hover:underline">
            run
          </Go>
        )}
        <RelativeTime at={call.at} className="text-meta text-text-3" />
      </div>
      {isOpen && (
        <div className="mt-2 flex flex-col gap-2">
          <p className="text-meta text-text-2">
            from <span className="font-mono text-[11.5px]">{call.address}</span> · {bytesText(call.bytes)}
            {call.dedupKey ? ` · key ${call.dedupKey}` : ''}
          </p>
          {detail.data && <KeyValue mono pairs={Object.entries(detail.data.headers)} />}
          {detail.data?.body && (
            <CodeBlock what="body" wrap>
              {detail.data.body}
            </CodeBlock>
          )}
          <Button
            size="sm"
            icon={RotateCw}
            className="self-start"
            refusal={offline ?? refusal('hooks:manage') ?? (call.isReplayable ? null : 'Its body was not kept.')}
            onClick={() => void replay()}
          >
            Replay
          </Button>
        </div>
      )}
    </li>
  );
}
