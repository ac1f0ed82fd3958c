import { cx } from '../kit/cx.ts';
import { Health } from './health.tsx';
import { healthChoices, healthLooks, type ServersView, type useCounts } from './servers.ts';

type Counts = NonNullable<ReturnType<typeof useCounts>['data']>;

/** How many servers are in each state; each figure shows those. */
export function HealthFigures({
  counts,
  health,
  onHealth,
}: {
  counts: Counts;
  health: ServersView['health'];
  onHealth: (health: ServersView['health']) => void;
}) {
  const figures = { ...counts.health, maintenance: counts.inMaintenance };
  return (
    <span
      role="group"
      aria-label="Servers by health"
      className="num ml-auto flex items-center gap-1 text-meta max-sm:hidden"
    >
      {healthChoices.map((state) => {
        const isOn = health.length === 1 && health[0] === state;
        if (figures[state] === 0 && !isOn) return null;
        return (
          <button
            key={state}
            type="button"
            title={healthLooks[state].word}
            aria-pressed={isOn}
            onClick={() => onHealth(isOn ? [] : [state])}
            className={cx(
              'flex h-[26px] items-center gap-1 rounded-md px-1.5 text-text-2 hover:bg-sunken hover:text-text',
              isOn && 'bg-fill text-text',
            )}
          >
            <Health health={state} isWordHidden />
            {figures[state].toLocaleString('en-GB')}
          </button>
        );
      })}
    </span>
  );
}
