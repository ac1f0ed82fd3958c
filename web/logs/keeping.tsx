import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { LogKeeping } from '#contracts/logs/logs.ts';
import { api } from '../kit/api.ts';
import { type ApiFailure, asFailure } from '../kit/failure.ts';
import { bytesText, countText } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Meter } from '../ui/meter.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';
import { useLogKeeping } from './logs.ts';

const gigabyte = 1_000_000_000;

/** How long lines are kept, what they take, and what was let go. */
export function Keeping({ refusal }: { refusal: string | null }) {
  const keeping = useLogKeeping();
  return (
    <Answer of={keeping} what="How long lines are kept">
      {(data) => (
        <div className="grid gap-4 px-5 py-4 lg:grid-cols-2 max-sm:px-4">
          <KeepingForm key={`${data.keepDays} ${data.quotaBytes}`} keeping={data} refusal={refusal} />
          <Card label="What is kept">
            <SectionHead title="What is kept" hint={`${countText(data.events)} lines, ${bytesText(data.usedBytes)}`} />
            <div className="border-t border-line px-3.5 py-2.5">
              {data.quotaBytes !== null && (
                <Meter
                  className="mb-3"
                  label="Share of the quota that is used"
                  value={data.usedBytes}
                  max={data.quotaBytes}
                  family={data.usedBytes > data.quotaBytes * 0.9 ? 'wait' : 'idle'}
                />
              )}
              {data.days.length === 0 ? <p className="text-meta text-text-2">Nothing yet.</p> : <Days keeping={data} />}
            </div>
          </Card>
          <Card label="What was let go">
            <SectionHead title="What was let go" />
            <div className="border-t border-line px-3.5 py-2.5 text-meta">
              {data.trims.length === 0 ? (
                <p className="text-text-2">Nothing yet. Once an hour what is over its time goes.</p>
              ) : (
                <ul className="flex flex-col gap-1">
                  {data.trims.map((trim) => (
                    <li key={trim.at} className="flex flex-wrap gap-x-3">
                      <RelativeTime at={trim.at} className="w-28 text-text-3" />
                      <span>{`all before ${trim.beforeDay}: ${countText(trim.events)} lines, ${bytesText(trim.bytes)}`}</span>
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </Card>
        </div>
      )}
    </Answer>
  );
}

function Days({ keeping }: { keeping: LogKeeping }) {
  const most = Math.max(1, ...keeping.days.map(({ bytes }) => bytes));
  return (
    <ul className="flex flex-col gap-1.5 text-meta" aria-label="Kept by day">
      {keeping.days.map(({ day, events, bytes }) => (
        <li key={day} className="grid grid-cols-[84px_1fr_auto] items-center gap-3">
          <span className="num text-text-2">{day}</span>
          <Meter value={bytes} max={most} label={`${day}: ${bytesText(bytes)}`} />
          <span className="num text-right text-text-3">{`${countText(events)} · ${bytesText(bytes)}`}</span>
        </li>
      ))}
    </ul>
  );
}

function KeepingForm({ keeping, refusal }: { keeping: LogKeeping; refusal: string | null }) {
  const client = useQueryClient();
  const [days, setDays] = useState(String(keeping.keepDays));
  const [quota, setQuota] = useState(keeping.quotaBytes === null ? '' : String(keeping.quotaBytes / gigabyte));
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const keepDays = Number(days);
  const quotaBytes = quota.trim() === '' ? null : Math.round(Number(quota) * gigabyte);
  const isSound = Number.isInteger(keepDays) && keepDays >= 1 && (quotaBytes === null || quotaBytes >= 1_048_576);
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      client.setQueryData(['log-keeping'], await api.changeLogKeeping({ body: { keepDays, quotaBytes } }));
      toast.done('Saved. What is over its time goes within the hour');
    } catch (error) {
      setFailure(asFailure(error));
    }
    setBusy(false);
  };
  return (
    <Card label="How long">
      <SectionHead title="How long" />
      <form
        className="flex flex-col gap-4 border-t border-line p-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (isSound) void save();
        }}
      >
        <Field label="Days" hint="By the UTC day of the line, today among them.">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              inputMode="numeric"
              value={days}
              onChange={(event) => setDays(event.target.value)}
            />
          )}
        </Field>
        <Field label="At most, in GB" hint="Above it the oldest days go first; today never does. Empty: no bound.">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              inputMode="decimal"
              value={quota}
              onChange={(event) => setQuota(event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={failure} />
        <span>
          <Button look="primary" type="submit" busy={busy} disabled={!isSound} refusal={refusal}>
            Save
          </Button>
        </span>
      </form>
    </Card>
  );
}
