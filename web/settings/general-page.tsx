import { useQueryClient } from '@tanstack/react-query';
import { type Control, Controller } from 'react-hook-form';
import { z } from 'zod';
import { Slug } from '#contracts/identity/accounts.ts';
import { Name } from '#contracts/kit/schemas.ts';
import { UpdateSettings, type Settings } from '#contracts/settings/settings.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useMembership, useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Switch } from '../ui/choice.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Stepper } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { useChangeSettings, useSettings } from './use-settings.ts';

/** The workspace's name and how it works: limits, retention, what may be reached. */
export function GeneralPage() {
  const settings = useSettings();
  return (
    <Page title="General" testId="settings.general">
      <div className="max-w-[560px] px-5 pb-8 max-sm:px-4">
        <WorkspaceName />
        <Answer of={settings} what="The settings" waiting={<SkeletonLines />}>
          {(data) => <Values key={data.version} settings={data} />}
        </Answer>
      </div>
    </Page>
  );
}

function WorkspaceName() {
  const membership = useMembership();
  const client = useQueryClient();
  const refusal = useRefusal()('settings:manage');
  const offline = useOffline();
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: z.object({ name: Name, slug: Slug }),
    defaults: { name: membership?.name ?? '', slug: membership?.slug ?? '' },
    submit: async (body) => {
      if (!membership) return;
      const saved = await api.updateWorkspace({ params: { id: membership.id }, body });
      toast.done('Workspace saved');
      if (saved.slug === membership.slug) void client.invalidateQueries({ queryKey: ['session'] });
      else location.assign(`/w/${saved.slug}/settings`);
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => void onSubmit(event)}
      className="mb-6 flex flex-col gap-4 border-b border-line pb-6"
    >
      <Field label="Name" error={errorOf('name')}>
        {(slot) => <Input {...slotProps(slot)} {...form.register('name')} />}
      </Field>
      <Field
        label="Short name"
        hint="In addresses: /w/short-name. Old links stop when it changes."
        error={errorOf('slug')}
      >
        {(slot) => <Input {...slotProps(slot)} mono {...form.register('slug')} />}
      </Field>
      <FormFailure failure={failure} />
      <Button
        type="submit"
        className="self-start"
        busy={busy}
        refusal={offline ?? refusal}
        disabled={!form.formState.isDirty}
      >
        Save name
      </Button>
    </form>
  );
}

const Shown = UpdateSettings.pick({
  concurrency: true,
  retentionDays: true,
  alertRetentionDays: true,
  auditRetentionDays: true,
  legalHold: true,
  requestsPerMinute: true,
  serverCheckMinutes: true,
  hostKeyFirstUse: true,
  egressAllow: true,
});

function Values({ settings }: { settings: Settings }) {
  const refusal = useRefusal()('settings:manage');
  const offline = useOffline();
  const change = useChangeSettings(settings);
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: Shown,
    defaults: Shown.required().strip().parse(settings),
    submit: (body) => change.mutateAsync(body),
  });
  const figure = (
    name:
      | 'concurrency'
      | 'retentionDays'
      | 'alertRetentionDays'
      | 'auditRetentionDays'
      | 'requestsPerMinute'
      | 'serverCheckMinutes',
    label: string,
    hint: string,
    min: number,
    max: number,
  ) => (
    <Field label={label} hint={hint} error={errorOf(name)}>
      {(slot) => (
        <Controller
          control={form.control}
          name={name}
          render={({ field }) => (
            <div className="w-40">
              <Stepper id={slot.id} min={min} max={max} value={field.value ?? min} onValue={field.onChange} />
            </div>
          )}
        />
      )}
    </Field>
  );
  return (
    <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
      <h2 className="font-semibold">Limits</h2>
      {figure('concurrency', 'Runs at once', 'More wait in line, in view.', 1, 5_000)}
      {figure(
        'requestsPerMinute',
        'API requests a minute for each key',
        'Beyond it: 429, with the time to wait.',
        60,
        600_000,
      )}
      <h2 className="border-t border-line pt-4 font-semibold">What is kept</h2>
      {figure(
        'retentionDays',
        'Days that events, logs and ended runs are kept',
        'Older ones are removed each night.',
        1,
        3_650,
      )}
      {figure(
        'alertRetentionDays',
        'Days that alerts are kept once they are over',
        'Those of incidents that are open stay.',
        1,
        3_650,
      )}
      {figure(
        'auditRetentionDays',
        'Days that the audit log is kept',
        'Export it before, where you must keep it.',
        1,
        3_650,
      )}
      <Toggle
        control={form.control}
        name="legalHold"
        label="Legal hold"
        hint="On: nothing of this workspace is removed for its age or size, logs and files included, until somebody turns it off."
      />
      <h2 className="border-t border-line pt-4 font-semibold">Servers and network</h2>
      {figure(
        'serverCheckMinutes',
        'Minutes between two checks of a server',
        '0: servers are checked only when somebody asks.',
        0,
        1_440,
      )}
      <Toggle
        control={form.control}
        name="hostKeyFirstUse"
        label="Pin host keys at first contact"
        hint="Off: a server without a pinned key is refused until somebody gives one."
      />
      <Field
        label="Private hosts and networks that steps may reach"
        hint="For http and notify steps; SSH servers need no entry. A name, an address, or 10.0.0.0/8."
        error={errorOf('egressAllow') ?? errorOf('egressAllow.0')}
      >
        {(slot) => (
          <Controller
            control={form.control}
            name="egressAllow"
            render={({ field }) => (
              <WordsInput
                id={slot.id}
                words={field.value ?? []}
                onWords={field.onChange}
                describedBy={slot.describedBy}
              />
            )}
          />
        )}
      </Field>
      <FormFailure failure={failure} />
      <div className="flex items-center gap-3">
        <Button
          type="submit"
          look="primary"
          busy={busy}
          refusal={offline ?? refusal}
          disabled={!form.formState.isDirty}
        >
          Save settings
        </Button>
        <span className="text-meta text-text-3">
          {settings.updatedBy ? `Changed by ${settings.updatedBy.name} ` : ''}
          <RelativeTime at={settings.updatedAt} />
        </span>
      </div>
    </form>
  );
}

interface ToggleProps {
  control: Control<z.input<typeof Shown>, unknown, z.output<typeof Shown>>;
  name: 'legalHold' | 'hostKeyFirstUse';
  label: string;
  hint: string;
}
const Toggle = ({ control, name, label, hint }: ToggleProps) => (
  <div className="flex items-center gap-3">
    <div className="min-w-0 flex-1">
      <p className="font-medium">{label}</p>
      <p className="text-meta text-text-3">{hint}</p>
    </div>
    <Controller
      control={control}
      name={name}
      render={({ field }) => <Switch label={label} checked={field.value === true} onChecked={field.onChange} />}
    />
  </div>
);
