import { useQuery, useQueryClient } from '@tanstack/react-query';
import { LockKeyhole, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { WorkspaceSecret } from '#contracts/settings/settings.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { SecretDialog } from './secret-dialog.tsx';

/** The stored secrets by name; their values go in and never come out. */
export function SecretsCard() {
  const client = useQueryClient();
  const refusal = useRefusal()('secrets:manage');
  const offline = useOffline();
  const secrets = useQuery({ queryKey: ['secrets'], queryFn: ({ signal }) => api.listSecrets({ signal }) });
  const [edited, setEdited] = useState<WorkspaceSecret | 'new' | null>(null);
  const [deleted, setDeleted] = useState<WorkspaceSecret | null>(null);
  const done = (message: string) => {
    toast.done(message);
    setEdited(null);
    setDeleted(null);
    void client.invalidateQueries({ queryKey: ['secrets'] });
  };
  const remove = async (secret: WorkspaceSecret) => {
    await api.deleteSecret({ params: { id: secret.id } });
    done(`${secret.name} is deleted`);
  };
  const add = (
    <Button size="sm" icon={Plus} refusal={offline ?? refusal} onClick={() => setEdited('new')}>
      Add secret
    </Button>
  );
  return (
    <Card label="Secrets">
      <SectionHead
        title="Secrets"
        className="max-sm:py-2"
        hint={
          <>
            in playbooks as <span className="font-mono text-[11.5px]">secrets.name</span>; never shown again
          </>
        }
        end={add}
      />
      <Answer
        of={secrets}
        what="The secrets"
        waiting={<SkeletonLines />}
        isEmpty={({ data }) => data.length === 0}
        empty={<EmptyState icon={LockKeyhole} title="No secret yet" />}
      >
        {({ data }) => (
          <ul>
            {data.map((secret) => (
              <li key={secret.id} className="flex items-center gap-3 border-t border-line px-3.5 py-1.5">
                <div className="flex min-w-0 flex-1 items-center gap-x-3 max-sm:flex-col max-sm:items-start">
                  <span className="max-w-full truncate font-mono text-meta font-medium" title={secret.name}>
                    {secret.name}
                  </span>
                  <bdi className="max-w-full min-w-0 truncate text-meta text-text-2 sm:flex-1">
                    {secret.description}
                  </bdi>
                  <span className="max-w-full truncate text-meta text-text-3">
                    <bdi>{secret.updatedBy.name}</bdi> · <RelativeTime at={secret.updatedAt} />
                  </span>
                </div>
                <IconButton
                  size="sm"
                  icon={Pencil}
                  label={`Replace ${secret.name}`}
                  refusal={offline ?? refusal}
                  onClick={() => setEdited(secret)}
                />
                <IconButton
                  size="sm"
                  icon={Trash2}
                  label={`Delete ${secret.name}`}
                  refusal={offline ?? refusal}
                  onClick={() => setDeleted(secret)}
                />
              </li>
            ))}
          </ul>
        )}
      </Answer>
      {edited && (
        <SecretDialog
          secret={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={(name) => done(`${name} is stored`)}
        />
      )}
      <AlertDialog
        isOpen={deleted !== null}
        onClose={() => setDeleted(null)}
        title={`Delete ${deleted?.name ?? ''}?`}
        act="Delete secret"
        typeName={deleted?.name}
        onAct={() => deleted && remove(deleted)}
      >
        Playbooks that read it fail from now on.
      </AlertDialog>
    </Card>
  );
}
