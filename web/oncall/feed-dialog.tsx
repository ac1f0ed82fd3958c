import { useState } from 'react';
import type { ShownOnCallSchedule } from '#contracts/oncall/oncall.ts';
import { api } from '../kit/api.ts';
import { type ApiFailure, asFailure } from '../kit/failure.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Copy } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FormFailure } from '../ui/form.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

/** The address at which calendars follow a schedule: shown when it is made, and never again. */
export function FeedDialog({
  schedule,
  onClose,
  onChanged,
}: {
  schedule: ShownOnCallSchedule;
  onClose: () => void;
  onChanged: () => void;
}) {
  const [url, setUrl] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
      onChanged();
    } catch (error) {
      setFailure(asFailure(error));
    }
    setBusy(false);
  };
  const params = { id: schedule.id };
  const make = () => attempt(async () => setUrl((await api.makeDutyFeed({ params })).url));
  const stop = () =>
    attempt(async () => {
      await api.removeDutyFeed({ params });
      onClose();
    });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Calendar of ${schedule.name}`}
      description="An iCalendar address that calendars look at by themselves. Whoever has it can read it."
      foot={
        <>
          {schedule.feed && (
            <span className="mr-auto">
              <Button look="danger" busy={busy} onClick={() => void stop()}>
                Stop the feed
              </Button>
            </span>
          )}
          <Button onClick={onClose}>Close</Button>
          {!url && (
            <Button look="primary" busy={busy} onClick={() => void make()}>
              {schedule.feed ? 'Make another address' : 'Make the address'}
            </Button>
          )}
        </>
      }
    >
      {url ? (
        <div className="flex flex-col gap-2">
          <p className="font-mono text-meta break-all">
            <Copy text={url} what="the address">
              {url}
            </Copy>
          </p>
          <Note tone="wait">It is shown this once. A former address has stopped.</Note>
        </div>
      ) : (
        schedule.feed && (
          <p className="text-text-2">
            There is an address ending in <span className="font-mono">{schedule.feed.hint}</span>, made{' '}
            <RelativeTime at={schedule.feed.createdAt} />. Another one stops it.
          </p>
        )
      )}
      <FormFailure failure={failure} />
    </Dialog>
  );
}
