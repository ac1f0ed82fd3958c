import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { incidentStates, stateNames } from '#contracts/incidents/states.ts';
import { api } from '../kit/api.ts';
import { type ApiFailure, asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { useIncidentSettings } from './incidents.ts';
import { StateShape } from './state-glyph.tsx';

type Settings = Awaited<ReturnType<typeof api.getIncidentSettings>>;

/** How this workspace speaks of incidents: names of states, the prefix of keys, the outline of a postmortem. */
export function IncidentSettingsPage() {
  const settings = useIncidentSettings();
  return (
    <Page title="Incidents" testId="settings.incidents">
      <div className="max-w-[560px] px-5 pb-8 max-sm:px-4">
        <Answer of={settings} what="The settings of incidents" waiting={<SkeletonLines />}>
          {(data) => <Form key={JSON.stringify(data)} settings={data} />}
        </Answer>
      </div>
    </Page>
  );
}

function Form({ settings }: { settings: Settings }) {
  const client = useQueryClient();
  const offline = useOffline();
  const mayNot = useRefusal()('incidents:manage');
  const refusal = offline ?? mayNot;
  const [names, setNames] = useState<Record<string, string>>({ ...stateNames, ...settings.names });
  const [prefix, setPrefix] = useState(settings.prefix);
  const [outline, setOutline] = useState(settings.postmortemOutline);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const isGoodPrefix = /^[A-Z][A-Z0-9]{0,9}$/.test(prefix);
  const save = async () => {
    if (!isGoodPrefix || busy) return;
    setBusy(true);
    setFailure(null);
    try {
      const given = Object.fromEntries(
        incidentStates.flatMap((state) => {
          const name = names[state]?.trim();
          return name && name !== stateNames[state] ? [[state, name]] : [];
        }),
      );
      await api.changeIncidentSettings({ body: { names: given, prefix, postmortemOutline: outline } });
      toast.done('Settings of incidents saved');
      void client.invalidateQueries({ queryKey: ['incidents'] });
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field
        label="Prefix of keys"
        hint={`New incidents are ${isGoodPrefix ? prefix : 'INC'}-329 and so on. Keys that were given stay.`}
        error={isGoodPrefix ? undefined : 'Up to ten capital letters and digits, a letter first.'}
      >
        {(slot) => (
          <Input
            {...slotProps(slot)}
            mono
            className="max-w-40"
            maxLength={10}
            value={prefix}
            onChange={(event) => setPrefix(event.target.value.toUpperCase())}
          />
        )}
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 font-semibold">Names of states</legend>
        <p className="mb-1 text-meta text-text-2">What board, list and messages call them. What they mean stays.</p>
        {incidentStates.map((state) => (
          <label key={state} className="grid grid-cols-[16px_130px_minmax(0,1fr)] items-center gap-2.5">
            <StateShape state={state} />
            <span className="text-text-2">{stateNames[state]}</span>
            <Input
              maxLength={120}
              placeholder={stateNames[state]}
              value={names[state] ?? ''}
              onChange={(event) => setNames({ ...names, [state]: event.target.value })}
            />
          </label>
        ))}
      </fieldset>
      <Field label="Outline of a postmortem" hint="Markdown. {timeline} stands where the story goes.">
        {(slot) => (
          <Textarea
            {...slotProps(slot)}
            mono
            rows={12}
            maxLength={20_000}
            value={outline}
            onChange={(event) => setOutline(event.target.value)}
          />
        )}
      </Field>
      <FormFailure failure={failure} />
      <Button
        type="submit"
        look="primary"
        className="self-start"
        busy={busy}
        refusal={refusal}
        disabled={!isGoodPrefix}
      >
        Save settings
      </Button>
    </form>
  );
}
