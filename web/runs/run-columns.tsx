import type { RunSummary } from '#contracts/runs/runs.ts';
import { Go } from '../kit/navigation.tsx';
import type { DataColumn } from '../ui/data-table.tsx';
import { Icon } from '../ui/icon.tsx';
import { Person } from '../ui/person.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { kindLook, progressWords, secondLine } from './run-words.ts';

/** The columns of every list of runs. */
export const runColumns: ReadonlyArray<DataColumn<RunSummary>> = [
  {
    id: 'status',
    head: 'Status',
    width: 112,
    cell: (run) => <StatusGlyph status={run.status} withWord />,
    hideBelow: 'sm',
  },
  {
    id: 'run',
    head: 'Run',
    width: 260,
    grow: true,
    cell: (run) => (
      <span className="flex min-w-0 items-center gap-2.5">
        <span className="sm:hidden">
          <StatusGlyph status={run.status} />
        </span>
        <span className="block min-w-0 leading-[17px]">
          <Go to={`/runs/${run.id}`} className="block truncate font-medium hover:underline" title={run.title}>
            {run.title}
          </Go>
          <span className="block truncate text-meta leading-[17px] text-text-3" title={secondLine(run)}>
            {secondLine(run) || <span className="font-mono text-[11px]">{run.id.slice(-12)}</span>}
          </span>
        </span>
      </span>
    ),
  },
  {
    id: 'kind',
    head: 'Kind',
    width: 104,
    hideBelow: 'lg',
    cell: (run) => {
      const { word, icon } = kindLook(run.kind);
      return (
        <span className="flex items-center gap-2">
          <Icon of={icon} className="text-text-2" size={15} />
          {word}
        </span>
      );
    },
  },
  {
    id: 'progress',
    head: 'Progress',
    width: 236,
    hideBelow: 'sm',
    cell: (run) => (
      <span className="grid grid-cols-[92px_minmax(0,1fr)] items-center gap-2.5">
        <Strand segments={run.strand} />
        <span className="num truncate text-text-2">{progressWords(run)}</span>
      </span>
    ),
  },
  {
    id: 'duration',
    head: 'Duration',
    width: 88,
    align: 'right',
    cell: (run) => <Duration from={run.startedAt ?? (run.endedAt ? null : run.createdAt)} to={run.endedAt} />,
  },
  {
    id: 'actor',
    head: 'Triggered by',
    width: 164,
    hideBelow: 'md',
    cell: (run) => <Person name={run.actor.name} kind={run.trigger} />,
  },
  {
    id: 'createdAt',
    head: 'Started',
    width: 112,
    serverSort: true,
    hideBelow: 'sm',
    cell: (run) => <RelativeTime at={run.startedAt ?? run.createdAt} className="num text-text-2" />,
  },
];

/** What makes a row of a run worth drawing again. */
export const runVersion = (run: RunSummary): string =>
  [
    run.status,
    run.waitingFor,
    run.progress?.done,
    run.progress?.total,
    run.queuePlace,
    run.endedAt,
    run.title,
    run.strand.map(({ status }) => status[0]).join(''),
  ].join('|');
