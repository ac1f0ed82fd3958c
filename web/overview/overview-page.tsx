import { lazy, Suspense } from 'react';
import { overviewSpans } from '#contracts/runs/spans.ts';
import { AfterPaint } from '../kit/after-paint.tsx';
import { useNow } from '../kit/clock.ts';
import { useIsPhone } from '../kit/media.ts';
import { useMe } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Page } from '../ui/page.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { Skeleton, SkeletonLines } from '../ui/skeleton.tsx';
import { Figures } from './figures.tsx';
import { spanWords, useOverview, useOverviewView, useTrends } from './overview.ts';
import { RunningNow } from './running-now.tsx';
import { HealthCard, NextSchedules, WhyFailed } from './side-cards.tsx';
import { WaitingForYou } from './waiting-for-you.tsx';

// Only a new workspace shows them.
const FirstSteps = lazy(async () => ({ default: (await import('./first-steps.tsx')).FirstSteps }));
// Below what is read first; it comes a moment later, and the chart library after it.
const TrendsCard = lazy(async () => ({ default: (await import('./trends-card.tsx')).TrendsCard }));

/** The first page: what waits for you, what runs, what comes, what failed. In a new workspace: what to do first. */
export function OverviewPage() {
  const [view, setView] = useOverviewView();
  const { user } = useMe();
  const isMine = view.who === 'mine';
  const actor = isMine ? user.id : undefined;
  const overview = useOverview(view.span, actor);
  const trends = useTrends(view.span, actor);
  const isPhone = useIsPhone();
  const isNew = overview.data?.isNew === true;
  return (
    <Page
      title="Overview"
      hint={<Today />}
      testId="overview.page"
      action={
        !isNew && (
          <>
            <Segmented
              label="Whose runs"
              value={view.who}
              onValue={(who) => setView({ who })}
              options={[
                { value: 'mine', label: 'Mine' },
                { value: 'everyone', label: 'Everyone' },
              ]}
            />
            <Segmented
              label="How far back"
              value={view.span}
              onValue={(span) => setView({ span })}
              options={overviewSpans.map((span) => ({ value: span, label: spanWords[span] }))}
            />
          </>
        )
      }
    >
      <div className="px-5 pb-5 max-sm:px-4">
        <Answer of={overview} what="The overview" waiting={<OverviewSkeleton />}>
          {(data) => {
            if (data.isNew)
              return (
                <Suspense fallback={null}>
                  <FirstSteps overview={data} />
                </Suspense>
              );
            const band = <Figures overview={data} trends={trends.data} isMine={isMine} />;
            return (
              <div className="flex flex-col gap-4">
                {!isPhone && band}
                <div className="grid grid-cols-[minmax(0,1fr)_344px] gap-4 max-md:grid-cols-1">
                  <div className="flex min-w-0 flex-col gap-4">
                    <WaitingForYou open={view.approval} onOpen={(approval) => setView({ approval })} />
                    {isPhone && band}
                    <RunningNow alive={data.running + data.waiting + data.queued} actor={actor} />
                    <AfterPaint instead={<Skeleton className="appear-late h-[216px] rounded-lg!" />}>
                      <TrendsCard
                        trends={trends}
                        span={view.span}
                        isMine={isMine}
                        chart={view.chart}
                        onChart={(chart) => setView({ chart })}
                      />
                    </AfterPaint>
                  </div>
                  <div className="flex min-w-0 flex-col gap-4">
                    <HealthCard servers={data.servers} />
                    <NextSchedules schedules={data.nextSchedules} />
                    <WhyFailed overview={data} isMine={isMine} />
                  </div>
                </div>
              </div>
            );
          }}
        </Answer>
      </div>
    </Page>
  );
}

function Today() {
  const zone = useZone();
  const now = useNow();
  return (
    <span className="max-md:hidden">
      {new Intl.DateTimeFormat('en-GB', {
        weekday: 'long',
        day: 'numeric',
        month: 'long',
        hour: '2-digit',
        minute: '2-digit',
        timeZoneName: 'short',
        timeZone: zone,
      }).format(now)}
    </span>
  );
}

/** The page before its figures have come: the same cards, empty. */
function OverviewSkeleton() {
  const card = 'rounded-lg border border-line';
  return (
    <div role="status" aria-label="Loading" className="appear-late flex flex-col gap-4">
      <div className={`${card} h-[86px] p-3.5`}>
        <Skeleton className="h-[9px] w-1/3" />
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)_344px] gap-4 max-md:grid-cols-1">
        <div className="flex flex-col gap-4">
          <div className={`${card} h-44`}>
            <SkeletonLines lines={5} label="Loading what waits" />
          </div>
          <div className={`${card} h-52`}>
            <SkeletonLines lines={6} label="Loading what runs" />
          </div>
        </div>
        <div className={`${card} h-80`}>
          <SkeletonLines lines={8} label="Loading health" />
        </div>
      </div>
    </div>
  );
}
