import { Mail, MessageSquare, Plus, Smartphone, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import {
  type Contact,
  type ContactKind,
  contactKinds,
  type MyNotifications,
} from '#contracts/notifications/my-notifications.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, Note, SectionHead, Tag } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Input } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import { useFreshNotifications } from './use-my-notifications.ts';

const icons = { email: Mail, slack: MessageSquare, sms: Smartphone } as const;
const words: Readonly<Record<ContactKind, { kind: string; label: string; hint: string; name: string }>> = {
  email: { kind: 'Mail', label: 'Mail address', hint: 'A second mailbox, such as a private one.', name: 'Second mail' },
  slack: {
    kind: 'Slack',
    label: 'Incoming webhook address',
    hint: 'One that writes to you directly. It is a secret, and not shown again.',
    name: 'Slack',
  },
  sms: { kind: 'SMS', label: 'Number', hint: 'With its country, such as +49 170 1234567.', name: 'Phone' },
};

/** A person's own contacts; each is used once it is proven by a code. */
export function ContactsCard({ mine }: { mine: MyNotifications }) {
  const offline = useOffline();
  const fresh = useFreshNotifications();
  const [isAdding, setAdding] = useState(false);
  const [proving, setProving] = useState<Contact | null>(null);
  const [busy, setBusy] = useState('');
  const remove = async ({ id, label }: Contact) => {
    setBusy(id);
    try {
      await api.removeMyContact({ params: { id } });
      toast.done(`${label} is removed`);
      fresh();
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  const askCode = async (contact: Contact) => {
    setBusy(contact.id);
    try {
      setProving(await api.sendMyContactCode({ params: { id: contact.id } }));
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  return (
    <Card label="Ways to reach you">
      <SectionHead
        title="Ways to reach you"
        end={
          <Button size="sm" icon={Plus} refusal={offline} onClick={() => setAdding(true)}>
            Add a way
          </Button>
        }
      />
      {!mine.canSend.email && (
        <div className="px-3.5 pb-3">
          <Note tone="wait">Mail is not set up on this installation, so nothing can be mailed to you.</Note>
        </div>
      )}
      <ul>
        <li className="flex min-h-11 items-center gap-3 border-t border-line px-3.5 py-1.5">
          <Icon of={Mail} className="text-text-3" />
          <span className="font-medium">Mail of your account</span>
          <span className="min-w-0 flex-1 truncate text-meta text-text-2">{mine.accountMail}</span>
        </li>
        {mine.contacts.map((contact) => (
          <li
            key={contact.id}
            className="flex min-h-11 flex-wrap items-center gap-3 border-t border-line px-3.5 py-1.5"
          >
            <Icon of={icons[contact.kind]} className="text-text-3" />
            <span className="font-medium">{contact.label}</span>
            <span className="min-w-0 flex-1 truncate text-meta text-text-2">{contact.shown}</span>
            {contact.verifiedAt === null && (
              <>
                <Tag tone="wait">not proven yet</Tag>
                <Button size="sm" onClick={() => setProving(contact)}>
                  Enter code
                </Button>
                <Button size="sm" busy={busy === contact.id} refusal={offline} onClick={() => void askCode(contact)}>
                  New code
                </Button>
              </>
            )}
            <IconButton
              size="sm"
              icon={Trash2}
              label={`Remove ${contact.label}`}
              refusal={offline}
              busy={busy === contact.id}
              onClick={() => void remove(contact)}
            />
          </li>
        ))}
      </ul>
      {isAdding && (
        <AddDialog
          canText={mine.canSend.sms}
          onClose={() => setAdding(false)}
          onAdded={(contact) => {
            setAdding(false);
            setProving(contact);
            fresh();
          }}
        />
      )}
      {proving && (
        <CodeDialog
          contact={proving}
          onClose={() => setProving(null)}
          onProven={() => {
            toast.done(`${proving.label} is proven to be yours`);
            setProving(null);
            fresh();
          }}
        />
      )}
    </Card>
  );
}

function AddDialog({
  canText,
  onClose,
  onAdded,
}: {
  canText: boolean;
  onClose: () => void;
  onAdded: (contact: Contact) => void;
}) {
  const [kind, setKind] = useState<ContactKind>(canText ? 'sms' : 'email');
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: z.object({ label: z.string().max(120), address: z.string().min(1).max(2_000) }),
    defaults: { label: '', address: '' },
    submit: async ({ label, address }) =>
      onAdded(await api.addMyContact({ body: { kind, address, label: label.trim() || words[kind].name } })),
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={460}
      title="Add a way to reach you"
      description="A code is sent to it. It is used once you have given that back."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Send the code
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
            options={contactKinds.map((value) => ({ value, label: words[value].kind }))}
          />
        </div>
        {kind === 'sms' && !canText && (
          <Note tone="wait">No channel of the kind SMS is set up, so nothing can be texted.</Note>
        )}
        <Field label={words[kind].label} required hint={words[kind].hint} error={errorOf('address')}>
          {(slot) => <Input {...slotProps(slot)} mono autoFocus {...form.register('address')} />}
        </Field>
        <Field label="Name" aside="optional" error={errorOf('label')}>
          {(slot) => <Input {...slotProps(slot)} placeholder={words[kind].name} {...form.register('label')} />}
        </Field>
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function CodeDialog({ contact, onClose, onProven }: { contact: Contact; onClose: () => void; onProven: () => void }) {
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: z.object({ code: z.string().trim().min(4, 'Six digits.').max(20) }),
    defaults: { code: '' },
    submit: async (body) => {
      await api.verifyMyContact({ params: { id: contact.id }, body });
      onProven();
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={400}
      title={`Prove that ${contact.label} is yours`}
      description={`A code of six digits was sent to ${contact.shown}. It is good for 15 minutes.`}
      foot={
        <>
          <Button onClick={onClose}>Later</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Prove it
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        <Field label="Code" required error={errorOf('code')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              autoFocus
              inputMode="numeric"
              autoComplete="one-time-code"
              {...form.register('code')}
            />
          )}
        </Field>
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
