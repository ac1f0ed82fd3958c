import { useQuery } from '@tanstack/react-query';
import type { QueryDelivery } from '#contracts/queries/delivery.ts';
import type { TargetDiffRow, TargetVerdict } from '#contracts/queries/target-diff.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { Note, Tag } from '../ui/card.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';

const looks: Readonly<Record<TargetVerdict, { word: string; tone: 'plain' | 'ok' | 'wait' | 'fail' }>> = {
  fits: { word: 'Fits', tone: 'ok' },
  may_fail: { word: 'By value', tone: 'wait' },
  refused: { word: 'Does not fit', tone: 'fail' },
  untouched: { word: 'Kept', tone: 'plain' },
  empty: { word: 'Empty', tone: 'plain' },
};

interface TargetCheckProps {
  target: QueryTarget;
  delivery: Extract<QueryDelivery, { kind: 'data_extension' }>;
  isConfirmed: boolean;
  fault: string | undefined;
  onConfirm: (isConfirmed: boolean) => void;
}

/** What the query gives beside what the data extension has, and the yes to replacing what is in it. */
export function TargetCheck({ target, delivery, isConfirmed, fault, onConfirm }: TargetCheckProps) {
  const { key, mode } = delivery;
  const { id, version, parameters, connectionId, unit } = target;
  const check = useQuery({
    queryKey: ['schedule-target', { id, version, parameters, connectionId, unit }, key, mode],
    queryFn: ({ signal }) =>
      api.checkScheduleTarget({ body: { query: { id, version, parameters, connectionId, unit }, key, mode }, signal }),
    retry: false,
    staleTime: 30_000,
  });
  if (check.error) return <Note tone="fail">{asFailure(check.error).message}</Note>;
  if (!check.data) return <SkeletonLines lines={3} />;
  const { name, rowCount, diff, isFit, unknownBecause } = check.data;
  const rows =
    rowCount === null ? 'its rows' : `${rowCount.toLocaleString('en-GB')} ${rowCount === 1 ? 'row' : 'rows'}`;
  return (
    <section aria-label="Fields compared" className="flex flex-col gap-2">
      {unknownBecause ? (
        <Note tone="wait">
          {`What the query gives is not known before it runs, so it is compared at each run: ${unknownBecause}`}
        </Note>
      ) : (
        <>
          {!isFit && (
            <Note tone="fail">
              The result does not fit this data extension: a run would be held back and nothing be written.
            </Note>
          )}
          <Diff rows={diff} />
        </>
      )}
      <p className="text-meta text-text-2">
        Rows are first written into a copy with the fields of {name}. It is touched once the copy is whole and its count
        lies within the bounds. Marketing Cloud writes without a transaction: whoever reads {name} in those seconds may
        see part of it; a failure there is made good from the copy, but for rows that are appended.
      </p>
      {mode === 'overwrite' && (
        <>
          <Checkbox
            checked={isConfirmed}
            onChecked={onConfirm}
            label={`Each run may replace what is in ${name}: ${rows} now`}
          />
          {fault && (
            <p role="alert" className="text-meta text-fail-fg">
              {fault}
            </p>
          )}
        </>
      )}
    </section>
  );
}

const sideText = (side: { name: string; type: string; length?: number | undefined } | null): string =>
  side ? `${side.name} ${side.type}${side.length ? `(${side.length})` : ''}` : '–';

const Diff = ({ rows }: { rows: readonly TargetDiffRow[] }) => (
  <div className="max-h-64 overflow-auto rounded-md border border-line" tabIndex={0} role="region" aria-label="Fields">
    <table className="w-full text-meta">
      <thead className="sticky top-0 bg-sunken text-left text-text-2">
        <tr>
          <th className="px-2 py-1 font-medium">Result</th>
          <th className="px-2 py-1 font-medium">Field</th>
          <th className="px-2 py-1 font-medium">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ field, column, verdict, why }) => (
          <tr key={`${field?.name}/${column?.name}`} className="border-t border-line align-top">
            <td className="px-2 py-1 font-mono text-[11.5px] break-all">{sideText(column)}</td>
            <td className="px-2 py-1 font-mono text-[11.5px] break-all">
              {sideText(field)}
              {field?.isKey ? ' key' : field?.isRequired ? ' required' : ''}
            </td>
            <td className="px-2 py-1">
              <Tag tone={looks[verdict].tone}>{looks[verdict].word}</Tag>
              {why && <span className="block text-text-3">{why}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
