import { Download, Trash2 } from 'lucide-react';
import type { Artifact } from '#contracts/playbooks/artifacts.ts';
import { addressOf } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { bytesText } from '../kit/time.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Copy } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

/** One stored file: what it is, who uses it, how a step names it. */
export function FileDetail({ file, onDelete }: { file: Artifact; onDelete: () => void }) {
  const refusal = useRefusal();
  const offline = useOffline();
  return (
    <div className="flex flex-col gap-4 p-5" data-testid="files.detail">
      <div className="flex flex-wrap gap-2">
        <Button asChild>
          <a
            href={addressOf('downloadArtifact', { params: { id: file.id }, query: { workspace: currentWorkspace() } })}
            download
          >
            <Icon of={Download} size={14} /> Download
          </a>
        </Button>
        <Button look="danger" icon={Trash2} refusal={offline ?? refusal('playbooks:edit')} onClick={onDelete}>
          Delete file
        </Button>
      </div>
      <KeyValue
        pairs={[
          [
            'Size',
            <span
              key="b"
              className="num"
            >{`${bytesText(file.bytes)} (${file.bytes.toLocaleString('en-GB')} bytes)`}</span>,
          ],
          [
            'SHA-256',
            <span key="h" className="font-mono text-[11.5px] break-all">
              <Copy text={file.sha256} what="SHA-256">
                {file.sha256}
              </Copy>
            </span>,
          ],
          ['Uploaded by', <Person key="p" name={file.createdBy.name} kind={file.createdBy.kind} />],
          ['Uploaded', <RelativeTime key="t" at={file.createdAt} />],
          ['Goes', file.expiresAt ? <RelativeTime key="e" at={file.expiresAt} /> : 'when somebody deletes it'],
        ]}
      />
      <section aria-label="Used by">
        <h3 className="mb-1 font-semibold">Used by</h3>
        {file.usedBy.length === 0 ? (
          <p className="text-meta text-text-2">
            No playbook names it. One that makes the name from an input is not known here.
          </p>
        ) : (
          <ul>
            {file.usedBy.map(({ id, name }) => (
              <li key={id} className="py-0.5 max-sm:py-2.5">
                <Go to={`/playbooks/${id}`} className="text-accent hover:underline">
                  <bdi>{name}</bdi>
                </Go>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-label="In a playbook">
        <h3 className="mb-1 font-semibold">In a playbook</h3>
        <CodeBlock what="step">{`- id: put
  kind: upload
  hosts: { tags: [web] }
  to: /opt/app/${file.name.split('/').at(-1) ?? file.name}
  artifact: ${file.name}`}</CodeBlock>
      </section>
    </div>
  );
}
