import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { overlapPolicies, type OverlapPolicy, type Schedule } from '#contracts/schedules/schedules.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { InputFields } from '../playbooks/input-fields.tsx';
import { defaultValues, givenValues } from '../playbooks/input-values.ts';
import { PlaybookPicker } from '../playbooks/playbook-picker.tsx';
import { inputsOf, usePlaybook } from '../playbooks/playbooks.ts';
import { targetFault } from '../playbooks/target-fault.ts';
import { Note } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { AfterFields } from './after-fields.tsx';
import { useAfter } from './use-after.ts';
import { QueryTargetFields } from './query-target-fields.tsx';
import { overlapWords } from './schedule-words.ts';

type NamedQuery = QueryTarget & { name: string | null };

interface Draft {
  name: string;
  playbookId: string;
  how: 'cron' | 'every';
  cron: string;
  every: string;
  timeZone: string;
  overlap: OverlapPolicy;
  catchUp: string;
  jitter: string;
}

/** Makes a schedule or changes one; as one types, the sentence and the next ten times follow. */
export function ScheduleForm({
  schedule,
  query,
  onClose,
  onSaved,
}: {
  schedule: Schedule | null;
  /** A new one starts this query; without it a playbook is chosen. */
  query?: NamedQuery;
  onClose: () => void;
  onSaved: (schedule: Schedule) => void;
}) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>({
    name: schedule?.name ?? query?.name ?? '',
    playbookId: schedule?.target.kind === 'playbook' ? schedule.target.id : '',
    how: schedule?.every ? 'every' : 'cron',
    cron: schedule?.cron.join('\n') || (query ? '0 7 * * 1-5' : '0 3 * * *'),
    every: schedule?.every ?? '15m',
    timeZone: schedule?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    overlap: schedule?.overlap ?? 'skip',
    catchUp: schedule?.catchUp ?? '1h',
    jitter: schedule?.jitter ?? '0s',
  });
  const [values, setValues] = useState<Record<string, Json>>(
    schedule?.target.kind === 'playbook' ? schedule.target.inputs : {},
  );
  const [queryTarget, setQueryTarget] = useState<NamedQuery | null>(
    schedule?.target.kind === 'query' ? schedule.target : (query ?? null),
  );
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const offline = useOffline();
  const refusal = useRefusal()('schedules:manage');
  const set = (changes: Partial<Draft>) => setDraft((old) => ({ ...old, ...changes }));
  const playbook = usePlaybook(draft.playbookId || 'new');
  const inputs = playbook.data ? inputsOf(playbook.data.definition) : [];
  useEffect(() => {
    if (playbook.data) setValues((old) => ({ ...defaultValues(inputsOf(playbook.data.definition)), ...old }));
  }, [playbook.data]);
  const crons = draft.cron
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const timing = draft.how === 'cron' ? { cron: crons.length === 1 ? crons[0] : crons } : { every: draft.every.trim() };
  const faultOf = (name: string) => targetFault(failure, name);
  const after = useAfter(queryTarget, schedule, failure);
  const save = async () => {
    setFailure(null);
    if (!after.check()) return;
    setBusy(true);
    const target = queryTarget
      ? withoutName(queryTarget)
      : {
          kind: 'playbook' as const,
          id: draft.playbookId,
          version: schedule?.target.version,
          inputs: givenValues(inputs, values),
        };
    const common = {
      name: draft.name,
      target,
      timeZone: draft.timeZone,
      overlap: draft.overlap,
      catchUp: draft.catchUp,
      jitter: draft.jitter,
    };
    try {
      const saved = schedule
        ? await api.changeSchedule({
            params: { id: schedule.id },
            body: {
              ...common,
              cron: draft.how === 'cron' ? timing.cron : null,
              every: draft.how === 'every' ? timing.every : null,
            },
          })
        : await api.createSchedule({ body: { ...common, ...timing } });
      toast.done(`${saved.name} is saved`);
      await client.invalidateQueries({ queryKey: ['schedules'] });
      onSaved(saved);
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={queryTarget ? 620 : 460}
      title={schedule ? `Edit ${schedule.name}` : 'New schedule'}
      act={schedule ? 'Save schedule' : 'Make schedule'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!draft.name.trim() || (!queryTarget && !draft.playbookId)}
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
      {queryTarget ? (
        <Field
          label="Query"
          error={faultOf('target')}
          hint={queryTarget.version ? `Always its version ${queryTarget.version}` : 'Its newest version at each time'}
        >
          {(slot) => <Input {...slotProps(slot)} readOnly value={queryTarget.name ?? 'deleted query'} />}
        </Field>
      ) : (
        <Field label="Playbook" required error={faultOf('target')}>
          {(slot) => (
            <PlaybookPicker id={slot.id} value={draft.playbookId} onValue={(playbookId) => set({ playbookId })} />
          )}
        </Field>
      )}
      <div>
        <Segmented
          label="How the times are given"
          value={draft.how}
          onValue={(how) => set({ how })}
          options={[
            { value: 'cron', label: 'At times (cron)' },
            { value: 'every', label: 'Every so often' },
          ]}
        />
      </div>
      {draft.how === 'cron' ? (
        <Field label="Cron" required hint="Minute, hour, day, month, weekday: 30 2 * * 1-5" error={faultOf('cron')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              value={draft.cron}
              onChange={(event) => set({ cron: event.target.value })}
            />
          )}
        </Field>
      ) : (
        <Field label="Every" required hint="15m, 6h, 1d" error={faultOf('every')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              value={draft.every}
              onChange={(event) => set({ every: event.target.value })}
            />
          )}
        </Field>
      )}
      <Field label="Time zone" error={faultOf('timeZone')}>
        {(slot) => (
          <Combobox
            id={slot.id}
            value={draft.timeZone}
            onValue={(timeZone) => set({ timeZone })}
            options={['UTC', ...Intl.supportedValuesOf('timeZone')].map((name) => ({
              value: name,
              label: name.replaceAll('_', ' '),
            }))}
          />
        )}
      </Field>
      <Preview timing={timing} timeZone={draft.timeZone} />
      <Field label="When the run before is still at work" hint={overlapWords[draft.overlap].hint}>
        {(slot) => (
          <Select
            id={slot.id}
            value={draft.overlap}
            onValue={(overlap) => set({ overlap: overlap as OverlapPolicy })}
            options={overlapPolicies.map((value) => ({
              value,
              label: overlapWords[value].label,
              hint: overlapWords[value].hint,
            }))}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Catch up missed times" hint="of the last" error={faultOf('catchUp')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              value={draft.catchUp}
              onChange={(event) => set({ catchUp: event.target.value })}
            />
          )}
        </Field>
        <Field label="Jitter" hint="put off by up to" error={faultOf('jitter')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              value={draft.jitter}
              onChange={(event) => set({ jitter: event.target.value })}
            />
          )}
        </Field>
      </div>
      {queryTarget && (
        <QueryTargetFields
          target={queryTarget}
          onTarget={(target) => setQueryTarget({ ...target, name: queryTarget.name })}
        />
      )}
      {queryTarget && (
        <AfterFields
          {...after.fields}
          target={queryTarget}
          onAfter={(next) => setQueryTarget({ ...queryTarget, after: next })}
        />
      )}
      {inputs.length > 0 && (
        <div className="flex flex-col gap-3.5 border-t border-line pt-4">
          <InputFields inputs={inputs} values={values} onValues={setValues} faults={failure?.faults} />
        </div>
      )}
    </DrawerForm>
  );
}

const withoutName = ({ name: _name, ...target }: NamedQuery): QueryTarget => target;

function Preview({
  timing,
  timeZone,
}: {
  timing: { cron?: string | string[] | undefined; every?: string | undefined };
  timeZone: string;
}) {
  const [settled, setSettled] = useState({ timing, timeZone });
  const key = JSON.stringify({ timing, timeZone });
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(key) as { timing: typeof timing; timeZone: string }), 250);
    return () => clearTimeout(timer);
  }, [key]);
  const preview = useQuery({
    queryKey: ['schedule-preview', settled],
    queryFn: ({ signal }) =>
      api.previewSchedule({ body: { ...settled.timing, timeZone: settled.timeZone, count: 10 }, signal }),
    retry: false,
  });
  if (preview.error)
    return <Note tone="fail">{asFailure(preview.error).faults[0]?.message ?? asFailure(preview.error).message}</Note>;
  if (!preview.data) return null;
  return (
    <section
      aria-label="When it starts"
      aria-live="polite"
      className="rounded-md border border-line bg-sunken px-3 py-2 text-meta"
    >
      <p className="mb-1 font-medium">{preview.data.sentence}</p>
      <ol className="num flex flex-col gap-0.5 text-text-2">
        {preview.data.nextTimes.map(({ at, local, offset, note }) => (
          <li key={at}>
            {local}{' '}
            <span className="text-text-3">
              {offset}
              {note ? ', clocks are put back' : ''}
            </span>
          </li>
        ))}
      </ol>
      {preview.data.leftOut.length > 0 && (
        <p className="mt-1 text-wait-fg">{`Left out where the clocks are put forward: ${preview.data.leftOut.map(({ local }) => local).join(', ')}`}</p>
      )}
    </section>
  );
}
