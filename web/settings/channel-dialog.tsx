import { useState } from 'react';
import { z } from 'zod';
import { channelKinds, ChannelName, type Channel, type ChannelKind } from '#contracts/notifications/channels.ts';
import { api } from '../kit/api.ts';
import { Button } from '../ui/button.tsx';
import { Segmented } from '../ui/choice.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { kindWords } from './channel-words.ts';

const addressLabels = {
  webhook: { label: 'Address', hint: undefined },
  slack: { label: 'Incoming webhook address', hint: 'It is a secret, and not shown again.' },
  teams: { label: 'Workflow webhook address', hint: 'It is a secret, and not shown again.' },
  sms: { label: 'Provider address', hint: 'Of the Twilio kind: …/Accounts/<account>/Messages.json' },
} as const;

const Fields = z.object({
  name: ChannelName,
  description: z.string().max(500),
  url: z.string().max(2_000),
  account: z.string().max(200),
  secret: z.string().max(500),
  sender: z.string().max(40),
});

/** Adds a channel of any kind; secrets are given here and never shown again. */
export function ChannelDialog({ onClose, onMade }: { onClose: () => void; onMade: (channel: Channel) => void }) {
  const [kind, setKind] = useState<ChannelKind>('email');
  const [recipients, setRecipients] = useState<string[]>([]);
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: Fields,
    defaults: { name: '', description: '', url: '', account: '', secret: '', sender: '' },
    submit: async ({ name, description, url, account, secret, sender }) => {
      const shared = { name, description };
      const body =
        kind === 'email'
          ? { ...shared, kind, recipients }
          : kind === 'sms'
            ? { ...shared, kind, url, account, secret, sender, recipients }
            : kind === 'slack'
              ? { ...shared, kind, url, ...(secret !== '' && { secret }) }
              : { ...shared, kind, url };
      onMade(await api.createChannel({ body }));
    },
  });
  const recipientsFault = failure?.faults.find(({ path }) => path.includes('recipients'))?.message;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={480}
      title="Add channel"
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Add channel
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        <div>
          <Segmented
            label="Kind"
            value={kind}
            onValue={setKind}
            options={channelKinds.map((value) => ({ value, label: kindWords[value] }))}
          />
        </div>
        <Field label="Name" required hint="What playbooks write after to: #ops" error={errorOf('name')}>
          {(slot) => <Input {...slotProps(slot)} autoFocus {...form.register('name')} />}
        </Field>
        {kind !== 'email' && (
          <Field label={addressLabels[kind].label} required hint={addressLabels[kind].hint} error={errorOf('url')}>
            {(slot) => <Input {...slotProps(slot)} mono type="url" {...form.register('url')} />}
          </Field>
        )}
        {kind === 'sms' && (
          <>
            <Field label="Account" required error={errorOf('account')}>
              {(slot) => <Input {...slotProps(slot)} mono autoComplete="off" {...form.register('account')} />}
            </Field>
            <Field label="From" required hint="A number such as +49170…, or a name" error={errorOf('sender')}>
              {(slot) => <Input {...slotProps(slot)} {...form.register('sender')} />}
            </Field>
          </>
        )}
        {(kind === 'sms' || kind === 'slack') && (
          <Field
            label={kind === 'sms' ? 'Auth token' : 'Signing secret'}
            required={kind === 'sms'}
            aside={kind === 'slack' ? 'optional' : undefined}
            hint={
              kind === 'sms'
                ? 'It also proves replies; it is not shown again.'
                : 'Of your Slack app. With it, buttons act without leaving Slack.'
            }
            error={errorOf('secret')}
          >
            {(slot) => (
              <Input {...slotProps(slot)} mono type="password" autoComplete="off" {...form.register('secret')} />
            )}
          </Field>
        )}
        {(kind === 'email' || kind === 'sms') && (
          <Field
            label={kind === 'email' ? 'Mail addresses' : 'Numbers'}
            required={kind === 'email'}
            aside={kind === 'sms' ? 'optional' : undefined}
            hint={kind === 'sms' ? 'Without any, it carries messages to people’s own numbers.' : undefined}
            error={recipientsFault}
          >
            {(slot) => <WordsInput id={slot.id} words={recipients} onWords={setRecipients} />}
          </Field>
        )}
        <Field label="Description" aside="optional" error={errorOf('description')}>
          {(slot) => <Input {...slotProps(slot)} {...form.register('description')} />}
        </Field>
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
