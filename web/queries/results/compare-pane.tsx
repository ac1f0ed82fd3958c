import { useQuery } from '@tanstack/react-query';
import { GitCompareArrows } from 'lucide-react';
import { useState } from 'react';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { api } from '../../kit/api.ts';
import { asFailure } from '../../kit/failure.ts';
import { Answer } from '../../ui/answer.tsx';
import { Button } from '../../ui/button.tsx';
import { Tag } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import type { ColumnDrift, ResultDiff } from '../grid/diff.ts';
import type { ResultStore } from '../grid/result-store.ts';
import { useResultRows } from '../grid/use-result-rows.ts';
import { readPage } from '../run/use-rows.tsx';
import { TextPair } from './text-pair.tsx';

interface ComparePaneProps {
  run: QueryRunDetail;
  store: ResultStore | null;
  isComplete: boolean;
}

/** This run against another of the same place: the texts, the rows by a key, and how each column moved. */
export function ComparePane({ run, store, isComplete }: ComparePaneProps) {
  const [other, setOther] = useState('');
  const runs = useQuery({
    queryKey: ['query-runs', 'to compare', run.connectionId, run.unit],
    queryFn: ({ signal }) =>
      api.listQueryRuns({
        query: { limit: 50, connection: run.connectionId, status: 'succeeded', ...(run.unit && { unit: run.unit }) },
        signal,
      }),
    select: ({ data }) => data.filter(({ runId }) => runId !== run.runId),
  });
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto" data-testid="queries.compare">
      <Answer
        of={runs}
        what="The runs"
        waiting={<SkeletonLines />}
        isEmpty={(all) => all.length === 0}
        empty={
          <EmptyState icon={GitCompareArrows} title="Nothing to compare with">
            No other query has ended well here.
          </EmptyState>
        }
      >
        {(all) => (
          <>
            <div className="flex flex-none items-center gap-2 px-3.5 py-2.5">
              <span className="text-meta text-text-2">Against</span>
              <Select
                label="The other run"
                className="max-w-96"
                value={other}
                onValue={setOther}
                placeholder="Choose a run"
                options={all.map(({ runId, title, createdAt, rowCount }) => ({
                  value: runId,
                  label: title,
                  hint: `${new Date(createdAt).toLocaleString('en-GB')}${rowCount === null ? '' : ` · ${rowCount.toLocaleString('en-GB')} rows`}`,
                }))}
              />
            </div>
            {other !== '' && <Comparison key={other} run={run} store={store} isComplete={isComplete} otherId={other} />}
          </>
        )}
      </Answer>
    </div>
  );
}

function Comparison({ run, store, isComplete, otherId }: ComparePaneProps & { otherId: string }) {
  const [what, setWhat] = useState<'rows' | 'columns' | 'text'>('rows');
  const other = useQuery({
    queryKey: ['query-run', otherId],
    queryFn: ({ signal }) => api.getQueryRun({ params: { id: otherId }, signal }),
  });
  const read = useResultRows({ resultKey: otherId, fetchPage: readPage(otherId) });
  const [key, setKey] = useState('');
  const [diff, setDiff] = useState<ResultDiff | null>(null);
  const [drift, setDrift] = useState<ColumnDrift[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const isReady = store !== null && read.store !== null && read.state !== 'loading';
  const shared = store?.columns.filter(({ name }) =>
    read.store?.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()),
  );
  const compare = async () => {
    if (!store || !read.store) return;
    setFailure(null);
    try {
      // The older of the two is what it was before.
      setDiff(await read.store.diff(store, [key || (shared?.[0]?.name ?? '')]));
      setDrift(await read.store.drift(store));
    } catch (error) {
      setFailure(error);
    }
  };
  const figure = (value: number | string | null): string =>
    value === null ? '–' : typeof value === 'number' ? value.toLocaleString('en-GB') : value;
  return (
    <div className="flex flex-col">
      <div className="flex flex-wrap items-center gap-2 px-3.5 pb-2.5">
        <Segmented
          label="What is compared"
          value={what}
          onValue={setWhat}
          options={[
            { value: 'rows', label: 'Rows' },
            { value: 'columns', label: 'Columns' },
            { value: 'text', label: 'Text' },
          ]}
        />
        {what !== 'text' && isReady && shared && shared.length > 0 && (
          <>
            <span className="text-meta text-text-2">Rows are the same by</span>
            <Select
              size="sm"
              label="Key column"
              className="w-44!"
              value={key || (shared[0]?.name ?? '')}
              onValue={setKey}
              options={shared.map(({ name }) => ({ value: name, label: name }))}
            />
            <Button size="sm" icon={GitCompareArrows} onClick={() => void compare()}>
              Compare
            </Button>
          </>
        )}
        {what !== 'text' && (!isComplete || (isReady && read.state !== 'complete')) && (
          <Tag tone="wait">Of the rows that are loaded</Tag>
        )}
      </div>
      {what === 'text' ? (
        <Answer of={other} what="The other run" waiting={<SkeletonLines />}>
          {(before) => <TextPair before={before} after={run} />}
        </Answer>
      ) : read.state === 'expired' && !read.store ? (
        <EmptyState icon={GitCompareArrows} title="The rows of the other run are gone">
          Its text can still be compared.
        </EmptyState>
      ) : read.failure && !read.store ? (
        <ErrorState error={read.failure} what="The rows of the other run" retry={read.goOn} />
      ) : !isReady ? (
        <SkeletonLines label="Reading the rows of the other run" />
      ) : failure ? (
        <p className="px-3.5 text-meta text-fail-fg">{asFailure(failure).message}</p>
      ) : what === 'rows' ? (
        diff && <RowDiff diff={diff} />
      ) : (
        drift && (
          <table className="mx-3.5 mb-3 text-meta">
            <thead>
              <tr className="text-left text-text-3">
                {['Column', 'Rows', 'Empty', 'Different', 'Least', 'Greatest', 'Average'].map((head) => (
                  <th key={head} scope="col" className="py-1 pr-4 font-medium">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="num">
              {drift.map(({ name, before, after }) => (
                <tr key={name} className="border-t border-line">
                  <th scope="row" className="py-1 pr-4 text-left font-mono font-normal">
                    {name}
                  </th>
                  {(['rows', 'nulls', 'distinct', 'min', 'max', 'mean'] as const).map((of) => (
                    <td key={of} className={before[of] === after[of] ? 'py-1 pr-4 text-text-3' : 'py-1 pr-4'}>
                      {before[of] === after[of] ? figure(after[of]) : `${figure(before[of])} → ${figure(after[of])}`}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )
      )}
    </div>
  );
}

function RowDiff({ diff }: { diff: ResultDiff }) {
  const counts = [
    [diff.same, 'the same'],
    [diff.changed, 'changed'],
    [diff.added, 'added'],
    [diff.removed, 'removed'],
  ] as const;
  const repeated = diff.repeatedKeys.before + diff.repeatedKeys.after;
  return (
    <div className="px-3.5 pb-3 text-meta">
      <p className="num flex flex-wrap gap-x-4 py-1">
        {counts.map(([count, word]) => (
          <span key={word}>{`${count.toLocaleString('en-GB')} ${word}`}</span>
        ))}
        {repeated > 0 && (
          <span className="text-wait-fg">{`${repeated.toLocaleString('en-GB')} left out: their key comes more than once`}</span>
        )}
      </p>
      {(diff.onlyBefore.length > 0 || diff.onlyAfter.length > 0) && (
        <p className="py-1 text-text-2">
          {[
            diff.onlyBefore.length > 0 && `Only in the other run: ${diff.onlyBefore.join(', ')}.`,
            diff.onlyAfter.length > 0 && `Only in this run: ${diff.onlyAfter.join(', ')}.`,
          ]
            .filter(Boolean)
            .join(' ')}
        </p>
      )}
      <ul>
        {diff.rows.map((row, index) => (
          <li key={index} className="flex flex-wrap items-baseline gap-x-3 border-t border-line py-1">
            <Tag tone={row.how === 'added' ? 'ok' : row.how === 'removed' ? 'fail' : 'run'}>{row.how}</Tag>
            <span className="font-mono">{row.key.map((cell) => cell ?? 'null').join(' · ')}</span>
            {row.cells.map(({ name, before, after }) => (
              <span key={name} className="font-mono">
                <span className="text-text-3">{`${name} `}</span>
                {row.how === 'changed' ? `${before ?? 'null'} → ${after ?? 'null'}` : (after ?? before ?? 'null')}
              </span>
            ))}
          </li>
        ))}
      </ul>
      {diff.changed + diff.added + diff.removed > diff.rows.length && (
        <p className="num border-t border-line py-1.5 text-text-2">{`The first ${diff.rows.length.toLocaleString('en-GB')} differences are listed; the counts are of all.`}</p>
      )}
    </div>
  );
}
