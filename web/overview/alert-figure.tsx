import { useQuery } from '@tanstack/react-query';
import type { ComponentType } from 'react';
import { api } from '../kit/api.ts';
import { countText } from '../kit/time.ts';
import type { FigureProps } from './figures.tsx';

/**
 * Alerts that fire now, in the whole workspace; also those that somebody has seen. Events keep it fresh.
 * The tile is handed in: imported, it would be a script of its own that the first page waits for.
 */
export function AlertFigure({ as: Figure }: { as: ComponentType<FigureProps> }) {
  const alerts = useQuery({
    queryKey: ['alerts', 'figure'],
    queryFn: ({ signal }) => api.listAlerts({ query: { status: 'live', limit: 1 }, signal }),
  });
  const firing = alerts.data?.firing;
  const total = firing && Object.values(firing).reduce((sum, count) => sum + count, 0);
  const bad = [firing?.critical && `${firing.critical} critical`, firing?.high && `${firing.high} high`].filter(
    Boolean,
  );
  return (
    <Figure
      to="/alerts"
      label="Alerts that fire"
      value={total === undefined ? '–' : countText(total)}
      hint={bad.join(', ') || (alerts.error ? 'not known now' : 'none critical or high')}
      isBad={bad.length > 0}
    />
  );
}
