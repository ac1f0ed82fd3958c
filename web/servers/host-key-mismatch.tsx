import { ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import type { Server } from '#contracts/servers/servers.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyValue } from '../ui/key-value.tsx';

/** The host offers another key than the pinned one: nothing connects until a person has compared and decided. */
export function HostKeyMismatch({
  server,
  busy,
  refusal,
  onTrust,
}: {
  server: Server;
  busy: boolean;
  refusal: string | null;
  onTrust: (fingerprint: string, reason: string) => Promise<void>;
}) {
  const [isAsking, setAsking] = useState(false);
  const offered = server.offeredHostKey;
  return (
    <div className="px-4 pb-3">
      <Note tone="fail" className="flex-col">
        <p className="flex items-center gap-1.5 font-semibold">
          <Icon of={ShieldAlert} size={14} /> The host key has changed
        </p>
        <p>Either the machine was set up anew, or somebody stands between. Nothing connects until a person decides.</p>
        <KeyValue
          mono
          pairs={
            [
              ['pinned', server.hostKey?.fingerprint ?? 'none'],
              ['offered', offered?.fingerprint ?? 'not seen'],
            ] as const
          }
        />
        {offered && (
          <Button size="sm" look="danger" className="self-start" refusal={refusal} onClick={() => setAsking(true)}>
            Trust the new key
          </Button>
        )}
      </Note>
      {offered && (
        <AlertDialog
          isOpen={isAsking}
          onClose={() => setAsking(false)}
          title={`Trust the new key of ${server.name}?`}
          act="Trust the new key"
          keep="Keep the old one"
          busy={busy}
          onAct={() => onTrust(offered.fingerprint, '').then(() => setAsking(false))}
          typeName={server.name}
        >
          <p>
            Compare it on the machine itself:{' '}
            <span className="font-mono text-[11.5px]">ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub</span>
          </p>
          <p className="mt-1 font-mono text-[11.5px] break-all text-text">
            {offered.algorithm} {offered.fingerprint}
          </p>
        </AlertDialog>
      )}
    </div>
  );
}
