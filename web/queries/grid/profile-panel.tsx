import { useEffect, useState } from 'react';
import type { QueryColumn } from '#contracts/queries/engine.ts';
import { Drawer } from '../../ui/dialog.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { countWords, drawnText } from './cell-text.ts';
import { typeWord } from './column-layout.ts';
import type { ColumnProfile } from './profile.ts';
import type { ResultStore } from './result-store.ts';

const share = (part: number, whole: number): string =>
  whole === 0 ? '' : `${((part / whole) * 100).toLocaleString('en-GB', { maximumFractionDigits: 1 })}%`;

/** What one column holds: how much of it is there, its range, its most frequent values. */
export function ProfilePanel({ store, column, onClose }: { store: ResultStore; column: number; onClose: () => void }) {
  const shape = store.columns[column];
  const { version, loaded, shown } = store.state;
  const [profile, setProfile] = useState<ColumnProfile>();
  const [fault, setFault] = useState('');
  useEffect(() => {
    let isHere = true;
    store.profile(column).then(
      (answer) => isHere && setProfile(answer),
      (error: unknown) => isHere && setFault(String(error)),
    );
    return () => void (isHere = false);
  }, [store, column, version, loaded]);
  if (!shape) return null;
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={shape.name}
      description={`${shape.nativeType ?? typeWord(shape.type)} · ${countWords(shown, 'row')}${shown < loaded ? ` of ${loaded.toLocaleString('en-GB')} loaded` : ''}`}
      width={420}
    >
      {fault ? (
        <p className="p-5 text-fail-fg">{fault}</p>
      ) : profile ? (
        <Figures profile={profile} shape={shape} />
      ) : (
        <Skeleton className="appear-late m-5 h-40" />
      )}
    </Drawer>
  );
}

function Figures({ profile, shape }: { profile: ColumnProfile; shape: QueryColumn }) {
  const { rows, nulls, empty, distinct, isDistinctCapped, numbers, lengths, top } = profile;
  const say = (value: string) => drawnText(value, shape.type, true);
  const most = Math.max(1, ...(numbers?.histogram.map(({ count }) => count) ?? []));
  const facts: [string, string][] = [
    ['Rows', rows.toLocaleString('en-GB')],
    ['Null', `${nulls.toLocaleString('en-GB')} · ${share(nulls, rows)}`],
    ['Empty text', `${empty.toLocaleString('en-GB')} · ${share(empty, rows)}`],
    ['Different values', `${isDistinctCapped ? 'at least ' : ''}${distinct.toLocaleString('en-GB')}`],
    ...(numbers
      ? ([
          ['Least', say(numbers.min)],
          ['Greatest', say(numbers.max)],
          ...(numbers.mean === null
            ? []
            : [['Mean', numbers.mean.toLocaleString('en-GB', { maximumSignificantDigits: 8 })]]),
          ...numbers.quantiles.map(({ share: part, value }) => [
            part === 0.5 ? 'Median' : `${part * 100} of 100 below`,
            say(value),
          ]),
        ] as [string, string][])
      : []),
    ...(lengths
      ? ([
          ['Characters', lengths.least === lengths.most ? String(lengths.most) : `${lengths.least}–${lengths.most}`],
        ] as [string, string][])
      : []),
  ];
  return (
    <div className="flex flex-col gap-5 p-5">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-text-2">{name}</dt>
            <dd className="num text-right break-all">{value}</dd>
          </div>
        ))}
      </dl>
      {numbers && numbers.histogram.length > 1 && (
        <section aria-label="Distribution">
          <h3 className="mb-2 font-semibold">Distribution</h3>
          <ol className="flex h-24 items-end gap-px border-b border-line-strong">
            {numbers.histogram.map(({ from, to, count }) => (
              <li
                key={from}
                className="flex h-full flex-1 items-end"
                title={`${from === to ? from : `${from} to ${to}`}: ${countWords(count, 'row')}`}
              >
                <span
                  className="block w-full rounded-t-[2px] bg-c2"
                  style={{ height: count === 0 ? 0 : `max(2px, ${(count / most) * 100}%)` }}
                />
                <span className="sr-only">{`${from} to ${to}: ${countWords(count, 'row')}`}</span>
              </li>
            ))}
          </ol>
          <p className="num mt-1 flex justify-between text-micro text-text-3">
            <span>{say(numbers.min)}</span>
            <span>{say(numbers.max)}</span>
          </p>
        </section>
      )}
      {distinct > 1 && top[0]?.count === 1 && <p className="text-text-2">Each value comes once.</p>}
      {(top[0]?.count ?? 0) > (distinct > 1 ? 1 : 0) && (
        <section aria-label="Most frequent values">
          <h3 className="mb-2 font-semibold">Most frequent</h3>
          <ol className="flex flex-col gap-1.5">
            {top.map(({ value, count }) => (
              <li key={value} className="relative flex items-baseline justify-between gap-3 px-2 py-0.5">
                <span
                  aria-hidden="true"
                  className="absolute inset-y-0 left-0 rounded-sm bg-fill"
                  style={{ width: `${(count / Math.max(1, rows)) * 100}%` }}
                />
                <span className="relative min-w-0 truncate font-mono text-meta" dir="auto">
                  {value === '' ? <i className="font-sans text-text-3">empty text</i> : say(value)}
                </span>
                <span className="num relative flex-none text-meta text-text-2">
                  {count.toLocaleString('en-GB')} · {share(count, rows)}
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}
