import { ChevronDown, ChevronRight } from 'lucide-react';
import { cx } from '../kit/cx.ts';
import { Go, RowLink } from '../kit/navigation.tsx';
import { Tag } from '../ui/card.tsx';
import type { DataColumn } from '../ui/data-table.tsx';
import { Icon } from '../ui/icon.tsx';
import { Person } from '../ui/person.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph, StatusShapeOnly } from '../ui/status-glyph.tsx';
import { familyText, statusLooks } from '../ui/status.ts';
import { Strand } from '../ui/strand.tsx';
import type { RunRow } from './run-tree.ts';
import { kindLook, progressWords, secondLine, triggerWords } from './run-words.ts';

/** The columns that are there from the beginning; the others are chosen. */
export const optionalColumns = ['trigger', 'tags', 'error', 'endedAt', 'parent', 'id'] as const;

/** The columns of every list of runs. */
export const runColumns = (onToggle: (id: string) => void): ReadonlyArray<DataColumn<RunRow>> => [
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
    serverSort: true,
    cell: (run) => <RunName run={run} onToggle={onToggle} />,
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
    serverSort: true,
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
  {
    id: 'trigger',
    head: 'Trigger',
    width: 104,
    hideBelow: 'md',
    cell: (run) => <span className="text-text-2">{triggerWords[run.trigger]?.word ?? run.trigger}</span>,
  },
  {
    id: 'tags',
    head: 'Tags',
    width: 150,
    hideBelow: 'md',
    cell: (run) => (
      <span className="flex gap-1 overflow-hidden">
        {run.tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
      </span>
    ),
  },
  {
    id: 'error',
    head: 'Error',
    width: 150,
    hideBelow: 'md',
    cell: (run) =>
      run.error && (
        <span className="font-mono text-[11.5px] text-fail-fg" title={run.error.message}>
          {run.error.code}
        </span>
      ),
  },
  {
    id: 'endedAt',
    head: 'Ended',
    width: 112,
    serverSort: true,
    hideBelow: 'md',
    cell: (run) => run.endedAt && <RelativeTime at={run.endedAt} className="num text-text-2" />,
  },
  {
    id: 'parent',
    head: 'Part of',
    width: 120,
    hideBelow: 'md',
    cell: (run) =>
      run.parentRunId && (
        <Go to={`/runs/${run.parentRunId}`} className="font-mono text-[11.5px] text-accent hover:underline">
          {run.parentRunId.slice(-12)}
        </Go>
      ),
  },
  {
    id: 'id',
    head: 'Id',
    width: 120,
    hideBelow: 'md',
    cell: (run) => (
      <span className="font-mono text-[11.5px] text-text-2" title={run.id}>
        {run.id.slice(-12)}
      </span>
    ),
  },
];

/** The name of a run with what makes it this one, and the way to the runs that it has started. */
function RunName({ run, onToggle }: { run: RunRow; onToggle: (id: string) => void }) {
  return (
    <span className={cx('flex min-w-0 items-center gap-2.5', run.depth === 1 && 'pl-5')}>
      {run.childCount ? (
        <button
          type="button"
          aria-expanded={run.isOpen}
          aria-label={`${run.isOpen ? 'Fold' : 'Unfold'} ${run.childCount} ${run.childCount === 1 ? 'run' : 'runs'} of ${run.title}`}
          onClick={() => onToggle(run.id)}
          className="-ml-1 grid size-6 flex-none place-items-center rounded-sm text-text-3 hover:bg-fill hover:text-text"
        >
          <Icon of={run.isOpen ? ChevronDown : ChevronRight} size={14} />
        </button>
      ) : null}
      <span
        role="img"
        aria-label={statusLooks[run.status].word}
        className={cx('inline-flex sm:hidden', familyText[statusLooks[run.status].family])}
      >
        <StatusShapeOnly status={run.status} />
      </span>
      <span className="block min-w-0 leading-[17px]">
        <RowLink to={`/runs/${run.id}`} className="block truncate font-medium hover:underline" title={run.title}>
          <bdi>{run.title}</bdi>
        </RowLink>
        <span className="block truncate text-meta leading-[17px] text-text-3" title={secondLine(run)}>
          {run.childCount ? `${run.childCount} ${run.childCount === 1 ? 'run' : 'runs'} of its own · ` : ''}
          {secondLine(run) || <span className="font-mono text-[11px]">{run.id.slice(-12)}</span>}
        </span>
      </span>
    </span>
  );
}

/** What makes a row of a run worth drawing again. */
export const runVersion = (run: RunRow): string =>
  [
    run.status,
    run.waitingFor,
    run.progress?.done,
    run.progress?.total,
    run.queuePlace,
    run.endedAt,
    run.title,
    run.childCount,
    run.isOpen,
    run.tags.join(' '),
    run.strand.map(({ status }) => status[0]).join(''),
  ].join('|');
