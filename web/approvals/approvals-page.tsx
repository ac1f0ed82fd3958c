import { useQuery } from '@tanstack/react-query';
import { CircleCheck, SearchX } from 'lucide-react';
import { z } from 'zod';
import type { Approval } from '#contracts/approvals/approvals.ts';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { useIsNarrow } from '../kit/media.ts';
import { Go } from '../kit/navigation.tsx';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Page } from '../ui/page.tsx';
import { Countdown, RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import type { StatusName } from '../ui/status.ts';
import { Tabs } from '../ui/tabs.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { stateWords } from './approval-words.ts';

const View = z.object({ box: z.enum(['mine', 'open', 'all']).default('mine'), sel: z.string().default('') });
const glyphs: Readonly<Record<Approval['state'], StatusName>> = {
  open: 'waiting',
  approved: 'succeeded',
  rejected: 'failed',
  expired: 'timed_out',
  withdrawn: 'canceled',
  superseded: 'skipped',
};

/** The inbox of questions that runs ask: those for me, all that are open, and what was decided. */
export function ApprovalsPage() {
  const [view, setView] = useUrlState(View);
  const isNarrow = useIsNarrow();
  const approvals = useQuery({
    queryKey: ['approvals', view.box],
    queryFn: ({ signal }) =>
      api.listApprovals({ query: view.box === 'mine' ? { mine: 'true' } : { state: view.box }, signal }),
    placeholderData: (before) => before,
  });
  const rows = approvals.data ?? [];
  const selected = rows.find(({ id }) => id === view.sel) ?? (isNarrow ? undefined : rows[0]);
  const detail = selected && (
    <>
      <ApprovalCard key={selected.id} approval={selected} withKeys />
      <p className="p-4 text-meta">
        <Go
          to={`/runs/${selected.runId}`}
          search={{ step: selected.stepAddress }}
          className="text-accent hover:underline"
        >
          Open the run and its log
        </Go>
      </p>
    </>
  );
  return (
    <Page
      title="Approvals"
      panes
      testId="approvals.page"
      head={
        <Tabs
          label="Boxes"
          panelId="approvals-list"
          value={view.box}
          onValue={(box) => setView({ box, sel: '' })}
          tabs={[
            { value: 'mine', label: 'For me', count: view.box === 'mine' ? rows.length : undefined },
            { value: 'open', label: 'All open' },
            { value: 'all', label: 'Decided and open' },
          ]}
        />
      }
    >
      <Answer
        of={approvals}
        what="The approvals"
        isEmpty={(data) => data.length === 0}
        empty={
          view.box === 'all' ? (
            <EmptyState icon={SearchX} title="No run has asked anything yet" />
          ) : (
            <EmptyState
              icon={CircleCheck}
              title={view.box === 'mine' ? 'Nothing waits for you' : 'Nothing waits for anybody'}
            >
              Runs ask here before they go on, where their playbook says so.
            </EmptyState>
          )
        }
      >
        {(data) => (
          <div className="flex min-h-0 flex-1">
            <div
              id="approvals-list"
              role="tabpanel"
              tabIndex={0}
              className={cx('min-h-0 overflow-auto', isNarrow ? 'flex-1' : 'w-[380px] flex-none border-r border-line')}
            >
              <ul className="py-1.5">
                {data.map((approval) => (
                  <li key={approval.id}>
                    <button
                      type="button"
                      aria-current={approval.id === selected?.id || undefined}
                      onClick={() => setView({ sel: approval.id })}
                      className={cx(
                        'flex w-full items-start gap-2.5 px-5 py-2 text-left max-sm:min-h-14',
                        approval.id === selected?.id ? 'bg-accent-soft' : 'hover:bg-sunken',
                      )}
                    >
                      <span className="mt-0.5">
                        <StatusGlyph status={glyphs[approval.state]} word={stateWords[approval.state]} />
                      </span>
                      <span className="min-w-0 flex-1">
                        <span className="block truncate font-medium">{approval.subject}</span>
                        <span className="block truncate text-meta text-text-2">
                          {approval.run.title} · {approval.run.actor.name}
                        </span>
                      </span>
                      <span className="num text-meta whitespace-nowrap text-text-3">
                        {approval.state === 'open' ? (
                          approval.expiresAt ? (
                            <span className="text-wait-fg">
                              <Countdown until={approval.expiresAt} />
                            </span>
                          ) : (
                            'no limit'
                          )
                        ) : (
                          <RelativeTime at={approval.decidedAt ?? approval.askedAt} />
                        )}
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            </div>
            {!isNarrow && (
              <div className="min-w-0 flex-1 overflow-auto">
                <div className="max-w-[640px]">{detail}</div>
              </div>
            )}
          </div>
        )}
      </Answer>
      {isNarrow && (
        <Drawer isOpen={selected !== undefined} onClose={() => setView({ sel: '' })} title="Decide">
          {detail}
        </Drawer>
      )}
    </Page>
  );
}
