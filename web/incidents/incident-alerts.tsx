import { useQuery } from '@tanstack/react-query';
import { SeverityTag } from '../alerts/alert-columns.tsx';
import { statusWords } from '../alerts/alerts.ts';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { useMay } from '../kit/session.ts';
import { Tag } from '../ui/card.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import type { OpenedIncident } from './incidents.ts';
import { SideSection } from './side-section.tsx';

/** So many are named here; the others are counted. */
const mostNamed = 6;

/** The alerts of an incident: how many still fire, and the last ones by name. */
export function IncidentAlerts({ incident: { id, alertsFiring, alertsTotal } }: { incident: OpenedIncident }) {
  const may = useMay('alerts:read');
  const alerts = useQuery({
    queryKey: ['alerts', 'of-incident', id],
    queryFn: ({ signal }) => api.listAlerts({ query: { incident: id, limit: mostNamed }, signal }),
    enabled: may && alertsTotal > 0,
  });
  const rows = alerts.data?.data ?? [];
  return (
    <SideSection title="Alerts" count={alertsTotal}>
      {alertsTotal === 0 ? (
        <p className="text-text-3">None</p>
      ) : (
        <p className="num text-text-2">
          {alertsFiring > 0 ? `${alertsFiring} of ${alertsTotal} firing` : 'All have ended'}
        </p>
      )}
      <ul>
        {rows.map(({ id: alertId, title, severity, status, lastSeenAt }) => (
          <li key={alertId} className="flex min-h-[27px] min-w-0 items-center gap-2 max-sm:min-h-11">
            {status === 'resolved' ? <Tag>{statusWords.resolved}</Tag> : <SeverityTag severity={severity} />}
            <Go
              to="/alerts"
              search={{ sel: alertId, state: 'all' }}
              className="min-w-0 flex-1 truncate hover:underline"
            >
              <bdi title={title}>{title}</bdi>
            </Go>
            <RelativeTime at={lastSeenAt} className="text-meta text-text-3" />
          </li>
        ))}
      </ul>
      {rows.length > 0 && alertsTotal > rows.length && (
        <p className="num text-meta text-text-3">{`and ${alertsTotal - rows.length} more`}</p>
      )}
    </SideSection>
  );
}
