import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShownIncident } from '#contracts/incidents/incidents.ts';
import { SeverityTag } from '../alerts/alert-columns.tsx';
import { statusWords } from '../alerts/alerts.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useSending } from '../kit/use-sending.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { counted } from './incident-words.ts';

interface SplitDialogProps {
  incident: ShownIncident;
  onClose: () => void;
  onSplit: (incident: ShownIncident) => void;
}

/** So many alerts are offered; the newest come first. */
const mostOffered = 200;

/** Takes alerts that are about something else out into an incident of their own. */
export function SplitDialog({ incident, onClose, onSplit }: SplitDialogProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [title, setTitle] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const { busy, failure, send } = useSending();
  const offline = useOffline();
  // The same key for the same dialog: sent twice it is split once.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const alerts = useQuery({
    queryKey: ['alerts', 'of-incident', incident.id, 'all'],
    queryFn: ({ signal }) => api.listAlerts({ query: { incident: incident.id, limit: mostOffered }, signal }),
  });
  const rows = alerts.data?.data ?? [];
  // Until somebody writes one, it is called as the first alert that goes.
  const name = title ?? rows.find(({ id }) => chosen.has(id))?.title ?? '';
  const isWhole = chosen.size > 0 && name.trim() !== '';
  const split = async () => {
    if (!isWhole || busy) return;
    await send(async () => {
      onSplit(
        await api.splitIncident({
          params: { id: incident.id },
          idempotencyKey,
          body: {
            alertIds: [...chosen],
            title: name.trim().slice(0, 300),
            ...(reason.trim() && { reason: reason.trim() }),
          },
        }),
      );
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={540}
      title={`Split ${incident.key}`}
      description="The alerts you choose go into an incident of their own, of the same severity, service and owner. Both stories say so."
      foot={
        <>
          <Button onClick={onClose}>Keep it whole</Button>
          <Button look="primary" busy={busy} disabled={!isWhole} refusal={offline} onClick={() => void split()}>
            {chosen.size === 0 ? 'Split off alerts' : `Split off ${counted(chosen.size, 'alert')}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <fieldset>
          <legend className="mb-1 font-medium">Alerts that go</legend>
          <Answer
            of={alerts}
            what="The alerts"
            waiting={<SkeletonLines />}
            isEmpty={({ data }) => data.length === 0}
            empty={<p className="text-text-3">It has no alerts.</p>}
          >
            {({ data }) => (
              <ul className="max-h-64 overflow-y-auto rounded-md border border-line">
                {data.map(({ id, title: called, severity, status, lastSeenAt }) => (
                  <li
                    key={id}
                    className="flex min-h-9 min-w-0 items-center gap-2 border-b border-line px-2.5 last:border-b-0 max-sm:min-h-11"
                  >
                    <label className="flex min-w-0 flex-1 items-center gap-2 py-1.5">
                      <input
                        type="checkbox"
                        className="tick flex-none"
                        checked={chosen.has(id)}
                        onChange={({ target: { checked } }) =>
                          setChosen((old) => new Set(checked ? [...old, id] : [...old].filter((one) => one !== id)))
                        }
                      />
                      <bdi className="truncate" title={called}>
                        {called}
                      </bdi>
                    </label>
                    {status === 'resolved' ? <Tag>{statusWords.resolved}</Tag> : <SeverityTag severity={severity} />}
                    <RelativeTime at={lastSeenAt} className="flex-none text-meta text-text-3" />
                  </li>
                ))}
              </ul>
            )}
          </Answer>
          {rows.length > 0 && incident.alertsTotal > rows.length && (
            <p className="num mt-1 text-meta text-text-3">{`The last ${rows.length} of ${incident.alertsTotal}.`}</p>
          )}
          {rows.length > 0 && chosen.size === incident.alertsTotal && (
            <p className="mt-1 text-meta text-text-2">{`None stays with ${incident.key}.`}</p>
          )}
        </fieldset>
        <Field label="Title of the new incident" required>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={name}
              maxLength={300}
              autoComplete="off"
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <Field label="Why" aside="optional">
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              rows={2}
              maxLength={2_000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={failure} />
      </div>
    </Dialog>
  );
}
