import { useQuery } from '@tanstack/react-query';
import { ArrowLeftRight, GitCompareArrows } from 'lucide-react';
import type { ReactNode } from 'react';
import { z } from 'zod';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { Go, useGo } from '../kit/navigation.tsx';
import { durationText } from '../kit/time.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { DiffLines } from '../ui/diff-lines.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Page } from '../ui/page.tsx';
import { Person } from '../ui/person.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph, StatusPill } from '../ui/status-glyph.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { compareLogs, linesOfRun, mostCompared } from './compare-log.ts';
import { type ComparedSide, type ComparedStep, compareSteps, compareValues } from './compare.ts';
import { errorLine, statusWord } from './run-words.ts';
import { useRun } from './runs.ts';

const CompareView = z.object({
  a: z.string().default(''),
  b: z.string().default(''),
  tab: z.enum(['steps', 'inputs', 'outputs', 'log']).default('steps'),
});
type Tab = z.infer<typeof CompareView>['tab'];

/** Two runs side by side: steps and their times, inputs, outputs, log. Without a first one, the run before it is taken. */
export function ComparePage() {
  const [view, setView] = useUrlState(CompareView);
  const go = useGo();
  const b = useRun(view.b);
  const before = useQuery({
    queryKey: ['run-before', view.b],
    queryFn: async ({ signal }) => {
      const { subject, createdAt } = b.data ?? {};
      if (!subject || !createdAt) return null;
      const list = await api.listRuns({
        query: { subject: `${subject.kind}:${subject.id}`, to: createdAt, limit: 1 },
        signal,
      });
      return list.data[0]?.id ?? null;
    },
    enabled: view.a === '' && b.data !== undefined,
  });
  const first = view.a || before.data || '';
  const a = useRun(first);
  const hasNone = view.a === '' && before.data === null;
  return (
    <Page
      title="Compare runs"
      testId="compare.page"
      crumbs={[
        <Go key="runs" to="/runs" className="hover:text-text">
          Runs
        </Go>,
      ]}
      action={
        <Button
          icon={ArrowLeftRight}
          refusal={first ? null : 'There is only one run.'}
          onClick={() => setView({ a: view.b, b: first }, 'replace')}
        >
          Swap
        </Button>
      }
    >
      <div className="px-5 pb-5 max-sm:px-4">
        <Answer of={b} what="The run" waiting={<SkeletonLines lines={8} />}>
          {(right) =>
            hasNone ? (
              <EmptyState
                icon={GitCompareArrows}
                title="No run before this one"
                action={<Button onClick={() => go('/runs')}>Choose two runs</Button>}
              >
                Select two runs in the list, then Compare.
              </EmptyState>
            ) : (
              <Answer of={a} what="The first run" waiting={<SkeletonLines lines={8} />}>
                {(left) => <Compared a={left} b={right} tab={view.tab} onTab={(tab) => setView({ tab })} />}
              </Answer>
            )
          }
        </Answer>
      </div>
    </Page>
  );
}

function Compared({ a, b, tab, onTab }: { a: RunDetail; b: RunDetail; tab: Tab; onTab: (tab: Tab) => void }) {
  const inputs = compareValues(a.inputs, b.inputs);
  const outputs = compareValues(a.outputs, b.outputs);
  const differing = (rows: typeof inputs) => rows.filter((row) => row.a !== row.b).length;
  return (
    <>
      <div className="mb-4 grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <RunCard run={a} />
        <RunCard run={b} />
      </div>
      <Tabs
        label="What is compared"
        panelId="compared"
        className="px-0!"
        value={tab}
        onValue={onTab}
        tabs={[
          { value: 'steps', label: 'Steps' },
          { value: 'inputs', label: 'Inputs', count: differing(inputs) },
          { value: 'outputs', label: 'Outputs', count: differing(outputs) },
          { value: 'log', label: 'Log' },
        ]}
      />
      <div id="compared" role="tabpanel" tabIndex={0} className="pt-3">
        {tab === 'steps' && <Steps rows={compareSteps(a, b)} />}
        {tab === 'inputs' && <Values rows={inputs} none="Neither run has inputs." />}
        {tab === 'outputs' && <Values rows={outputs} none="Neither run has given anything back." />}
        {tab === 'log' && <Logs a={a} b={b} />}
      </div>
    </>
  );
}

function RunCard({ run }: { run: RunDetail }) {
  return (
    <Card label={run.title} className="p-3.5">
      <div className="flex flex-wrap items-center gap-2">
        <Go to={`/runs/${run.id}`} className="min-w-0 truncate font-semibold hover:underline">
          <bdi>{run.title}</bdi>
        </Go>
        <StatusPill status={run.status} word={statusWord(run)} />
        <span className="num ml-auto text-meta text-text-2">
          <Duration from={run.startedAt} to={run.endedAt} />
        </span>
      </div>
      <p className="mt-1 flex flex-wrap items-center gap-x-3 text-meta text-text-2">
        {run.subject?.version ? <span>{`version ${run.subject.version}`}</span> : null}
        <Person name={run.actor.name} kind={run.trigger} />
        <RelativeTime at={run.startedAt ?? run.createdAt} />
      </p>
      {run.error && <p className="mt-1 text-meta text-fail-fg">{errorLine(run.error)}</p>}
    </Card>
  );
}

const head = 'h-8 px-3 text-left font-medium text-text-3';

function Steps({ rows }: { rows: readonly ComparedStep[] }) {
  if (rows.length === 0) return <p className="text-meta text-text-2">Neither run has begun a step.</p>;
  return (
    <Scrolled>
      <table className="num w-full min-w-[560px] text-meta">
        <thead className="bg-sunken">
          <tr>
            <th className={head}>Step</th>
            <th className={head}>First</th>
            <th className={head}>Second</th>
            <th className={cx(head, 'text-right')}>Difference</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ address, name, a, b, differenceMs }) => (
            <tr
              key={address}
              data-step={address}
              className={cx('border-t border-line', (a?.status ?? '') !== (b?.status ?? '') && 'bg-wait-soft')}
            >
              <td className="h-8 max-w-80 truncate px-3" title={address}>
                <bdi>{name}</bdi>
              </td>
              <td className="px-3">
                <Side side={a} />
              </td>
              <td className="px-3">
                <Side side={b} />
              </td>
              <td
                className={cx(
                  'px-3 text-right',
                  differenceMs !== null && differenceMs > 0 ? 'text-fail-fg' : 'text-ok-fg',
                )}
              >
                {differenceMs === null || Math.abs(differenceMs) < 100 ? (
                  <span className="text-text-3">{differenceMs === null ? '' : 'the same'}</span>
                ) : (
                  `${differenceMs > 0 ? '+' : '−'}${durationText(Math.abs(differenceMs))}`
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

function Side({ side }: { side: ComparedSide | null }) {
  if (!side) return <span className="text-text-3">not in this run</span>;
  return (
    <span className="flex items-center gap-1.5">
      <StatusGlyph status={side.status} />
      {side.ms === null ? '' : durationText(side.ms)}
      {side.attempts > 1 && <span className="text-text-3">{`${side.attempts} attempts`}</span>}
    </span>
  );
}

function Values({ rows, none }: { rows: ReturnType<typeof compareValues>; none: string }) {
  if (rows.length === 0) return <p className="text-meta text-text-2">{none}</p>;
  return (
    <Scrolled>
      <table className="w-full min-w-[560px] table-fixed text-meta">
        <thead className="bg-sunken">
          <tr>
            <th className={cx(head, 'w-1/4')}>Name</th>
            <th className={head}>First</th>
            <th className={head}>Second</th>
          </tr>
        </thead>
        <tbody className="font-mono text-[11.5px]">
          {rows.map((row) => (
            <tr key={row.path} className="border-t border-line align-top">
              <td className="px-3 py-1.5 break-words">{row.path || 'value'}</td>
              <td className={cx('px-3 py-1.5 break-words', row.a !== row.b && row.a !== null && 'bg-del-bg')}>
                {row.a ?? <span className="font-sans text-text-3">not given</span>}
              </td>
              <td className={cx('px-3 py-1.5 break-words', row.a !== row.b && row.b !== null && 'bg-add-bg')}>
                {row.b ?? <span className="font-sans text-text-3">not given</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

function Logs({ a, b }: { a: RunDetail; b: RunDetail }) {
  const logs = useQuery({
    queryKey: ['compare-logs', a.id, b.id, a.endedAt, b.endedAt],
    queryFn: async ({ signal }) => {
      const [left, right] = await Promise.all([linesOfRun(a.id, {}, signal), linesOfRun(b.id, {}, signal)]);
      return { lines: await compareLogs(left.lines, right.lines), isCut: left.isCut || right.isCut };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Answer of={logs} what="The logs" waiting={<SkeletonLines lines={8} />}>
      {({ lines, isCut }) => (
        <>
          {isCut && (
            <p className="mb-2 text-meta text-wait-fg">
              {`Only the first ${mostCompared.toLocaleString('en-GB')} lines are compared. The whole logs are downloads on the runs’ pages.`}
            </p>
          )}
          <Scrolled>
            <DiffLines lines={lines} />
          </Scrolled>
        </>
      )}
    </Answer>
  );
}

const Scrolled = ({ children }: { children: ReactNode }) => (
  <div className="overflow-x-auto rounded-lg border border-line">{children}</div>
);
