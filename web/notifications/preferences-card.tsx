import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import { weekdays } from '#contracts/incidents/business-calendar.ts';
import type { MyNotifications } from '#contracts/notifications/my-notifications.ts';
import type { NotificationPreferences, PreferenceStep } from '#contracts/notifications/plan-pages.ts';
import { api } from '../kit/api.ts';
import { type ApiFailure, asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Checkbox, SwitchRow } from '../ui/choice.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { useFreshNotifications } from './use-my-notifications.ts';

const dayWords: Readonly<Record<(typeof weekdays)[number], string>> = {
  mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun',
}; // prettier-ignore
const accountMail = '';

/** In what order and how soon one is told, and when one would rather not be. */
export function PreferencesCard({ mine }: { mine: MyNotifications }) {
  const offline = useOffline();
  const fresh = useFreshNotifications();
  const [wishes, setWishes] = useState<NotificationPreferences>(mine.preferences);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const { steps, quietHours, timeZone } = wishes;
  const change = (part: Partial<NotificationPreferences>) => setWishes({ ...wishes, ...part });
  const changeStep = (at: number, part: Partial<PreferenceStep>) =>
    change({ steps: steps.map((step, index) => (index === at ? { ...step, ...part } : step)) });
  const ways = [
    { value: accountMail, label: 'Mail of your account' },
    ...mine.contacts.filter(({ verifiedAt }) => verifiedAt !== null).map(({ id, label }) => ({ value: id, label })),
  ];
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const saved = await api.setMyNotificationPreferences({ body: wishes });
      toast.done('Your wishes are saved');
      fresh(saved);
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  const isChanged = JSON.stringify(wishes) !== JSON.stringify(mine.preferences);
  return (
    <Card label="Order and times">
      <SectionHead title="Order and times" hint="Later steps are left out once somebody has answered" />
      <ol>
        {steps.map((step, at) => (
          <li key={at} className="flex flex-wrap items-end gap-x-3 gap-y-2 border-t border-line px-3.5 py-3">
            <Field label={`Step ${at + 1}`} className="w-[200px] max-sm:w-full">
              {(slot) => (
                <Select
                  id={slot.id}
                  className="w-full"
                  value={step.contactId ?? accountMail}
                  onValue={(value) => changeStep(at, { contactId: value === accountMail ? null : value })}
                  options={ways}
                />
              )}
            </Field>
            <Field label="After" className="w-20">
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  mono
                  placeholder="5m"
                  value={step.after}
                  onChange={(event) => changeStep(at, { after: event.target.value })}
                />
              )}
            </Field>
            <fieldset className="flex min-h-[30px] flex-wrap items-center gap-3">
              <legend className="sr-only">Severities of step {at + 1}; none chosen: all</legend>
              {incidentSeverities.map((severity) => (
                <Checkbox
                  key={severity}
                  label={severity.toUpperCase()}
                  checked={step.severities.length === 0 || step.severities.includes(severity)}
                  onChecked={(on) => changeStep(at, { severities: withSeverity(step.severities, severity, on) })}
                />
              ))}
            </fieldset>
            <IconButton
              size="sm"
              icon={Trash2}
              className="ml-auto"
              label={`Remove step ${at + 1}`}
              onClick={() => change({ steps: steps.filter((_, index) => index !== at) })}
            />
          </li>
        ))}
        <li className="flex flex-wrap items-center gap-3 border-t border-line px-3.5 py-2.5">
          <Button
            size="sm"
            icon={Plus}
            disabled={steps.length >= 10}
            onClick={() =>
              change({ steps: [...steps, { contactId: null, after: steps.length > 0 ? '5m' : '0s', severities: [] }] })
            }
          >
            Add a step
          </Button>
          {steps.length === 0 && <span className="text-meta text-text-3">Without any, you are mailed at once.</span>}
        </li>
      </ol>
      <div className="flex flex-col gap-3 border-t border-line px-3.5 py-3">
        <SwitchRow
          label="Quiet hours"
          hint="What is not urgent waits for their end and comes as one message. Pages come through."
          checked={quietHours !== null}
          onChecked={(on) => change({ quietHours: on ? { days: [...weekdays], from: '22:00', to: '07:00' } : null })}
        />
        {quietHours && (
          <div className="flex flex-wrap items-end gap-x-3 gap-y-2">
            <Field label="From" className="w-32">
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  type="time"
                  value={quietHours.from}
                  onChange={(event) => change({ quietHours: { ...quietHours, from: event.target.value } })}
                />
              )}
            </Field>
            <Field label="To" className="w-32">
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  type="time"
                  value={quietHours.to}
                  onChange={(event) => change({ quietHours: { ...quietHours, to: event.target.value } })}
                />
              )}
            </Field>
            <Field label="Time zone" className="min-w-[200px] flex-1">
              {(slot) => (
                <Combobox
                  id={slot.id}
                  value={timeZone}
                  onValue={(zone) => change({ timeZone: zone })}
                  options={['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => ({
                    value: zone,
                    label: zone.replaceAll('_', ' '),
                  }))}
                />
              )}
            </Field>
            <fieldset className="flex w-full flex-wrap gap-3">
              <legend className="sr-only">Days on which quiet hours begin</legend>
              {weekdays.map((day) => (
                <Checkbox
                  key={day}
                  label={dayWords[day]}
                  checked={quietHours.days.includes(day)}
                  onChecked={(on) =>
                    change({
                      quietHours: {
                        ...quietHours,
                        days: weekdays.filter((one) => (one === day ? on : quietHours.days.includes(one))),
                      },
                    })
                  }
                />
              ))}
            </fieldset>
          </div>
        )}
      </div>
      <div className="flex flex-col gap-3 border-t border-line px-3.5 py-3">
        <FormFailure failure={failure} />
        <Button
          look="primary"
          className="self-start"
          busy={busy}
          refusal={offline}
          disabled={!isChanged}
          onClick={() => void save()}
        >
          Save
        </Button>
      </div>
    </Card>
  );
}

/** All ticked is the same as none named: a step for whatever comes. The last one cannot be taken away. */
function withSeverity(
  before: PreferenceStep['severities'],
  severity: (typeof incidentSeverities)[number],
  on: boolean,
) {
  const ticked = before.length === 0 ? [...incidentSeverities] : before;
  const next = incidentSeverities.filter((one) => (one === severity ? on : ticked.includes(one)));
  return next.length === 0 ? before : next.length === incidentSeverities.length ? [] : next;
}
