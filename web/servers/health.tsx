import { CircleHelp, TriangleAlert } from 'lucide-react';
import type { HealthState } from '#contracts/servers/servers.ts';
import { cx } from '../kit/cx.ts';
import { Icon } from '../ui/icon.tsx';
import { familyText } from '../ui/status.ts';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';
import { healthLooks } from './servers.ts';

/** The health of a server by shape, word and colour. */
export function Health({
  health,
  isWordHidden = false,
}: {
  health: HealthState | 'maintenance';
  isWordHidden?: boolean;
}) {
  const { word, family } = healthLooks[health];
  const shape =
    health === 'degraded' ? (
      <Icon of={TriangleAlert} size={15} />
    ) : health === 'unknown' ? (
      <Icon of={CircleHelp} size={15} />
    ) : (
      <StatusShapeOnly
        status={
          health === 'healthy'
            ? 'healthy'
            : health === 'maintenance'
              ? 'paused'
              : health === 'no_answer'
                ? 'timed_out'
                : 'unhealthy'
        }
      />
    );
  return (
    <span data-health={health} className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', familyText[family])}>
      {shape}
      <span className={isWordHidden ? 'sr-only' : family === 'ok' || family === 'idle' ? 'text-text-2' : undefined}>
        {word}
      </span>
    </span>
  );
}
