import { rateVital, type Rating, type VitalName, vitalBounds } from '#contracts/vitals/spread.ts';
import type { VitalSpreads } from '#contracts/vitals/vitals.ts';
import { cx } from '../kit/cx.ts';
import { familyText, type StatusFamily, type StatusName } from '../ui/status.ts';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';

export type Percentile = 'p50' | 'p75' | 'p95';

/** What each figure is, in the words of somebody who waits for the page. */
export const vitalWords: Readonly<Record<VitalName, { title: string; says: string }>> = {
  LCP: { title: 'Largest paint', says: 'until the main content of a first page is there' },
  INP: { title: 'Response', says: 'from a click or key to the next picture, the slowest of a visit' },
  CLS: { title: 'Layout shift', says: 'how much content jumps; a score' },
  FCP: { title: 'First paint', says: 'until a first page shows anything' },
  TTFB: { title: 'First byte', says: 'until the server answers' },
  ROUTE: { title: 'Page change', says: 'from one page of the console to the next' },
};

const looks: Readonly<Record<Rating, { word: string; family: StatusFamily; shape: StatusName; bar: string }>> = {
  good: { word: 'Good', family: 'ok', shape: 'succeeded', bar: 'bg-ok-solid' },
  fair: { word: 'Fair', family: 'wait', shape: 'waiting', bar: 'bg-wait-solid' },
  poor: { word: 'Poor', family: 'fail', shape: 'failed', bar: 'bg-fail-solid' },
};

/** A figure with its unit: `180 ms`, `2.4 s`, or the bare score. */
export function vitalText(name: VitalName, value: number): string {
  if (name === 'CLS') return value === 0 ? '0' : value.toFixed(value < 0.01 ? 3 : 2);
  if (value >= 995) return `${(value / 1_000).toFixed(1)} s`;
  return `${value < 1 ? '< 1' : Math.round(value)} ms`;
}

/** How a figure is rated, by shape, colour and word. */
export function RatingMark({ rating, withWord = false }: { rating: Rating; withWord?: boolean }) {
  const { word, family, shape } = looks[rating];
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span className={cx('inline-flex', familyText[family])}>
        <StatusShapeOnly status={shape} size={13} />
      </span>
      <span className={withWord ? 'text-meta text-text-2' : 'sr-only'}>{word}</span>
    </span>
  );
}

/** One vital over all pages: the figure, its rating, its other percentiles, and the shares of good, fair and poor. */
export function VitalCard({ name, vitals, by }: { name: VitalName; vitals: VitalSpreads; by: Percentile }) {
  const spread = vitals[name];
  const { title, says } = vitalWords[name];
  const [good, fair] = vitalBounds[name];
  return (
    <section
      aria-label={title}
      data-testid={`speed.${name}`}
      className="flex min-w-0 flex-col gap-1 rounded-lg border border-line bg-surface p-3.5"
    >
      <h2 className="flex items-baseline gap-1.5 font-semibold">
        {title} <span className="font-mono text-[11px] font-normal text-text-3">{name}</span>
      </h2>
      <p className="text-meta text-text-2">{says}</p>
      {spread ? (
        <>
          <p className="num mt-1 flex flex-wrap items-baseline gap-x-2.5">
            <span className="text-figure font-semibold tracking-[-0.02em]">{vitalText(name, spread[by])}</span>
            <RatingMark rating={rateVital(name, spread[by])} withWord />
          </p>
          <Shares {...spread} />
          <p className="num text-meta text-text-2">
            p50 {vitalText(name, spread.p50)} · p75 {vitalText(name, spread.p75)} · p95 {vitalText(name, spread.p95)}
          </p>
        </>
      ) : (
        <p className="mt-1 text-text-3">Not measured yet</p>
      )}
      <p className="num mt-auto pt-1 text-meta text-text-3">
        Good to {vitalText(name, good)}, poor beyond {vitalText(name, fair)}
        {spread && ` · ${spread.count.toLocaleString('en-GB')} measured`}
      </p>
    </section>
  );
}

function Shares({ good, fair, poor, count }: { good: number; fair: number; poor: number; count: number }) {
  const percent = (part: number) => Math.round((part / count) * 100);
  const says = `${percent(good)}% good, ${percent(fair)}% fair, ${percent(poor)}% poor`;
  return (
    <div
      role="img"
      aria-label={says}
      title={says}
      className="my-1 flex h-1.5 gap-px overflow-hidden rounded-full bg-fill"
    >
      {(['good', 'fair', 'poor'] as const).map((rating) => {
        const part = { good, fair, poor }[rating];
        return part > 0 && <span key={rating} className={looks[rating].bar} style={{ flexGrow: part }} />;
      })}
    </div>
  );
}

/** One figure of a page in the table. */
export function VitalCell({ name, vitals, by }: { name: VitalName; vitals: VitalSpreads; by: Percentile }) {
  const spread = vitals[name];
  if (!spread) return <span className="text-text-3">–</span>;
  return (
    <span
      className="num inline-flex items-center justify-end gap-1.5"
      title={`p50 ${vitalText(name, spread.p50)} · p75 ${vitalText(name, spread.p75)} · p95 ${vitalText(name, spread.p95)} of ${spread.count}`}
    >
      {vitalText(name, spread[by])}
      <RatingMark rating={rateVital(name, spread[by])} />
    </span>
  );
}
