import { useQueryClient } from '@tanstack/react-query';
import { Ellipsis, KeyRound, Pencil, Search, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { type LogSourceAddress, senderNames, type ShownLogSource } from '#contracts/logs/logs.ts';
import { api } from '../kit/api.ts';
import { bytesText, countText } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, SectionHead, Tag } from '../ui/card.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';
import { AddressDialog } from './address-dialog.tsx';
import { type Change, type LogsView, useLogSources } from './logs.ts';
import { SourceForm } from './source-form.tsx';

/** Who sends logs: what came, which addresses live, and how to send. */
export function Sources({
  view,
  onView,
  refusal,
  add,
}: {
  view: LogsView;
  onView: Change;
  refusal: string | null;
  add: ReactNode;
}) {
  const client = useQueryClient();
  const sources = useLogSources();
  const [shown, setShown] = useState<{ source: ShownLogSource; address: LogSourceAddress } | null>(null);
  const [gone, setGone] = useState<ShownLogSource | null>(null);
  const refresh = () => void client.invalidateQueries({ queryKey: ['log-sources'] });
  const edited = sources.data?.data.find(({ id }) => id === view.edit) ?? null;
  const another = async (source: ShownLogSource) => {
    try {
      const { address } = await api.addLogSourceToken({ params: { id: source.id } });
      setShown({ source, address });
      refresh();
    } catch (error) {
      toast.failure(error);
    }
  };
  return (
    <>
      <Answer
        of={sources}
        what="The log sources"
        isEmpty={({ data }) => data.length === 0}
        empty={
          <EmptyState icon={KeyRound} title="No log source yet" action={add}>
            A source has an address to which your shipper sends, in the form it already speaks.
          </EmptyState>
        }
      >
        {({ data }) => (
          <div className="grid gap-4 px-5 py-4 lg:grid-cols-2 max-sm:px-4">
            {data.map((source) => (
              <Card key={source.id} label={source.name}>
                <SectionHead
                  title={source.name}
                  hint={senderNames[source.sender]}
                  end={
                    <>
                      {!source.enabled && <Tag tone="wait">switched off</Tag>}
                      <Menu
                        label={`Acts on ${source.name}`}
                        trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}
                      >
                        <MenuItem icon={Search} onSelect={() => onView({ show: 'lines', q: '', source: source.id })}>
                          Show its lines
                        </MenuItem>
                        <MenuItem icon={KeyRound} refusal={refusal} onSelect={() => void another(source)}>
                          New address
                        </MenuItem>
                        <MenuItem icon={Pencil} refusal={refusal} onSelect={() => onView({ edit: source.id })}>
                          Edit
                        </MenuItem>
                        <MenuItem icon={Trash2} danger refusal={refusal} onSelect={() => setGone(source)}>
                          Delete log source
                        </MenuItem>
                      </Menu>
                    </>
                  }
                />
                <div className="border-t border-line px-3.5 py-2.5">
                  {source.description && <p className="mb-2 text-meta text-text-2">{source.description}</p>}
                  <KeyValue
                    pairs={[
                      [
                        'Last line',
                        source.figures.lastAt ? <RelativeTime key="at" at={source.figures.lastAt} /> : 'none yet',
                      ],
                      [
                        'Since yesterday',
                        `${countText(source.figures.events)} lines, ${bytesText(source.figures.bytes)}`,
                      ],
                      ['Not written', notWritten(source.figures)],
                    ]}
                  />
                  <ul className="mt-2 flex flex-col gap-1 text-meta" aria-label={`Addresses of ${source.name}`}>
                    {source.tokens.map((token) => (
                      <li key={token.id} className="flex items-center gap-2">
                        <span className="font-mono text-[11.5px]">…{token.hint}</span>
                        <span className="text-text-3">
                          made <RelativeTime at={token.createdAt} />
                        </span>
                        <span className="ml-auto">
                          <Button
                            size="sm"
                            look="ghost"
                            refusal={refusal}
                            aria-label={`End the address ending in ${token.hint}`}
                            onClick={() =>
                              void api
                                .removeLogSourceToken({ params: { id: source.id, tokenId: token.id } })
                                .then(refresh, (error: unknown) => toast.failure(error))
                            }
                          >
                            End it
                          </Button>
                        </span>
                      </li>
                    ))}
                  </ul>
                </div>
              </Card>
            ))}
          </div>
        )}
      </Answer>
      {(view.edit === 'new' || edited) && (
        <SourceForm
          key={view.edit}
          source={edited}
          onClose={() => onView({ edit: '' })}
          onSaved={(source, address) => {
            refresh();
            onView({ edit: '' }, 'replace');
            if (address) setShown({ source, address });
            else toast.done(`${source.name} is saved`);
          }}
        />
      )}
      {shown && (
        <AddressDialog
          name={shown.source.name}
          sender={shown.source.sender}
          address={shown.address}
          onClose={() => setShown(null)}
        />
      )}
      <AlertDialog
        isOpen={gone !== null}
        onClose={() => setGone(null)}
        title={`Delete ${gone?.name ?? ''}?`}
        act="Delete log source"
        onAct={async () => {
          if (!gone) return;
          await api.deleteLogSource({ params: { id: gone.id } });
          toast.done(`${gone.name} is deleted`);
          setGone(null);
          refresh();
        }}
      >
        Its addresses end at once. What it sent stays until its time is over.
      </AlertDialog>
    </>
  );
}

const notWritten = ({ duplicates, rejected, lost }: ShownLogSource['figures']): string => {
  const parts = [
    ...(duplicates > 0 ? [`${countText(duplicates)} sent again`] : []),
    ...(rejected > 0 ? [`${countText(rejected)} no events`] : []),
    ...(lost > 0 ? [`${countText(lost)} lost`] : []),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
};
