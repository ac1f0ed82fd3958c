import { useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type Credential } from '#contracts/servers/credentials.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { IconButton } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';

/** What kinds of credentials are called. */
export const kindWords = { ssh_key: 'SSH key', password: 'Password' } as const;

/** One credential: what it is and who uses it; its secret never comes out. */
export function CredentialDetail({ credential }: { credential: Credential }) {
  const go = useGo();
  return (
    <div className="flex flex-col gap-4 p-5">
      <KeyValue
        pairs={[
          ['User', credential.username],
          ['Kind', credential.keyType ?? kindWords[credential.kind]],
          [
            'Fingerprint',
            <span key="f" className="font-mono text-[11px] break-all">
              {credential.fingerprint ?? '–'}
            </span>,
          ],
          ['Passphrase', credential.hasPassphrase ? 'kept' : 'none'],
          ['Sudo password', credential.hasSudoPassword ? 'kept' : 'none'],
          [
            'Used by',
            <button
              key="u"
              type="button"
              className="text-accent hover:underline"
              onClick={() => go('/servers')}
            >{`${credential.usedBy} ${credential.usedBy === 1 ? 'server' : 'servers'}`}</button>,
          ],
          ['Last used', credential.lastUsedAt ? <RelativeTime key="l" at={credential.lastUsedAt} /> : 'never'],
          ['Rotated', <RelativeTime key="r" at={credential.rotatedAt} />],
          ...(credential.description ? [['Description', credential.description] as const] : []),
        ]}
      />
      {credential.publicKey && (
        <CodeBlock what="public key" wrap>
          {credential.publicKey}
        </CodeBlock>
      )}
    </div>
  );
}

/** What can be done to one credential. */
export function CredentialMenu({ credential, onEdit }: { credential: Credential; onEdit: () => void }) {
  const refusal = useRefusal();
  const offline = useOffline();
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const manage = offline ?? refusal('credentials:manage');
  const remove = async () => {
    await api.deleteCredential({ params: { id: credential.id } });
    toast.done(`${credential.name} is deleted`);
    void client.invalidateQueries({ queryKey: ['credentials'] });
    setAsking(false);
  };
  return (
    <>
      <Menu label={`Acts on ${credential.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
        <MenuItem icon={Pencil} refusal={manage} onSelect={onEdit}>
          Edit or rotate
        </MenuItem>
        <MenuItem
          icon={Trash2}
          danger
          refusal={manage ?? (credential.usedBy > 0 ? `${credential.usedBy} servers use it.` : null)}
          onSelect={() => setAsking(true)}
        >
          Delete credential
        </MenuItem>
      </Menu>
      <AlertDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete ${credential.name}?`}
        act="Delete credential"
        onAct={remove}
        typeName={credential.name}
      >
        The secret is destroyed. No server uses it.
      </AlertDialog>
    </>
  );
}
