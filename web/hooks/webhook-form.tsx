import { useState } from 'react';
import type { Webhook, WebhookAddress } from '#contracts/hooks/webhooks.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { PlaybookPicker } from '../playbooks/playbook-picker.tsx';
import { inputsOf, usePlaybook } from '../playbooks/playbooks.ts';
import { targetFault } from '../playbooks/target-fault.ts';
import { Switch } from '../ui/choice.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { givenSources, SourcedInputs } from './sourced-inputs.tsx';

/** Makes a webhook or changes one: what it starts, how its calls are signed, and which input takes what of a call. */
export function WebhookForm({
  webhook,
  onClose,
  onSaved,
}: {
  webhook: Webhook | null;
  onClose: () => void;
  onSaved: (webhook: Webhook, address?: WebhookAddress) => void;
}) {
  const [draft, setDraft] = useState({
    name: webhook?.name ?? '',
    playbookId: webhook?.target.id ?? '',
    enabled: webhook?.enabled ?? true,
    isSigned: webhook?.signature !== null && webhook !== null,
    header: webhook?.signature?.header ?? 'x-signature-256',
    prefix: webhook?.signature?.prefix ?? 'sha256=',
    secret: '',
    dedupHeader: webhook?.dedup?.header ?? '',
    dedupExpression: webhook?.dedup?.expression ?? '',
    wait: webhook?.wait ?? '',
  });
  const [inputs, setInputs] = useState<Record<string, string>>(webhook?.inputs ?? {});
  const { busy, failure, send } = useSending();
  const offline = useOffline();
  const refusal = useRefusal()('hooks:manage');
  const set = (changes: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...changes }));
  const playbook = usePlaybook(draft.playbookId || 'new');
  const declared = playbook.data ? inputsOf(playbook.data.definition) : [];
  const faultOf = (name: string) => targetFault(failure, name);
  const save = async () => {
    const body = {
      name: draft.name,
      target: { kind: 'playbook' as const, id: draft.playbookId, version: webhook?.target.version },
      enabled: draft.enabled,
      signature: draft.isSigned ? { ...webhook?.signature, header: draft.header, prefix: draft.prefix } : null,
      secret: draft.secret || undefined,
      dedup:
        draft.dedupHeader || draft.dedupExpression
          ? {
              window: webhook?.dedup?.window,
              header: draft.dedupHeader || null,
              expression: draft.dedupExpression || null,
            }
          : null,
      inputs: givenSources(inputs),
      wait: draft.wait.trim() || null,
    };
    await send(async () => {
      if (webhook) onSaved(await api.changeWebhook({ params: { id: webhook.id }, body }));
      else {
        const made = await api.createWebhook({ body });
        onSaved(made.webhook, made.address);
      }
    });
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={500}
      title={webhook ? `Edit ${webhook.name}` : 'New webhook'}
      act={webhook ? 'Save webhook' : 'Make webhook'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!draft.name.trim() || !draft.playbookId}
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
      <Field label="Playbook" required error={faultOf('target')}>
        {(slot) => (
          <PlaybookPicker id={slot.id} value={draft.playbookId} onValue={(playbookId) => set({ playbookId })} />
        )}
      </Field>
      <div className="flex items-center gap-3">
        <span className="flex-1 font-medium">Takes calls</span>
        <Switch label="Takes calls" checked={draft.enabled} onChecked={(enabled) => set({ enabled })} />
      </div>
      {declared.length > 0 && (
        <fieldset className="flex flex-col gap-3 border-t border-line pt-4">
          <legend className="sr-only">Inputs</legend>
          <p className="text-meta text-text-2">
            What each input takes from the call, as CEL over <span className="font-mono">body</span>,{' '}
            <span className="font-mono">headers</span>, <span className="font-mono">query</span>.
          </p>
          <SourcedInputs declared={declared} sources={inputs} onSources={setInputs} from="body" errorOf={faultOf} />
        </fieldset>
      )}
      <div className="flex items-center gap-3 border-t border-line pt-4">
        <div className="min-w-0 flex-1">
          <p className="font-medium">Calls are signed</p>
          <p className="text-meta text-text-3">HMAC-SHA256 over the body, with a secret you share with the sender.</p>
        </div>
        <Switch label="Calls are signed" checked={draft.isSigned} onChecked={(isSigned) => set({ isSigned })} />
      </div>
      {draft.isSigned && (
        <>
          <div className="grid grid-cols-2 gap-3">
            <Field label="Header" error={faultOf('header')}>
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  mono
                  value={draft.header}
                  onChange={(event) => set({ header: event.target.value })}
                />
              )}
            </Field>
            <Field label="Before the signature" error={faultOf('prefix')}>
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  mono
                  value={draft.prefix}
                  onChange={(event) => set({ prefix: event.target.value })}
                />
              )}
            </Field>
          </div>
          <Field
            label="Secret"
            required={!webhook?.hasSecret}
            aside={webhook?.hasSecret ? 'leave empty to keep it' : undefined}
            error={faultOf('secret')}
          >
            {(slot) => (
              <Input
                {...slotProps(slot)}
                type="password"
                autoComplete="new-password"
                value={draft.secret}
                onChange={(event) => set({ secret: event.target.value })}
              />
            )}
          </Field>
        </>
      )}
      <Field label="The same call twice is known by the header" aside="optional" error={faultOf('dedup')}>
        {(slot) => (
          <Input
            {...slotProps(slot)}
            mono
            placeholder="x-delivery-id"
            value={draft.dedupHeader}
            onChange={(event) => set({ dedupHeader: event.target.value })}
          />
        )}
      </Field>
      <Field label="or by this expression" aside="CEL, optional">
        {(slot) => (
          <Input
            {...slotProps(slot)}
            mono
            placeholder="body.id"
            value={draft.dedupExpression}
            onChange={(event) => set({ dedupExpression: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Wait for the result"
        aside="optional"
        hint="10s: answers with the result if it is there by then. Empty: answers at once."
        error={faultOf('wait')}
      >
        {(slot) => (
          <Input {...slotProps(slot)} mono value={draft.wait} onChange={(event) => set({ wait: event.target.value })} />
        )}
      </Field>
    </DrawerForm>
  );
}
