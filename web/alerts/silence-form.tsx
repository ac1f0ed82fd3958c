import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ListedAlert } from '#contracts/alerts/alerts.ts';
import type { ShownSilence } from '#contracts/alerts/silence-routes.ts';
import type { LabelMatcher, Silence } from '#contracts/alerts/silences.ts';
import { api } from '../kit/api.ts';
import { useSending } from '../kit/use-sending.ts';
import { instantOfField, localField } from '../oncall/duty-zone.ts';
import { targetFault } from '../playbooks/target-fault.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';

interface SilenceFormProps {
  silence: ShownSilence | null;
  /** What a new one begins with. */
  draft?: Pick<Silence, 'name' | 'matchers'>;
  refusal?: string | null;
  onClose: () => void;
  onSaved: (silence: ShownSilence) => void;
}

const telling = [
  'alertname',
  'instance',
  'host',
  'service',
  'job',
  'cluster',
  'namespace',
  'monitor',
  'type',
  'source',
];

/** A silence of an alert like this: by the labels that name it, else by all it has. */
export function silenceOf({ title, labels }: ListedAlert): Pick<Silence, 'name' | 'matchers'> {
  const entries = Object.entries(labels);
  const named = telling.flatMap((label) => entries.filter(([name]) => name === label));
  const chosen = (named.length > 0 ? named : entries).slice(0, 20);
  return {
    name: `Silence of ${title}`.slice(0, 120),
    matchers: chosen.map(([label, value]) => ({ label, op: '=', value })),
  };
}

/** Makes a silence or changes one: which alerts, when, and what becomes of them meanwhile. */
export function SilenceForm({ silence, draft: given, refusal = null, onClose, onSaved }: SilenceFormProps) {
  const zone = useZone();
  const [now] = useState(() => Math.floor(Date.now() / 60_000) * 60_000);
  const once = silence?.time.kind === 'once' ? silence.time : null;
  const again = silence?.time.kind === 'recurring' ? silence.time : null;
  const [draft, setDraft] = useState({
    name: silence?.name ?? given?.name ?? '',
    reason: silence?.reason ?? '',
    mode: silence?.mode ?? ('suppress' as Silence['mode']),
    kind: silence?.time.kind ?? ('once' as Silence['time']['kind']),
    from: localField(once ? Date.parse(once.from) : now, zone),
    to: localField(once ? Date.parse(once.to) : now + 7_200_000, zone),
    cron: again?.cron ?? '0 22 * * 6',
    timeZone: again?.timeZone ?? zone,
    lasts: again?.lasts ?? '2h',
  });
  const [matchers, setMatchers] = useState<LabelMatcher[]>(
    silence?.matchers ?? given?.matchers ?? [{ label: '', op: '=', value: '' }],
  );
  const { busy, failure, send } = useSending();
  const set = (changes: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...changes }));
  const setMatcher = (at: number, changes: Partial<LabelMatcher>) =>
    setMatchers((old) => old.map((matcher, index) => (index === at ? { ...matcher, ...changes } : matcher)));
  const faultOf = (name: string) => targetFault(failure, name);
  const [from, to] = [instantOfField(draft.from, zone), instantOfField(draft.to, zone)];
  const hasWindow = draft.kind === 'recurring' || (from !== undefined && to !== undefined && from < to);
  const isWhole =
    draft.name.trim() !== '' && hasWindow && matchers.length > 0 && matchers.every(({ label }) => label.trim() !== '');
  const save = async () => {
    if (!isWhole) return;
    const body: Silence = {
      name: draft.name,
      reason: draft.reason,
      mode: draft.mode,
      matchers,
      time:
        draft.kind === 'once'
          ? { kind: 'once', from: new Date(from ?? 0).toISOString(), to: new Date(to ?? 0).toISOString() }
          : { kind: 'recurring', cron: draft.cron, timeZone: draft.timeZone, lasts: draft.lasts },
    };
    await send(async () => {
      onSaved(
        silence
          ? await api.changeSilence({ params: { id: silence.id }, body, ifMatch: `"${silence.version}"` })
          : await api.createSilence({ body }),
      );
    });
  };
  const text = (name: 'from' | 'to' | 'cron' | 'timeZone' | 'lasts', label: string, hint?: string) => (
    <Field label={label} {...(hint && { hint })} error={faultOf(name)}>
      {(slot) => (
        <Input
          {...slotProps(slot)}
          {...((name === 'from' || name === 'to') && { type: 'datetime-local' })}
          value={draft[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <DrawerForm
      onClose={onClose}
      width={540}
      title={silence ? `Edit ${silence.name}` : 'New silence'}
      act={silence ? 'Save silence' : 'Make silence'}
      busy={busy}
      refusal={refusal}
      disabled={!isWhole}
      failure={failure}
      onSubmit={save}
    >
      <Field label="Name" required error={faultOf('name')}>
        {(slot) => (
          <Input
            {...slotProps(slot)}
            autoFocus
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 font-medium">Alerts whose labels meet all of these</legend>
        {matchers.map(({ label, op, value }, index) => (
          <div key={index} className="flex items-center gap-2">
            <Input
              mono
              aria-label={`Label ${index + 1}`}
              placeholder="alertname"
              value={label}
              onChange={(event) => setMatcher(index, { label: event.target.value })}
            />
            <span className="w-20 flex-none">
              <Select
                label={`Comparison ${index + 1}`}
                value={op}
                onValue={(next) => setMatcher(index, { op: next as LabelMatcher['op'] })}
                options={['=', '!=', '=~', '!~'].map((one) => ({ value: one, label: one }))}
              />
            </span>
            <Input
              mono
              aria-label={`Value ${index + 1}`}
              value={value}
              onChange={(event) => setMatcher(index, { value: event.target.value })}
            />
            <IconButton
              icon={Trash2}
              label={`Remove condition ${index + 1}`}
              disabled={matchers.length === 1}
              onClick={() => setMatchers((old) => old.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        <div>
          <Button
            size="sm"
            icon={Plus}
            disabled={matchers.length >= 20}
            onClick={() => setMatchers((old) => [...old, { label: '', op: '=', value: '' }])}
          >
            Add a condition
          </Button>
        </div>
      </fieldset>
      <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line pt-4">
        <span className="font-medium">Window</span>
        <Segmented
          label="Window"
          value={draft.kind}
          onValue={(kind) => set({ kind })}
          options={[
            { value: 'once', label: 'Once' },
            { value: 'recurring', label: 'Again and again' },
          ]}
        />
      </div>
      {draft.kind === 'once' ? (
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          {text('from', 'From', zone)}
          {text('to', 'To')}
        </div>
      ) : (
        <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
          {text('cron', 'Begins at', 'Cron: 0 22 * * 6 is Saturdays at 22:00.')}
          {text('lasts', 'Lasts', 'Such as 2h.')}
          {text('timeZone', 'Time zone')}
        </div>
      )}
      <Field label="Meanwhile, alerts">
        {(slot) => (
          <Select
            id={slot.id}
            value={draft.mode}
            onValue={(mode) => set({ mode: mode as Silence['mode'] })}
            options={[
              { value: 'suppress', label: 'Are held back; what still fires at the end comes back' },
              { value: 'collapse', label: 'Raise one incident for the whole window' },
              { value: 'watch', label: 'Go on as ever, and are marked' },
            ]}
          />
        )}
      </Field>
      <Field label="Reason" aside="optional" error={faultOf('reason')}>
        {(slot) => (
          <Input {...slotProps(slot)} value={draft.reason} onChange={(event) => set({ reason: event.target.value })} />
        )}
      </Field>
    </DrawerForm>
  );
}
