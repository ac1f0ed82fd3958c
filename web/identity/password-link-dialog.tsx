import { useState } from 'react';
import type { Member } from '#contracts/identity/workspaces.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FormFailure } from '../ui/form.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

/** A one-time link to a new password, for somebody who is locked out. Only an instance administrator makes one. */
export function PasswordLinkDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const [removeSecondFactor, setRemove] = useState(false);
  const [made, setMade] = useState<Awaited<ReturnType<typeof api.makePasswordLink>> | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    setFailure(null);
    try {
      setMade(await api.makePasswordLink({ body: { email: member.email, removeSecondFactor } }));
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={made ? 'The link is made' : `A new password for ${member.name}`}
      description={
        made
          ? made.isMailed
            ? 'It was mailed. You can also hand it over yourself; it is shown this once.'
            : 'Hand it over yourself, to nobody else; it is shown this once.'
          : 'A link that works once, for a day. With the new password all their sessions end.'
      }
      foot={
        made ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" busy={busy} onClick={() => void make()}>
              Make the link
            </Button>
          </>
        )
      }
    >
      {made ? (
        <>
          <CodeBlock what="link" wrap>
            {made.link}
          </CodeBlock>
          <p className="mt-2 text-meta text-text-2">
            It ends <RelativeTime at={made.expiresAt} />.
          </p>
        </>
      ) : (
        <div className="flex flex-col gap-3">
          {member.hasSecondFactor && (
            <Checkbox
              checked={removeSecondFactor}
              onChecked={setRemove}
              label="Their second factor goes as well: app, security keys and recovery codes are lost"
            />
          )}
          <FormFailure failure={failure} />
        </div>
      )}
    </Dialog>
  );
}
