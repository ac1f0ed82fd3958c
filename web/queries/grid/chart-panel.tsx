import { lazy, Suspense, useEffect, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Drawer } from '../../ui/dialog.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { countWords } from './cell-text.ts';
import { isNumeric } from './column-layout.ts';
import type { Grain, Grouped, Measure } from './group.ts';
import type { ResultStore } from './result-store.ts';
import { isPrivacyColumn } from './privacy.ts';

// The chart library is large and comes when a chart is asked for.
const ResultChart = lazy(async () => ({ default: (await import('./result-chart.tsx')).ResultChart }));

/** More bars than this say nothing on a screen. */
const LIMIT = 60;
const measures: readonly { value: Measure; label: string }[] = [
  { value: 'count', label: 'Rows' },
  { value: 'sum', label: 'Sum' },
  { value: 'average', label: 'Average' },
  { value: 'least', label: 'Least' },
  { value: 'most', label: 'Greatest' },
];
const grains: readonly { value: Grain; label: string }[] = [
  { value: 'hour', label: 'by hour' },
  { value: 'day', label: 'by day' },
  { value: 'week', label: 'by week' },
  { value: 'month', label: 'by month' },
  { value: 'year', label: 'by year' },
  { value: 'each', label: 'each value' },
];

/** Rows put together by one column and measured by another, as a chart or a table; from the rows loaded, nothing runs again. */
export function ChartPanel({ store, column, onClose }: { store: ResultStore; column: number; onClose: () => void }) {
  const [dimension, setDimension] = useState(column);
  const type = store.columns[dimension]?.type;
  const isTime = type === 'timestamp' || type === 'date';
  const [grain, setGrain] = useState<Grain>('day');
  const [measure, setMeasure] = useState<Measure>('count');
  const numeric = store.columns.flatMap((shape, at) => (isNumeric(shape) && !isPrivacyColumn(shape) ? [at] : []));
  const [of, setOf] = useState(numeric[0] ?? null);
  const [shape, setShape] = useState<'bar' | 'line'>(isTime ? 'line' : 'bar');
  const [asTable, setAsTable] = useState(false);
  const [grouped, setGrouped] = useState<Grouped>();
  const { version, loaded, shown } = store.state;
  useEffect(() => {
    let isHere = true;
    const asked = { dimension, grain: isTime ? grain : 'each', measure, of: measure === 'count' ? null : of } as const;
    store.group({ ...asked, limit: LIMIT }).then(
      (answer) => isHere && setGrouped(answer),
      () => isHere && setGrouped(undefined),
    );
    return () => void (isHere = false);
  }, [store, dimension, grain, isTime, measure, of, version, loaded]);
  const nameOf = (at: number | null) => (at === null ? '' : (store.columns[at]?.name ?? ''));
  const measureWord = `${measures.find(({ value }) => value === measure)?.label ?? ''}${measure === 'count' ? '' : ` of ${nameOf(of)}`}`;
  const groups = grouped?.groups.map((group) => ({ ...group, label: group.label ?? 'null' })) ?? [];
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title="Chart"
      description={`${measureWord} by ${nameOf(dimension)} · ${countWords(shown, 'row')}${shown < loaded ? ' that pass the filters' : ''}`}
      width={640}
    >
      <div className="flex flex-wrap items-center gap-2 px-5 pt-4">
        <Select
          className="w-auto!"
          size="sm"
          label="Measure"
          value={measure}
          onValue={(value) => setMeasure(value as Measure)}
          options={numeric.length > 0 ? measures : measures.slice(0, 1)}
        />
        {measure !== 'count' && (
          <Select
            className="w-auto!"
            size="sm"
            label="Of column"
            value={String(of ?? '')}
            onValue={(value) => setOf(Number(value))}
            options={numeric.map((at) => ({ value: String(at), label: nameOf(at) }))}
          />
        )}
        <span className="text-text-3">by</span>
        <Select
          className="w-auto!"
          size="sm"
          label="By column"
          value={String(dimension)}
          onValue={(value) => setDimension(Number(value))}
          options={store.columns.flatMap((each, at) =>
            isPrivacyColumn(each) ? [] : [{ value: String(at), label: each.name }],
          )}
        />
        {isTime && (
          <Select
            className="w-auto!"
            size="sm"
            label="Grain"
            value={grain}
            onValue={(value) => setGrain(value as Grain)}
            options={type === 'date' ? grains.slice(1) : grains}
          />
        )}
        <span className="flex-1" />
        <Segmented
          label="Shape"
          value={shape}
          onValue={setShape}
          options={[
            { value: 'bar', label: 'Bars' },
            { value: 'line', label: 'Line' },
          ]}
        />
        <Button size="sm" look="ghost" onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as chart' : 'Show as table'}
        </Button>
      </div>
      <div className="p-5">
        {asTable ? (
          <table className="num w-full text-meta">
            <thead className="text-left text-text-3">
              <tr>
                <th className="py-1 font-medium">{nameOf(dimension)}</th>
                <th className="py-1 text-right font-medium">{measureWord}</th>
                <th className="py-1 text-right font-medium">Rows</th>
              </tr>
            </thead>
            <tbody>
              {groups.map(({ label, value, rows }) => (
                <tr key={label} className="border-t border-line">
                  <td className="py-1" dir="auto">
                    {label}
                  </td>
                  <td className="py-1 text-right">{figure(value)}</td>
                  <td className="py-1 text-right">{rows.toLocaleString('en-GB')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <Suspense fallback={<Skeleton className="appear-late h-[260px]" />}>
            <div
              role="img"
              aria-label={`${measureWord} by ${nameOf(dimension)}, ${countWords(groups.length, 'group')}. Show as table for the figures.`}
            >
              <ResultChart
                shape={shape}
                measure={measureWord}
                groups={groups.filter(({ value }) => !Number.isNaN(value))}
              />
            </div>
          </Suspense>
        )}
        {grouped && grouped.total > groups.length && (
          <p className="mt-3 text-meta text-text-2">
            {grouped.isOrdered ? 'The last' : 'The greatest'} {groups.length} of {grouped.total.toLocaleString('en-GB')}{' '}
            groups are shown; {countWords(grouped.restRows, 'row')} in the others.
          </p>
        )}
      </div>
    </Drawer>
  );
}

const figure = (value: number): string =>
  Number.isNaN(value) ? '–' : value.toLocaleString('en-GB', { maximumFractionDigits: 6 });
