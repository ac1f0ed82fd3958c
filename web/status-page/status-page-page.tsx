import { useQueryClient } from '@tanstack/react-query';
import { ExternalLink, Plus, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { StatusPageSettings } from '#contracts/status-page/status-page.ts';
import { api } from '../kit/api.ts';
import { type ApiFailure, asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { SwitchRow } from '../ui/choice.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import { useStatusPage } from './status-page.ts';

type Shown = Awaited<ReturnType<typeof api.getStatusPageSettings>>;

/** What the public may see: on or off, its address, its services under public names. */
export function StatusPagePage() {
  const refusal = useRefusal();
  const offline = useOffline();
  const settings = useStatusPage();
  const [isPublishing, setPublishing] = useState(false);
  const isOn = settings.data?.isOn ?? false;
  return (
    <Page
      title="Status page"
      testId="settings.status-page"
      action={
        <Button
          look="primary"
          icon={Send}
          refusal={offline ?? refusal('incidents:act') ?? (isOn ? null : 'The page is off')}
          onClick={() => setPublishing(true)}
        >
          Publish an update
        </Button>
      }
    >
      <div className="flex max-w-[820px] flex-col gap-4 px-5 pb-8 max-sm:px-4">
        <Answer of={settings} what="The status page" waiting={<SkeletonLines />}>
          {(data) => (
            <SettingsForm key={data.version} settings={data} refusal={offline ?? refusal('incidents:manage')} />
          )}
        </Answer>
      </div>
      {isPublishing && settings.data && (
        <PublishDialog services={settings.data.services} onClose={() => setPublishing(false)} />
      )}
    </Page>
  );
}

function SettingsForm({ settings, refusal }: { settings: Shown; refusal: string | null }) {
  const client = useQueryClient();
  const { version, url, ...kept } = settings;
  const [draft, setDraft] = useState<StatusPageSettings>(kept);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (changes: Partial<StatusPageSettings>) => setDraft((old) => ({ ...old, ...changes }));
  const setService = (at: number, changes: Partial<StatusPageSettings['services'][number]>) =>
    set({ services: draft.services.map((one, index) => (index === at ? { ...one, ...changes } : one)) });
  const parsed = StatusPageSettings.safeParse(draft);
  const save = async () => {
    if (!parsed.success) return;
    setBusy(true);
    setFailure(null);
    try {
      const saved = await api.changeStatusPageSettings({ body: parsed.data, ifMatch: `"${version}"` });
      toast.done(saved.isOn ? 'The status page is public' : 'The status page is off');
      client.setQueryData(['status-page'], saved);
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card label="Public status page">
      <SectionHead
        title="Public status page"
        hint="without sign-in: only what is chosen here and published by a person"
        end={
          kept.isOn && (
            <a
              className="inline-flex items-center gap-1 text-accent hover:underline"
              href={`/status/${kept.slug}`}
              target="_blank"
              rel="noreferrer"
            >
              <ExternalLink size={14} aria-hidden /> Open it
            </a>
          )
        }
      />
      <form
        className="flex flex-col gap-4 border-t border-line px-3.5 py-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <SwitchRow
          label="Everybody may see it"
          hint={kept.isOn ? url : 'Nothing is public while it is off.'}
          checked={draft.isOn}
          onChecked={(isOn) => set({ isOn })}
        />
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Field label="Title" required>
            {(slot) => (
              <Input
                {...slotProps(slot)}
                value={draft.title}
                onChange={(event) => set({ title: event.target.value })}
              />
            )}
          </Field>
          <Field label="Address" required hint={`/status/${draft.slug}`}>
            {(slot) => (
              <Input
                {...slotProps(slot)}
                mono
                value={draft.slug}
                onChange={(event) => set({ slug: event.target.value.toLowerCase() })}
              />
            )}
          </Field>
        </div>
        <Field label="Words below the title" aside="optional">
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              rows={2}
              value={draft.intro}
              onChange={(event) => set({ intro: event.target.value })}
            />
          )}
        </Field>
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-meta font-medium">Services</legend>
          {draft.services.length > 0 && (
            <div aria-hidden className="flex gap-2 text-meta text-text-3">
              <span className="flex-1">As incidents name it</span>
              <span className="flex-1">As the public knows it</span>
              <span className="w-[26px] max-sm:w-11" />
            </div>
          )}
          {draft.services.map((one, index) => (
            <div key={index} className="flex items-center gap-2">
              <Input
                aria-label={`Service ${index + 1}: as incidents name it`}
                placeholder="shop-api"
                mono
                value={one.service}
                onChange={(event) => setService(index, { service: event.target.value })}
              />
              <Input
                aria-label={`Service ${index + 1}: as the public knows it`}
                placeholder="Shop"
                value={one.name}
                onChange={(event) => setService(index, { name: event.target.value })}
              />
              <IconButton
                size="sm"
                icon={Trash2}
                label={`Remove service ${index + 1}`}
                onClick={() => set({ services: draft.services.filter((_, at) => at !== index) })}
              />
            </div>
          ))}
          <div>
            <Button
              size="sm"
              icon={Plus}
              onClick={() => set({ services: [...draft.services, { service: '', name: '' }] })}
            >
              Add a service
            </Button>
          </div>
        </fieldset>
        {failure && <FormFailure failure={failure} />}
        <div>
          <Button look="primary" type="submit" busy={busy} refusal={refusal} disabled={!parsed.success}>
            Save
          </Button>
        </div>
      </form>
    </Card>
  );
}
