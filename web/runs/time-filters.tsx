import { clockTime } from '../kit/time.ts';
import { useZone } from '../ui/relative-time.tsx';
import { OneOf } from './filter-chips.tsx';
import { type RunsView, startedSpans, startedWords } from './runs-view.ts';

export interface ViewProps {
  view: RunsView;
  onView: (changes: Partial<RunsView>, how?: 'push' | 'replace') => void;
}

/** A span of time as it is read: the day once where both ends are on it. */
function useSpanWords(from: string, to: string): string | undefined {
  const zone = useZone();
  if (!from && !to) return undefined;
  const at = (text: string) => clockTime(Date.parse(text), { zone, seconds: false });
  const day = (text: string) =>
    new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone }).format(Date.parse(text));
  if (!from) return `until ${day(to)} ${at(to)}`;
  const sameDay = to && day(from) === day(to);
  return `${day(from)} ${at(from)} – ${to ? `${sameDay ? '' : `${day(to)} `}${at(to)}` : 'now'}`;
}

/** When runs were asked for: in the last hours, or what is drawn in the histogram. */
export function StartedFilter({ view, onView }: ViewProps) {
  return (
    <OneOf
      name="Started"
      value={view.from || view.started === 'any' ? '' : view.started}
      shown={useSpanWords(view.from, view.to)}
      options={startedSpans.map((span) => [span, startedWords[span]])}
      onValue={(started) => onView({ started: (started || 'any') as RunsView['started'], from: '', to: '' })}
    />
  );
}

/** When runs ended, whenever they were asked for: in the last hours, or what a bar of the first page stands for. */
export function EndedFilter({ view, onView }: ViewProps) {
  return (
    <OneOf
      name="Ended"
      value={view.endedFrom || view.ended === 'any' ? '' : view.ended}
      shown={useSpanWords(view.endedFrom, view.endedTo)}
      options={startedSpans.map((span) => [span, startedWords[span]])}
      onValue={(ended) => onView({ ended: (ended || 'any') as RunsView['ended'], endedFrom: '', endedTo: '' })}
    />
  );
}
