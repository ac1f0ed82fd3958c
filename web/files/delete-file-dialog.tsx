import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Artifact } from '#contracts/playbooks/artifacts.ts';
import { api } from '../kit/api.ts';
import { AlertDialog } from '../ui/dialog.tsx';
import { toast } from '../ui/toast.tsx';

const names = (things: readonly { name: string }[]): string => things.map(({ name }) => name).join(', ');

/** Asks before a file goes: which playbooks upload it and which open runs may still need it. */
export function DeleteFileDialog({
  file,
  onClose,
  onDeleted,
}: {
  file: Artifact;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const client = useQueryClient();
  const runs = useQuery({
    queryKey: ['artifacts', 'runs', file.id],
    queryFn: ({ signal }) => api.listArtifactRuns({ params: { id: file.id }, signal }),
  });
  const open = runs.data?.data ?? [];
  return (
    <AlertDialog
      isOpen
      onClose={onClose}
      title={`Delete ${file.name}?`}
      act="Delete file"
      busy={runs.isPending}
      {...(file.usedBy.length > 0 && { typeName: file.name })}
      onAct={async () => {
        await api.deleteArtifact({ params: { id: file.id } });
        toast.done(`${file.name} is deleted`);
        onDeleted();
        await client.invalidateQueries({ queryKey: ['artifacts'] });
      }}
    >
      {file.usedBy.length > 0 ? (
        <p>
          {file.usedBy.length === 1 ? 'The playbook ' : `${file.usedBy.length} playbooks upload it: `}
          <bdi className="font-medium text-text">{names(file.usedBy)}</bdi>
          {file.usedBy.length === 1 ? ' uploads it and fails' : ' They fail'} from now on, until a file of this name is
          stored again.
        </p>
      ) : (
        <p>No playbook names it. One that makes the name from an input would fail when it runs.</p>
      )}
      {open.length > 0 && (
        <p className="mt-1.5">
          {open.length === 1 ? 'An open run may still need it: ' : `${open.length} open runs may still need it: `}
          <bdi className="font-medium text-text">{open.map(({ title }) => title).join(', ')}</bdi>.
        </p>
      )}
      <p className="mt-1.5">What was written to servers stays there.</p>
    </AlertDialog>
  );
}
