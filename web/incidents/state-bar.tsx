import type { ShownIncident, TimelineEntry } from '#contracts/incidents/incidents.ts';
import { allowedMoves, type IncidentState, needsReason, stateFlags } from '#contracts/incidents/states.ts';
import { cx } from '../kit/cx.ts';
import { clockTime } from '../kit/time.ts';
import { useZone } from '../ui/relative-time.tsx';
import { boardStates, type StateNames } from './incident-words.ts';
import { StateShape } from './state-glyph.tsx';

/** When each state was last reached, and by whom, as the story tells it. */
export function reachedBy(
  { openedAt, createdBy }: Pick<ShownIncident, 'openedAt' | 'createdBy'>,
  story: readonly TimelineEntry[],
): Map<string, { at: string; by: string }> {
  const reached = new Map([['open', { at: openedAt, by: createdBy.name }]]);
  // Newest first: the oldest is laid down first, so that the newest stays.
  for (const { kind, at, actor, details } of story.toReversed()) {
    const to = details['to'];
    if (kind === 'moved' && typeof to === 'string') reached.set(to, { at, by: actor.name });
  }
  return reached;
}

interface StateBarProps {
  incident: ShownIncident;
  story: readonly TimelineEntry[];
  names: StateNames;
  refusal: string | null;
  onMove: (to: IncidentState) => void;
}

/** What came, what is, what may come and what it asks for. A state that may come is a button. */
export function StateBar({ incident, story, names, refusal, onMove }: StateBarProps) {
  const zone = useZone();
  const { state } = incident;
  const reached = reachedBy(incident, story);
  const allowed = allowedMoves(state);
  // States aside of the straight way are shown where they matter: when one is in them.
  const shown = boardStates.includes(state) ? boardStates : [...boardStates, state];
  return (
    <ol
      aria-label="States"
      data-testid="incident.states"
      className="flex flex-none snap-x overflow-x-auto border-b border-line [scrollbar-width:none]"
    >
      {shown.map((one) => {
        const isNow = one === state;
        const came = reached.get(one);
        const mayCome = allowed.includes(one);
        const time = (at: string) => clockTime(Date.parse(at), { zone, seconds: false });
        const hint = isNow
          ? `since ${time(incident.stateSince)}`
          : came && !mayCome
            ? `${time(came.at)} · ${came.by}`
            : mayCome
              ? needsReason(state, one)
                ? 'needs a reason'
                : 'may come next'
              : stateFlags[state].terminal
                ? 'not reached'
                : 'later';
        const inside = (
          <>
            <StateShape state={one} className={isNow ? 'text-accent' : mayCome || came ? undefined : 'text-text-3'} />
            <span className="min-w-0">
              <bdi
                className={cx('block truncate leading-[18px]', isNow && 'font-medium text-accent')}
                title={names[one]}
              >
                {names[one]}
              </bdi>
              <span className={cx('num block truncate text-meta', isNow ? 'text-accent' : 'text-text-3')}>{hint}</span>
            </span>
          </>
        );
        const classes = 'flex h-[46px] w-full min-w-0 items-center gap-2 px-4 text-left';
        return (
          <li
            key={one}
            aria-current={isNow ? 'step' : undefined}
            data-state={one}
            className={cx(
              'min-w-[132px] flex-1 snap-start border-r border-line last:border-r-0',
              isNow ? 'bg-accent-soft' : !came && !mayCome && 'text-text-3',
            )}
          >
            {mayCome ? (
              <button
                type="button"
                disabled={refusal !== null}
                title={refusal ?? `Move to ${names[one]}`}
                onClick={() => onMove(one)}
                className={cx(classes, 'hover:bg-sunken focus-visible:outline-offset-[-2px] disabled:opacity-60')}
              >
                {inside}
              </button>
            ) : (
              <span className={classes}>{inside}</span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
