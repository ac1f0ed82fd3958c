import { useParams } from '@tanstack/react-router';
import { Suspense } from 'react';
import { Answer } from '../ui/answer.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { starter, usePlaybook } from './playbooks.ts';
import { PlaybookEditor } from './playbook-editor.tsx';

/** A playbook: its document to write, check, try, run, and every version of it. `new` begins one. */
export function PlaybookPage() {
  const { playbookId } = useParams({ strict: false }) as { playbookId: string };
  const playbook = usePlaybook(playbookId);
  const waiting = <SkeletonLines lines={10} />;
  return (
    <Suspense fallback={waiting}>
      {playbookId === 'new' ? (
        <PlaybookEditor key="new" saved={null} start={starter} />
      ) : (
        <Answer of={playbook} what="The playbook" waiting={waiting}>
          {(data) => <PlaybookEditor key={data.id} saved={data} start={data.yaml} />}
        </Answer>
      )}
    </Suspense>
  );
}
