import { History } from 'lucide-react';
import { useState } from 'react';
import type { BackTest, ShownAlertRule } from '#contracts/alerts/alert-rule-routes.ts';
import type { AlertRule } from '#contracts/alerts/alert-rules.ts';
import { Severity } from '../incidents/severity.tsx';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { targetFault } from '../playbooks/target-fault.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { RuleResponse } from './rule-response.tsx';
import { wordsOf } from './source-form.tsx';

interface RuleFormProps {
  rule: ShownAlertRule | null;
  onClose: () => void;
  onSaved: (rule: ShownAlertRule) => void;
}

/** Makes a rule or changes one, and tries it on the alerts of the last days before it decides anything. */
export function RuleForm({ rule, onClose, onSaved }: RuleFormProps) {
  const [draft, setDraft] = useState({
    name: rule?.name ?? '',
    when: rule?.when ?? 'alert.labels.team == "database"',
    mode: rule?.mode ?? ('on' as AlertRule['mode']),
    outcome: rule?.outcome ?? ('incident' as AlertRule['outcome']),
    severity: rule?.severity ?? '',
    service: rule?.service ?? '',
    title: rule?.title ?? '',
    assigneeId: rule?.assigneeId ?? null,
    escalationPolicyId: rule?.escalationPolicyId ?? null,
    playbooks: rule?.playbooks ?? [],
    groupBy: rule?.groupBy.join(', ') ?? '',
    groupingWindow: rule?.groupingWindow ?? '1h',
    threshold: String(rule?.threshold ?? 1),
    flapDelay: rule?.flapDelay ?? '0s',
    autoResolve: rule?.autoResolve ?? true,
  });
  const { busy, failure, setFailure, send } = useSending();
  const refusal = useRefusal()('alerts:manage');
  const offline = useOffline();
  const [tried, setTried] = useState<BackTest | null>(null);
  const [isTrying, setTrying] = useState(false);
  const set = (changes: Partial<typeof draft>) => {
    setTried(null);
    setDraft((old) => ({ ...old, ...changes }));
  };
  const faultOf = (name: string) => targetFault(failure, name);
  const isWhole = draft.name.trim() !== '' && draft.when.trim() !== '';
  const isIncident = draft.outcome === 'incident';
  const body = {
    name: draft.name.trim() || 'Rule without a name',
    when: draft.when,
    mode: draft.mode,
    outcome: draft.outcome,
    severity: draft.severity.trim() || null,
    service: draft.service.trim() || null,
    title: draft.title.trim() || null,
    assigneeId: draft.assigneeId,
    escalationPolicyId: draft.escalationPolicyId,
    playbooks: draft.playbooks,
    groupBy: wordsOf(draft.groupBy),
    groupingWindow: draft.groupingWindow,
    threshold: Math.max(1, Math.floor(Number(draft.threshold)) || 1),
    flapDelay: draft.flapDelay,
    autoResolve: draft.autoResolve,
  };
  const save = async () => {
    if (!isWhole) return;
    await send(async () => {
      onSaved(
        rule
          ? await api.changeAlertRule({ params: { id: rule.id }, body, ifMatch: `"${rule.version}"` })
          : await api.createAlertRule({ body }),
      );
    });
  };
  const tryIt = async () => {
    setTrying(true);
    setFailure(null);
    try {
      setTried(await api.testAlertRule({ body: { rule: body, days: 7 } }));
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setTrying(false);
    }
  };
  const text = (name: 'severity' | 'service' | 'title' | 'groupBy', label: string, example: string, hint?: string) => (
    <Field label={label} aside="optional" {...(hint && { hint })} error={faultOf(name)}>
      {(slot) => (
        <Input
          {...slotProps(slot)}
          mono
          placeholder={example}
          value={draft[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const short = (name: 'groupingWindow' | 'threshold' | 'flapDelay', label: string, hint: string) => (
    <Field label={label} hint={hint} error={faultOf(name)}>
      {(slot) => (
        <Input {...slotProps(slot)} value={draft[name]} onChange={(event) => set({ [name]: event.target.value })} />
      )}
    </Field>
  );
  return (
    <DrawerForm
      onClose={onClose}
      width={560}
      title={rule ? `Edit ${rule.name}` : 'New rule'}
      act={rule ? 'Save rule' : 'Make rule'}
      busy={busy}
      refusal={offline ?? refusal}
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
      <Field
        label="It holds when"
        required
        hint="CEL over alert: source, status, severity, title, description, labels, key."
        error={faultOf('when')}
      >
        {(slot) => (
          <Textarea
            {...slotProps(slot)}
            mono
            rows={3}
            value={draft.when}
            onChange={(event) => set({ when: event.target.value })}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="font-medium">Mode</span>
        <Segmented
          label="Mode"
          value={draft.mode}
          onValue={(mode) => set({ mode })}
          options={[
            { value: 'on', label: 'On' },
            { value: 'monitor', label: 'Monitor' },
            { value: 'off', label: 'Off' },
          ]}
        />
      </div>
      {draft.mode === 'monitor' && (
        <p className="text-meta text-text-2">It is counted what it would decide; the rules behind it decide.</p>
      )}
      <Field label="Its alerts become">
        {(slot) => (
          <Select
            id={slot.id}
            value={draft.outcome}
            onValue={(outcome) => set({ outcome: outcome as AlertRule['outcome'] })}
            options={[
              { value: 'incident', label: 'An incident' },
              { value: 'keep', label: 'Kept among alerts, nothing more' },
              { value: 'drop', label: 'Dropped, and counted' },
            ]}
          />
        )}
      </Field>
      {isIncident && (
        <>
          {text(
            'severity',
            'Severity',
            '"sev1"',
            'CEL that gives sev1 to sev4 or a word such as critical; empty: the alert’s own.',
          )}
          {text('service', 'Service', 'alert.labels.service')}
          {text('title', 'Title of the incident', 'alert.labels.cluster + " is unwell"')}
          <RuleResponse value={draft} onValue={set} faultOf={faultOf} />
          {text(
            'groupBy',
            'One incident for alerts that share these labels',
            'cluster, alertname',
            'Empty: the sender’s own groups.',
          )}
          <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
            {short('groupingWindow', 'Others join within', 'Of the last alert.')}
            {short('threshold', 'From so many alerts on', 'Firing together.')}
            {short('flapDelay', 'An end holds after', 'Against flapping.')}
          </div>
          <Checkbox
            label="Resolve the incident once all its alerts are over"
            checked={draft.autoResolve}
            onChecked={(autoResolve) => set({ autoResolve })}
          />
        </>
      )}
      <section className="flex flex-col gap-2 border-t border-line pt-4" aria-label="Back-test">
        <div className="flex items-center justify-between gap-3">
          <p className="text-meta text-text-2">What it would have made of the last 7 days, as the first rule.</p>
          <Button icon={History} busy={isTrying} disabled={!isWhole} onClick={() => void tryIt()}>
            Back-test
          </Button>
        </div>
        {tried && <Tried test={tried} isIncident={isIncident} />}
      </section>
    </DrawerForm>
  );
}

function Tried({ test, isIncident }: { test: BackTest; isIncident: boolean }) {
  return (
    <div role="status" className="flex flex-col gap-2">
      <p>
        {`Holds for ${test.matched} of ${test.looked} alerts`}
        {isIncident && `; ${test.incidents === 1 ? 'one incident' : `${test.incidents} incidents`}`}.
        {test.failed > 0 && ` It fails on ${test.failed}: ${test.failure ?? ''}`}
      </p>
      {test.groups.length > 0 && (
        <ul className="max-h-56 overflow-auto rounded-md border border-line">
          {test.groups.map(({ title, severity, service, alerts }, index) => (
            <li key={index} className="flex items-center gap-2 border-line px-3 py-1.5 not-first:border-t">
              <Severity severity={severity} />
              <bdi className="min-w-0 flex-1 truncate">{title}</bdi>
              {service && <span className="truncate text-meta text-text-3">{service}</span>}
              <span className="text-meta text-text-2 tabular-nums">{`×${alerts}`}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
