import { useState } from 'react';
import type { AlertSource, SourceAddress } from '#contracts/alerts/alert-sources.ts';
import type { AlertFormat, SourceDefaults } from '#contracts/alerts/alerts.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { targetFault } from '../playbooks/target-fault.ts';
import { Checkbox, SwitchRow } from '../ui/choice.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { usePolicyOptions } from './alerts.ts';

export const formatWords: Readonly<Record<AlertFormat, string>> = {
  auto: 'Whatever comes',
  alertmanager: 'Alertmanager or Prometheus',
  grafana: 'Grafana',
  pagerduty: 'PagerDuty Events v2',
  datadog: 'Datadog',
  cloudevents: 'CloudEvents',
  generic: 'JSON by a mapping',
};

const mappingFields = [
  ['items', 'The list of alerts', 'body.events'],
  ['title', 'Title', 'item.name'],
  ['key', 'What tells repeats', 'item.id'],
  ['severity', 'Severity', 'item.level'],
  ['isResolved', 'True when it is over', 'item.state == "ok"'],
  ['description', 'Description', 'item.text'],
  ['labels', 'Labels, a map', '{"host": item.host}'],
  ['startsAt', 'Since when', 'item.at'],
  ['link', 'Link', 'item.url'],
] as const;
type MappingField = (typeof mappingFields)[number][0];

interface SourceFormProps {
  source: AlertSource | null;
  onClose: () => void;
  onSaved: (source: AlertSource, address?: SourceAddress) => void;
}

/** Makes a source or changes one: what it reads, and what becomes of its alerts where no rule says otherwise. */
export function SourceForm({ source, onClose, onSaved }: SourceFormProps) {
  const [draft, setDraft] = useState({
    name: source?.name ?? '',
    format: source?.format ?? ('auto' as AlertFormat),
    enabled: source?.enabled ?? true,
    outcome: source?.defaults.outcome ?? ('incident' as SourceDefaults['outcome']),
    escalationPolicyId: source?.defaults.escalationPolicyId ?? '',
    groupBy: source?.defaults.groupBy.join(', ') ?? '',
    autoResolve: source?.defaults.autoResolve ?? true,
    heartbeat: source?.heartbeat ?? '',
    rateLimit: String(source?.rateLimit ?? 6_000),
  });
  const [mapping, setMapping] = useState<Partial<Record<MappingField, string>>>(() =>
    Object.fromEntries(mappingFields.flatMap(([name]) => [[name, source?.mapping?.[name] ?? '']])),
  );
  const { busy, failure, send } = useSending();
  const refusal = useRefusal()('alerts:manage');
  const offline = useOffline();
  const policies = usePolicyOptions();
  const set = (changes: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...changes }));
  const faultOf = (name: string) => targetFault(failure, name);
  const isMapped = draft.format === 'generic';
  const isWhole = draft.name.trim() !== '' && (!isMapped || (mapping.title ?? '').trim() !== '');
  const save = async () => {
    if (!isWhole) return;
    const given = (name: MappingField): string | null => mapping[name]?.trim() || null;
    const body = {
      name: draft.name,
      format: draft.format,
      enabled: draft.enabled,
      mapping: isMapped
        ? {
            items: given('items'),
            title: given('title') ?? '',
            key: given('key'),
            severity: given('severity'),
            isResolved: given('isResolved'),
            description: given('description'),
            labels: given('labels'),
            startsAt: given('startsAt'),
            link: given('link'),
          }
        : null,
      defaults: {
        outcome: draft.outcome,
        escalationPolicyId: draft.escalationPolicyId || null,
        groupBy: wordsOf(draft.groupBy),
        autoResolve: draft.autoResolve,
      },
      heartbeat: draft.heartbeat.trim() || null,
      rateLimit: Math.max(1, Math.floor(Number(draft.rateLimit)) || 6_000),
    };
    await send(async () => {
      if (source)
        onSaved(await api.changeAlertSource({ params: { id: source.id }, body, ifMatch: `"${source.version}"` }));
      else {
        const made = await api.createAlertSource({ body });
        onSaved(made.source, made.address);
      }
    });
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={520}
      title={source ? `Edit ${source.name}` : 'New source'}
      act={source ? 'Save source' : 'Make source'}
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
            placeholder="Alertmanager in production"
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="What it sends" hint="“Whatever comes” tells the known formats apart by themselves.">
        {(slot) => (
          <Select
            id={slot.id}
            value={draft.format}
            onValue={(format) => set({ format: format as AlertFormat })}
            options={Object.entries(formatWords).map(([value, label]) => ({ value, label }))}
          />
        )}
      </Field>
      {isMapped && (
        <fieldset className="flex flex-col gap-3 rounded-md border border-line p-3">
          <legend className="sr-only">Mapping</legend>
          <p className="text-meta text-text-2">
            CEL over <span className="font-mono">body</span>, <span className="font-mono">headers</span>,{' '}
            <span className="font-mono">query</span>, and with a list <span className="font-mono">item</span>.
          </p>
          {mappingFields.map(([name, label, example]) => (
            <Field
              key={name}
              label={label}
              required={name === 'title'}
              {...(name !== 'title' && { aside: 'optional' })}
              error={faultOf(name)}
            >
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  mono
                  placeholder={example}
                  value={mapping[name] ?? ''}
                  onChange={(event) => setMapping((old) => ({ ...old, [name]: event.target.value }))}
                />
              )}
            </Field>
          ))}
        </fieldset>
      )}
      <Field label="Where no rule holds, its alerts become">
        {(slot) => (
          <Select
            id={slot.id}
            value={draft.outcome}
            onValue={(outcome) => set({ outcome: outcome as SourceDefaults['outcome'] })}
            options={[
              { value: 'incident', label: 'An incident' },
              { value: 'keep', label: 'Kept among alerts, nothing more' },
              { value: 'drop', label: 'Dropped, and counted' },
            ]}
          />
        )}
      </Field>
      {draft.outcome === 'incident' && (
        <>
          <Field label="Who is told" aside="optional">
            {(slot) => (
              <Select
                id={slot.id}
                value={draft.escalationPolicyId}
                onValue={(escalationPolicyId) => set({ escalationPolicyId })}
                options={[{ value: '', label: 'By the service, or nobody' }, ...(policies.data ?? [])]}
              />
            )}
          </Field>
          <Field
            label="One incident for alerts that share these labels"
            aside="optional"
            hint="Such as cluster, alertname. Empty: the sender’s own groups."
          >
            {(slot) => (
              <Input
                {...slotProps(slot)}
                mono
                value={draft.groupBy}
                onChange={(event) => set({ groupBy: event.target.value })}
              />
            )}
          </Field>
          <Checkbox
            label="Resolve the incident once all its alerts are over"
            checked={draft.autoResolve}
            onChecked={(autoResolve) => set({ autoResolve })}
          />
        </>
      )}
      <div className="grid grid-cols-2 gap-3 border-t border-line pt-4 max-sm:grid-cols-1">
        <Field label="Alert when silent for" aside="optional" hint="Such as 10m." error={faultOf('heartbeat')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={draft.heartbeat}
              onChange={(event) => set({ heartbeat: event.target.value })}
            />
          )}
        </Field>
        <Field label="Requests a minute" error={faultOf('rateLimit')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="number"
              min={1}
              value={draft.rateLimit}
              onChange={(event) => set({ rateLimit: event.target.value })}
            />
          )}
        </Field>
      </div>
      <SwitchRow label="Takes alerts" checked={draft.enabled} onChecked={(enabled) => set({ enabled })} />
    </DrawerForm>
  );
}

/** Words apart by commas or blanks. */
export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
