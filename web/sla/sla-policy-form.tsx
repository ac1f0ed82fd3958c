import { useState } from 'react';
import { incidentSeverities, type IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import { SlaPolicy } from '#contracts/incidents/sla-policy.ts';
import { type IncidentState, incidentStates, stateFlags, stateNames } from '#contracts/incidents/states.ts';
import type { ClockKind } from '#contracts/incidents/sla-clock.ts';
import type { ShownCalendar, ShownSlaPolicy } from '#contracts/sla/sla.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { Checkbox } from '../ui/choice.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { SlaPreviewPane } from './sla-preview-pane.tsx';

interface SlaPolicyFormProps {
  policy: ShownSlaPolicy | null;
  calendars: readonly ShownCalendar[];
  onClose: () => void;
  onSaved: (policy: ShownSlaPolicy) => void;
}
type Targets = Record<IncidentSeverity, Record<ClockKind, string>>;

/** States in which a clock may be told to stand still; in the others it does or cannot. */
const pausable = incidentStates.filter((state) => stateFlags[state].active && stateFlags[state].clock === 'run' && state !== 'open'); // prettier-ignore
const firstTargets: Targets = {
  sev1: { respond: '15m', resolve: '4h' },
  sev2: { respond: '30m', resolve: '8h' },
  sev3: { respond: '4h', resolve: '3d' },
  sev4: { respond: '', resolve: '' },
};
const targetsOf = (policy: ShownSlaPolicy): Targets => {
  const of = (severity: IncidentSeverity) => ({
    respond: policy.targets[severity]?.respond ?? '',
    resolve: policy.targets[severity]?.resolve ?? '',
  });
  return { sev1: of('sev1'), sev2: of('sev2'), sev3: of('sev3'), sev4: of('sev4') };
};

/** Makes a policy or changes one, with a look at what it would promise. */
export function SlaPolicyForm({ policy, calendars, onClose, onSaved }: SlaPolicyFormProps) {
  const [draft, setDraft] = useState(() => ({
    name: policy?.name ?? '',
    services: policy?.services ?? [],
    targets: policy ? targetsOf(policy) : firstTargets,
    calendarId: policy?.calendarId ?? null,
    pauseIn: policy?.pauseIn ?? ([] as IncidentState[]),
    warnPercent: policy?.warnPercent ?? 75,
  }));
  const { busy, failure, send } = useSending();
  const refusal = useRefusal()('incidents:manage');
  const offline = useOffline();
  const set = (changes: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...changes }));
  const setTarget = (severity: IncidentSeverity, kind: ClockKind, text: string) =>
    set({ targets: { ...draft.targets, [severity]: { ...draft.targets[severity], [kind]: text.trim() } } });
  const parsed = SlaPolicy.safeParse({
    ...draft,
    targets: Object.fromEntries(
      incidentSeverities
        .filter((severity) => draft.targets[severity].respond !== '' || draft.targets[severity].resolve !== '')
        .map((severity) => [
          severity,
          { respond: draft.targets[severity].respond || null, resolve: draft.targets[severity].resolve || null },
        ]),
    ),
  });
  const faultOf = (severity: IncidentSeverity, kind: ClockKind): boolean =>
    !parsed.success && parsed.error.issues.some(({ path }) => path[1] === severity && path[2] === kind);
  const save = async () => {
    if (!parsed.success) return;
    const body = parsed.data;
    await send(async () => {
      onSaved(
        policy
          ? await api.changeSlaPolicy({ params: { id: policy.id }, body, ifMatch: `"${policy.version}"` })
          : await api.createSlaPolicy({ body }),
      );
    });
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={560}
      title={policy ? `Edit ${policy.name}` : 'New SLA policy'}
      act={policy ? 'Save policy' : 'Make policy'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!parsed.success}
      failure={failure}
      onSubmit={save}
    >
      <Field label="Name" required>
        {(slot) => (
          <Input
            {...slotProps(slot)}
            autoFocus
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Services" aside="optional" hint="None: all that no other policy names.">
        {(slot) => <WordsInput id={slot.id} words={draft.services} onWords={(services) => set({ services })} />}
      </Field>
      <fieldset>
        <legend className="mb-1 text-meta font-medium">Targets</legend>
        <div className="grid grid-cols-[64px_1fr_1fr] items-center gap-x-3 gap-y-2">
          <span />
          <span className="text-meta text-text-3">Answer in</span>
          <span className="text-meta text-text-3">Resolve in</span>
          {incidentSeverities.map((severity) => (
            <TargetRow
              key={severity}
              severity={severity}
              value={draft.targets[severity]}
              isWrong={(kind) => faultOf(severity, kind)}
              onValue={(kind, text) => setTarget(severity, kind, text)}
            />
          ))}
        </div>
        <p className="mt-1 text-meta text-text-3">Such as 15m, 4h or 3d; at least a minute. Empty: no clock.</p>
      </fieldset>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Time counts">
          {(slot) => (
            <Select
              id={slot.id}
              value={draft.calendarId ?? ''}
              onValue={(id) => set({ calendarId: id || null })}
              options={[
                { value: '', label: 'Round the clock' },
                ...calendars.map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          )}
        </Field>
        <Field label="At risk from" aside="%">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="number"
              min={1}
              max={99}
              value={draft.warnPercent}
              onChange={(event) => set({ warnPercent: Number(event.target.value) })}
            />
          )}
        </Field>
      </div>
      <fieldset>
        <legend className="mb-1 text-meta font-medium">The clock to resolve also stands still in</legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1.5">
          {pausable.map((state) => (
            <Checkbox
              key={state}
              label={stateNames[state]}
              checked={draft.pauseIn.includes(state)}
              onChecked={(on) =>
                set({ pauseIn: on ? [...draft.pauseIn, state] : draft.pauseIn.filter((other) => other !== state) })
              }
            />
          ))}
        </div>
        <p className="mt-1 text-meta text-text-3">It always does in {stateNames.pending}.</p>
      </fieldset>
      {parsed.success && (
        <SlaPreviewPane
          policy={parsed.data}
          calendar={calendars.find(({ id }) => id === parsed.data.calendarId) ?? null}
        />
      )}
    </DrawerForm>
  );
}

interface TargetRowProps {
  severity: IncidentSeverity;
  value: Record<ClockKind, string>;
  isWrong: (kind: ClockKind) => boolean;
  onValue: (kind: ClockKind, text: string) => void;
}

function TargetRow({ severity, value, isWrong, onValue }: TargetRowProps) {
  const word = severity.toUpperCase();
  return (
    <>
      <span className="text-meta font-medium">{word}</span>
      {(['respond', 'resolve'] as const).map((kind) => (
        <Input
          key={kind}
          mono
          aria-label={`${word}: ${kind === 'respond' ? 'answer in' : 'resolve in'}`}
          aria-invalid={isWrong(kind) || undefined}
          value={value[kind]}
          placeholder="no clock"
          onChange={(event) => onValue(kind, event.target.value)}
        />
      ))}
    </>
  );
}
