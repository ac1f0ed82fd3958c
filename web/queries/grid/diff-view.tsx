import { useEffect, useState } from 'react';
import type { Cell } from '#contracts/queries/engine.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/choice.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { countWords } from './cell-text.ts';
import { DIFF_LIMIT, type ColumnDrift, type DiffRow, type ResultDiff } from './diff.ts';
import { isPrivacyColumn } from './privacy.ts';
import type { ResultStore } from './result-store.ts';

/** Rows of the list; the others are in the counts. */
const LISTED = 200;

interface DiffViewProps {
  before: ResultStore;
  after: ResultStore;
  /** What tells a row; where it is not given, the first column that both have. */
  keys?: readonly string[];
}

/** Two results side by side: which rows came, went and changed, told by key, and how each column moved. */
export function DiffView({ before, after, keys }: DiffViewProps) {
  const shared = before.columns.filter(
    (column) =>
      !isPrivacyColumn(column) && after.columns.some(({ name }) => name.toLowerCase() === column.name.toLowerCase()),
  );
  const [chosen, setChosen] = useState<readonly string[]>(keys ?? shared.slice(0, 1).map(({ name }) => name));
  const [look, setLook] = useState<'rows' | 'columns'>('rows');
  const [found, setFound] = useState<{ diff: ResultDiff; drift: ColumnDrift[] } | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isHere = true;
    setFault(null);
    Promise.all([before.diff(after, chosen), before.drift(after)]).then(
      ([diff, drift]) => isHere && setFound({ diff, drift }),
      (error: unknown) => isHere && setFault(error),
    );
    return () => void (isHere = false);
  }, [before, after, chosen, attempt]);
  if (shared.length === 0) return <p className="p-5 text-text-2">The two results have no column in common.</p>;
  if (fault !== null) return <ErrorState error={fault} what="The comparison" retry={() => setAttempt(attempt + 1)} />;
  const repeated = found ? found.diff.repeatedKeys.before + found.diff.repeatedKeys.after : 0;
  return (
    <section aria-label="Two results compared" className="flex min-h-0 flex-1 flex-col" data-testid="queries.diff">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-3.5 py-2">
        <Segmented
          label="What is compared"
          value={look}
          onValue={setLook}
          options={[
            { value: 'rows', label: 'Rows' },
            { value: 'columns', label: 'Columns' },
          ]}
        />
        <fieldset className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-meta">
          <legend className="sr-only">Columns that tell a row</legend>
          <span className="text-text-3">Rows are told by</span>
          {shared.slice(0, 12).map(({ name }) => (
            <Checkbox
              key={name}
              label={name}
              checked={chosen.includes(name)}
              disabled={chosen.length === 1 && chosen[0] === name}
              onChecked={(isOn) => setChosen(isOn ? [...chosen, name] : chosen.filter((each) => each !== name))}
            />
          ))}
        </fieldset>
      </div>
      {found === null ? (
        <Skeleton className="appear-late m-3.5 h-32" />
      ) : (
        <div className="min-h-0 flex-1 overflow-auto" tabIndex={0} role="region" aria-label="Differences">
          <p className="num flex flex-wrap gap-x-4 px-3.5 py-2.5">
            <span>{countWords(found.diff.changed, 'row')} changed</span>
            <span className="text-ok-fg">{`${found.diff.added.toLocaleString('en-GB')} added`}</span>
            <span className="text-fail-fg">{`${found.diff.removed.toLocaleString('en-GB')} removed`}</span>
            <span className="text-text-3">{`${found.diff.same.toLocaleString('en-GB')} the same`}</span>
          </p>
          {repeated > 0 && (
            <p className="px-3.5 pb-2 text-meta text-wait-fg">
              {`${countWords(repeated, 'row')} left out: their key comes more than once. Choose another column to tell rows by.`}
            </p>
          )}
          {[
            ...found.diff.onlyBefore.map((name) => `${name} is in the first alone`),
            ...found.diff.onlyAfter.map((name) => `${name} is in the second alone`),
          ].map((text) => (
            <p key={text} className="px-3.5 pb-1 text-meta text-text-2">
              {text}
            </p>
          ))}
          {look === 'rows' ? <DiffRows diff={found.diff} /> : <Drift drift={found.drift} diff={found.diff} />}
        </div>
      )}
      <p className="sr-only" role="status">
        {found && `${found.diff.changed} changed, ${found.diff.added} added, ${found.diff.removed} removed`}
      </p>
    </section>
  );
}

const looks: Readonly<Record<DiffRow['how'], { word: string; tone: string }>> = {
  changed: { word: 'Changed', tone: 'text-text-2' },
  added: { word: 'Added', tone: 'text-ok-fg' },
  removed: { word: 'Removed', tone: 'text-fail-fg' },
};
const say = (cell: Cell): string => (cell === null ? 'null' : cell === '' ? 'empty text' : cell);

function DiffRows({ diff }: { diff: ResultDiff }) {
  const [isAll, setAll] = useState(false);
  const listed = diff.rows.slice(0, isAll ? DIFF_LIMIT : LISTED);
  const total = diff.changed + diff.added + diff.removed;
  return (
    <>
      <table className="w-full text-meta">
        <thead className="bg-sunken text-left text-text-3">
          <tr>
            <th className="h-7 px-3.5 font-medium">Row</th>
            <th className="px-2 font-medium">What</th>
            <th className="px-2 font-medium">Values</th>
          </tr>
        </thead>
        <tbody>
          {listed.map(({ how, key, cells }) => (
            <tr key={`${how} ${key.map(String).join('\u0000')}`} className="border-t border-line align-top">
              <td className="px-3.5 py-1 font-mono">{key.map(say).join(' · ')}</td>
              <td className={`px-2 py-1 ${looks[how].tone}`}>{looks[how].word}</td>
              <td className="px-2 py-1">
                <ul className="flex flex-wrap gap-x-4 gap-y-0.5 font-mono">
                  {cells.slice(0, 8).map(({ name, before, after }) => (
                    <li key={name}>
                      <span className="font-sans text-text-3">{name} </span>
                      {how !== 'added' && <del className="bg-del-bg px-0.5 no-underline">{say(before)}</del>}
                      {how === 'changed' && <span className="text-text-3"> → </span>}
                      {how !== 'removed' && <ins className="bg-add-bg px-0.5 no-underline">{say(after)}</ins>}
                    </li>
                  ))}
                  {cells.length > 8 && <li className="font-sans text-text-3">{`and ${cells.length - 8} more`}</li>}
                </ul>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {listed.length < total && (
        <p className="flex items-center gap-3 px-3.5 py-2 text-meta text-text-2">
          {`The first ${listed.length.toLocaleString('en-GB')} of ${countWords(total, 'difference')} are listed.`}
          {!isAll && diff.rows.length > LISTED && (
            <Button size="sm" onClick={() => setAll(true)}>
              {`Show ${diff.rows.length.toLocaleString('en-GB')}`}
            </Button>
          )}
        </p>
      )}
    </>
  );
}

function Drift({ drift, diff }: { drift: readonly ColumnDrift[]; diff: ResultDiff }) {
  const changed = new Map(diff.byColumn.map((column) => [column.name, column.changed]));
  const figure = (value: string | number | null) =>
    value === null
      ? '–'
      : typeof value === 'number'
        ? value.toLocaleString('en-GB', { maximumSignificantDigits: 7 })
        : value;
  return (
    <table className="num w-full text-meta">
      <thead className="bg-sunken text-left text-text-3">
        <tr>
          {['Column', 'Rows changed', 'Null', 'Different values', 'Least', 'Greatest', 'Mean'].map((head) => (
            <th key={head} className="h-7 px-2 font-medium whitespace-nowrap first:pl-3.5">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {drift.map(({ name, before, after }) => (
          <tr key={name} className="border-t border-line [&>td]:px-2 [&>td]:py-1">
            <td className="pl-3.5! font-mono">{name}</td>
            <td>{(changed.get(name) ?? 0).toLocaleString('en-GB')}</td>
            {(['nulls', 'distinct', 'min', 'max', 'mean'] as const).map((what) => (
              <td key={what} className={before[what] === after[what] ? 'text-text-3' : undefined}>
                {before[what] === after[what]
                  ? figure(after[what])
                  : `${figure(before[what])} → ${figure(after[what])}`}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
