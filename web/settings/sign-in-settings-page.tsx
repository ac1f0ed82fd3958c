import { Controller } from 'react-hook-form';
import { UpdateSettings, type Settings } from '#contracts/settings/settings.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useMe, useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Switch } from '../ui/choice.tsx';
import { Field, FormFailure, useApiForm } from '../ui/form.tsx';
import { Stepper } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { useChangeSettings, useSettings } from './use-settings.ts';

const Shown = UpdateSettings.pick({ requireMfa: true, accessTokenMinutes: true });

/** How people sign in to this workspace. */
export function SignInSettingsPage() {
  const settings = useSettings();
  return (
    <Page title="Sign-in and MFA" testId="settings.sign-in">
      <div className="max-w-[560px] px-5 pb-8 max-sm:px-4">
        <Answer of={settings} what="The settings" waiting={<SkeletonLines />}>
          {(data) => <Values key={data.version} settings={data} />}
        </Answer>
      </div>
    </Page>
  );
}

function Values({ settings }: { settings: Settings }) {
  const { user } = useMe();
  const refusal = useRefusal()('settings:manage');
  const offline = useOffline();
  const change = useChangeSettings(settings);
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: Shown,
    defaults: { requireMfa: settings.requireMfa, accessTokenMinutes: settings.accessTokenMinutes },
    submit: (body) => change.mutateAsync(body),
  });
  return (
    <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="font-medium">Require a second factor</p>
          <p className="text-meta text-text-3">Members without one are asked to set it up before they can work here.</p>
        </div>
        <Controller
          control={form.control}
          name="requireMfa"
          render={({ field }) => (
            <Switch label="Require a second factor" checked={field.value === true} onChecked={field.onChange} />
          )}
        />
      </div>
      {form.watch('requireMfa') && !user.hasSecondFactor && (
        <Note tone="wait">
          <span>
            You have no second factor yourself.{' '}
            <Go to="/account" className="font-medium underline">
              Set one up first
            </Go>
            , or you shut yourself out.
          </span>
        </Note>
      )}
      <Field
        label="Minutes that an access token lives"
        hint="For machines that sign in with a password. A browser’s session lasts 7 days without use."
        error={errorOf('accessTokenMinutes')}
      >
        {(slot) => (
          <Controller
            control={form.control}
            name="accessTokenMinutes"
            render={({ field }) => (
              <div className="w-40">
                <Stepper id={slot.id} min={5} max={1_440} value={field.value ?? 15} onValue={field.onChange} />
              </div>
            )}
          />
        )}
      </Field>
      <FormFailure failure={failure} />
      <Button
        type="submit"
        look="primary"
        className="self-start"
        busy={busy}
        refusal={offline ?? refusal}
        disabled={!form.formState.isDirty}
      >
        Save settings
      </Button>
    </form>
  );
}
