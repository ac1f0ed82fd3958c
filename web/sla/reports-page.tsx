import { useQuery } from '@tanstack/react-query';
import { ChartNoAxesGantt, Download } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { z } from 'zod';
import { incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import type { Figures, IncidentReport } from '#contracts/sla/reports.ts';
import { Severity } from '../incidents/severity.tsx';
import { addressOf, api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { Go } from '../kit/navigation.tsx';
import { durationText } from '../kit/time.ts';
import { useUrlState } from '../kit/url-state.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { Answer } from '../ui/answer.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { clockWords } from './sla-words.ts';

const AttainmentChart = lazy(async () => ({ default: (await import('./report-charts.tsx')).AttainmentChart }));

const View = z.object({
  days: z.enum(['30', '90', '180', '365']).default('90'),
  severity: z.enum(['all', ...incidentSeverities]).default('all'),
});
const dayMs = 86_400_000;

/** What was kept of what was promised, how long it took, and what will be late. */
export function ReportsPage() {
  const [view, setView] = useUrlState(View);
  // By the hour, so that a page that stays open does not ask anew each second.
  const to = Math.ceil(clock.read() / 3_600_000) * 3_600_000;
  const query = {
    from: new Date(to - Number(view.days) * dayMs).toISOString(),
    to: new Date(to).toISOString(),
    ...(view.severity !== 'all' && { severity: view.severity }),
  };
  const report = useQuery({
    queryKey: ['incidents', 'report', query],
    queryFn: ({ signal }) => api.getIncidentReport({ query, signal }),
  });
  const download = addressOf('exportIncidentReport', { query: { ...query, workspace: currentWorkspace() } });
  return (
    <Page
      title="Incident reports"
      testId="incidents.reports"
      crumbs={[
        <Go key="i" to="/incidents" className="hover:underline">
          Incidents
        </Go>,
        'Reports',
      ]}
      action={<DownloadLink address={download} />}
      head={
        <FilterBar>
          <Segmented
            label="Opened in the last"
            value={view.days}
            onValue={(days) => setView({ days })}
            options={[
              { value: '30', label: '30 days' },
              { value: '90', label: '90 days' },
              { value: '180', label: '180 days' },
              { value: '365', label: 'A year' },
            ]}
          />
          <Select
            size="sm"
            className="w-auto! flex-none max-sm:h-11"
            label="Severity"
            value={view.severity}
            onValue={(severity) => setView({ severity: View.shape.severity.parse(severity) })}
            options={[
              { value: 'all', label: 'All severities' },
              ...incidentSeverities.map((value) => ({ value, label: value.toUpperCase() })),
            ]}
          />
        </FilterBar>
      }
    >
      <div className="flex flex-col gap-4 px-5 pb-8 max-sm:px-4">
        <Forecast />
        <Answer
          of={report}
          what="The report"
          waiting={<SkeletonLines />}
          isEmpty={({ whole }) => whole.incidents === 0}
          empty={
            <EmptyState icon={ChartNoAxesGantt} title="No incident in this time">
              What was promised and kept is counted here once incidents were opened.
            </EmptyState>
          }
        >
          {(data) => <Report report={data} />}
        </Answer>
      </div>
    </Page>
  );
}

function DownloadLink({ address }: { address: string }) {
  return (
    <a
      href={address}
      download
      className="inline-flex h-[30px] items-center gap-1.5 rounded-md border border-line-strong px-3 font-medium hover:bg-fill max-sm:h-11"
    >
      <Download size={16} aria-hidden /> CSV
    </a>
  );
}

const share = ({ kept, ended }: Figures['respond']): string =>
  ended === 0 ? '–' : `${Math.round((kept / ended) * 1_000) / 10} %`;
const span = (ms: number | null): string => (ms === null ? '–' : durationText(ms));

function Report({ report: { whole, months, services, severities, noise, noiseSince } }: { report: IncidentReport }) {
  const hasEnded = whole.respond.ended + whole.resolve.ended > 0;
  return (
    <>
      <dl className="grid grid-cols-5 gap-3 max-lg:grid-cols-2">
        <Figure name="Incidents" value={String(whole.incidents)} />
        <Figure name="Answered in time" value={share(whole.respond)} hint={ofEnded(whole.respond)} />
        <Figure name="Resolved in time" value={share(whole.resolve)} hint={ofEnded(whole.resolve)} />
        <Figure name="Mean time to answer" value={span(whole.acknowledgeMs)} />
        <Figure name="Mean time to resolve" value={span(whole.resolveMs)} />
      </dl>
      <Card label="Kept by month">
        <SectionHead
          title="Kept by month"
          end={
            hasEnded && (
              <span className="flex items-center gap-3 text-meta text-text-2">
                <Key color="var(--wl-c2)">Answered in time</Key>
                <Key color="var(--wl-c1)">Resolved in time</Key>
              </span>
            )
          }
        />
        {hasEnded ? (
          <div aria-hidden className="border-t border-line px-3.5 py-3">
            <Suspense fallback={<div className="h-[180px]" />}>
              <AttainmentChart months={months} />
            </Suspense>
          </div>
        ) : (
          <p className="border-t border-line px-3.5 py-3 text-meta text-text-2">
            No clock of these incidents has ended yet, so nothing was kept or broken.
          </p>
        )}
        <FiguresTable label="Figures by month" head="Month" rows={months.map((one) => ({ name: one.month, ...one }))} />
      </Card>
      <div className="grid gap-4 lg:grid-cols-2">
        <Card label="By service">
          <SectionHead title="By service" />
          <FiguresTable
            label="Figures by service"
            head="Service"
            rows={services.map((one) => ({ ...one, name: one.service ?? 'none' }))}
          />
        </Card>
        <Card label="By severity">
          <SectionHead title="By severity" />
          <FiguresTable
            label="Figures by severity"
            head="Severity"
            rows={severities.map((one) => ({ ...one, name: one.severity.toUpperCase() }))}
          />
        </Card>
      </div>
      {noise.length > 0 && (
        <Card label="Noise by source">
          <SectionHead
            title="Noise by source"
            hint={`how many alerts it takes to make an incident${noiseSince === null ? '' : `; alerts that were over before ${noiseSince.slice(0, 10)} are kept no longer`}`}
          />
          <Table
            label="Noise by source"
            heads={['Source', 'Alerts', 'Reports', 'Incidents']}
            rows={noise.map(({ source, alerts, reports, incidents }) => [source, alerts, reports, incidents])}
          />
        </Card>
      )}
    </>
  );
}

const ofEnded = ({ kept, ended }: Figures['respond']): string =>
  ended === 0 ? 'none ended yet' : `${kept} of ${ended}`;

function Figure({ name, value, hint }: { name: string; value: string; hint?: string }) {
  return (
    <div className="rounded-lg border border-line bg-surface px-3.5 py-3 max-lg:last:odd:col-span-2">
      <dt className="text-meta text-text-2">{name}</dt>
      <dd className="num text-figure font-semibold tracking-[-0.02em]">
        {value} {hint && <span className="text-meta font-normal text-text-3">{hint}</span>}
      </dd>
    </div>
  );
}

function Key({ color, children }: { color: string; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <i aria-hidden className="size-2.5 rounded-sm" style={{ background: color }} />
      {children}
    </span>
  );
}

function FiguresTable({
  label,
  head,
  rows,
}: {
  label: string;
  head: string;
  rows: readonly (Figures & { name: string })[];
}) {
  return (
    <Table
      label={label}
      heads={[head, 'Incidents', 'Answered in time', 'Resolved in time', 'To answer', 'To resolve']}
      rows={rows.map((one) => [
        one.name,
        one.incidents,
        share(one.respond),
        share(one.resolve),
        span(one.acknowledgeMs),
        span(one.resolveMs),
      ])}
    />
  );
}

function Table({
  label,
  heads,
  rows,
}: {
  label: string;
  heads: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}) {
  return (
    // Its own scroll on a narrow screen: a stop for the keyboard, so that it can be read there.
    <div className="overflow-x-auto border-t border-line" role="region" aria-label={label} tabIndex={0}>
      <table aria-label={label} className="num w-full text-left text-meta whitespace-nowrap">
        <thead className="text-text-3">
          <tr>
            {heads.map((head, index) => (
              <th
                key={head}
                scope="col"
                className={index === 0 ? 'px-3.5 py-1.5 font-medium' : 'px-3.5 py-1.5 text-right font-medium'}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...figures]) => (
            <tr key={name} className="border-t border-line">
              <th scope="row" className="max-w-60 truncate px-3.5 py-1.5 font-medium">
                {name}
              </th>
              {figures.map((figure, index) => (
                <td key={index} className="px-3.5 py-1.5 text-right">
                  {figure}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Open incidents that will be late within a day, the next first; nothing where there is none. */
function Forecast() {
  const forecast = useQuery({
    queryKey: ['incidents', 'forecast'],
    queryFn: ({ signal }) => api.getSlaForecast({ query: { hours: 24 }, signal }),
    refetchInterval: 60_000,
  });
  const rows = forecast.data?.data ?? [];
  if (rows.length === 0) return null;
  return (
    <Card label="Late within a day">
      <SectionHead title="Late within a day" hint="if nothing changes" />
      <ul>
        {rows.slice(0, 20).map((one) => (
          <li
            key={`${one.id}${one.clock}`}
            className="flex items-center gap-3 border-t border-line px-3.5 py-1.5 max-sm:flex-wrap max-sm:gap-y-0.5"
          >
            <span className="w-[60px] flex-none">
              <Severity severity={one.severity} />
            </span>
            <Go
              to={`/incidents/${one.key}`}
              className="min-w-0 flex-1 truncate hover:underline max-sm:order-first max-sm:basis-full max-sm:py-1"
            >
              {one.key} <bdi>{one.title}</bdi>
            </Go>
            <span className="text-meta text-text-2">{clockWords[one.clock]}</span>
            <span className={one.isLate ? 'text-meta text-fail-fg' : 'text-meta text-wait-fg'}>
              {one.isLate ? 'late since ' : 'due '}
              <RelativeTime at={one.dueAt} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
