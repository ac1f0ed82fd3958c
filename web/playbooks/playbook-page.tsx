import { useParams } from '@tanstack/react-router';
import { Suspense } from 'react';
import { queryClient } from '../kit/query-client.ts';
import { Answer } from '../ui/answer.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { playbookQuery, starter, usePlaybook } from './playbooks.ts';
import { PlaybookEditor } from './playbook-editor.tsx';

/** The playbook of the address is asked for while the page's frame still waits for the session. */
export const askFirst = (): void => {
  const id = /\/playbooks\/([0-9a-f-]{36})$/.exec(location.pathname)?.[1];
  if (id) void queryClient.prefetchQuery(playbookQuery(id));
};

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
