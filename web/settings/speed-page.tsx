import { useQuery } from '@tanstack/react-query';
import { Gauge } from 'lucide-react';
import { z } from 'zod';
import { consolePages } from '#contracts/vitals/console-pages.ts';
import { vitalNames } from '#contracts/vitals/spread.ts';
import type { ConsoleVitals } from '#contracts/vitals/vitals.ts';
import { api } from '../kit/api.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Segmented } from '../ui/choice.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { type Percentile, VitalCard, VitalCell, vitalWords } from './speed-figures.tsx';

const SpeedView = z.object({
  days: z.enum(['1', '7', '28']).default('7'),
  by: z.enum(['p50', 'p75', 'p95']).default('p75'),
});

/** How fast the console is in people’s own browsers, as it has measured and reported itself. */
export function SpeedPage() {
  const [{ days, by }, change] = useUrlState(SpeedView);
  const vitals = useQuery({
    queryKey: ['vitals', days],
    queryFn: ({ signal }) => api.readVitals({ query: { days: Number(days) }, signal }),
    placeholderData: (before) => before,
    // Reports are no events: they would only make work for those who measure.
    refetchInterval: 30_000,
  });
  return (
    <Page
      title="Console speed"
      testId="settings.speed"
      head={
        <FilterBar>
          <Segmented
            label="Time"
            value={days}
            onValue={(next) => change({ days: next })}
            options={[
              { value: '1', label: 'Today' },
              { value: '7', label: '7 days' },
              { value: '28', label: '28 days' },
            ]}
          />
          <Segmented
            label="Percentile"
            value={by}
            onValue={(next) => change({ by: next })}
            options={[
              { value: 'p50', label: 'p50' },
              { value: 'p75', label: 'p75' },
              { value: 'p95', label: 'p95' },
            ]}
          />
        </FilterBar>
      }
    >
      <div className="px-5 pb-8 max-sm:px-4">
        <Answer
          of={vitals}
          what="The figures"
          waiting={<SkeletonLines />}
          isEmpty={({ pages }) => pages.length === 0}
          empty={<NothingYet isNarrowed={days !== '28'} onAll={() => change({ days: '28' })} />}
        >
          {(data) => <Figures data={data} by={by} />}
        </Answer>
      </div>
    </Page>
  );
}

function NothingYet({ isNarrowed, onAll }: { isNarrowed: boolean; onAll: () => void }) {
  return (
    <EmptyState
      icon={Gauge}
      title="Nothing measured in this time"
      action={isNarrowed && <Button onClick={onAll}>Look at 28 days</Button>}
    >
      Each browser reports by itself, half a minute after a page was opened and when it is left.
    </EmptyState>
  );
}

function Figures({ data, by }: { data: ConsoleVitals; by: Percentile }) {
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-[repeat(auto-fill,minmax(232px,1fr))] gap-3">
        {vitalNames.map((name) => (
          <VitalCard key={name} name={name} vitals={data.all} by={by} />
        ))}
      </div>
      <Card>
        <SectionHead title="By page" count={data.pages.length} hint={`the ${by} of each figure`} />
        {/* Focusable, since it scrolls by itself where the screen is narrow. */}
        <div className="overflow-x-auto" role="region" aria-label="Figures by page" tabIndex={0}>
          <table className="w-full min-w-[640px]">
            <thead className="border-y border-line bg-sunken text-meta text-text-3">
              <tr>
                <th scope="col" className="h-8 pl-3.5 text-left font-medium">
                  Page
                </th>
                {vitalNames.map((name) => (
                  <th key={name} scope="col" className="px-2 text-right font-medium last:pr-3.5">
                    {vitalWords[name].title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.pages.map(({ page, vitals }) => (
                <tr key={page} className="h-9 border-b border-line last:border-b-0" data-page={page}>
                  <th scope="row" className="pl-3.5 text-left font-medium whitespace-nowrap" title={page}>
                    {consolePages[page]}
                  </th>
                  {vitalNames.map((name) => (
                    <td key={name} className="px-2 text-right whitespace-nowrap last:pr-3.5">
                      <VitalCell name={name} vitals={vitals} by={by} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
      <p className="max-w-[720px] text-meta text-text-3">
        Measured in the browsers of this workspace, known to 5%, kept for 28 days as counts a page: neither who nor what
        was looked at. LCP, FCP and TTFB are those of a first load, INP and CLS are counted at the page where the worst
        of a visit happened.
      </p>
    </div>
  );
}
