import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '../kit/api.ts';
import { EntryFrame, EntryHead } from '../identity/entry-frame.tsx';
import { LinkAnswer } from '../identity/link-answer.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { stateWords } from './approval-words.ts';

/** The page behind a mail's link: it shows the question; only a press of a button decides. */
export function ApprovalLinkPage() {
  const { token } = useParams({ strict: false }) as { token: string };
  const client = useQueryClient();
  const asked = useQuery({
    queryKey: ['approval-link', token],
    queryFn: ({ signal }) => api.showApprovalByToken({ params: { token }, signal }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <EntryFrame title="Decide">
      <LinkAnswer of={asked} what="The question" instead={{ to: '/sign-in', act: 'Sign in' }}>
        {({ approval, person, workspace }) => (
          <>
            <EntryHead
              title={approval.state === 'open' ? 'Decide' : stateWords[approval.state]}
            >{`${approval.run.title}, in ${workspace}. You decide as ${person.name} (${person.email}).`}</EntryHead>
            <div className="overflow-hidden rounded-lg border border-line">
              <ApprovalCard
                approval={approval}
                withKeys
                decide={async (body) =>
                  client.setQueryData(
                    ['approval-link', token],
                    await api.decideApprovalByToken({ params: { token }, body }),
                  )
                }
              />
            </div>
          </>
        )}
      </LinkAnswer>
    </EntryFrame>
  );
}
