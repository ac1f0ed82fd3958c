import { useQuery } from '@tanstack/react-query';
import { Flame } from 'lucide-react';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from './severity.tsx';
import { useMoves } from './use-moves.ts';

const shown = 5;

/** Incidents that nobody has acknowledged, as rows of what waits for you; each is acknowledged in its place. */
export function UnansweredRows() {
  const offline = useOffline();
  const mayNot = useRefusal()('incidents:act');
  const { move, pending } = useMoves();
  const { data } = useQuery({
    queryKey: ['incidents', 'unanswered'],
    queryFn: ({ signal }) => api.listIncidents({ query: { state: 'open', limit: shown }, signal }),
  });
  return (data?.data ?? [])
    .filter(({ id }) => !pending.has(id))
    .map((incident) => (
      <li
        key={incident.id}
        data-incident={incident.id}
        className="flex items-center gap-3 border-t border-line px-3.5 py-1.5 max-sm:min-h-14"
      >
        <span className="grid size-7 flex-none place-items-center rounded-md bg-fail-soft text-fail-fg">
          <Icon of={Flame} />
        </span>
        <span className="min-w-0 flex-1">
          <Go
            to={`/incidents/${incident.key}`}
            className="block truncate leading-[18px] font-medium hover:underline"
            title={incident.title}
          >
            <bdi>{incident.title}</bdi>
          </Go>
          <span className="flex min-w-0 items-center gap-2 text-meta text-text-2">
            <Severity severity={incident.severity} />
            <span className="num whitespace-nowrap">{incident.key}</span>
            {incident.service && <bdi className="truncate">{incident.service}</bdi>}
            <RelativeTime at={incident.openedAt} className="whitespace-nowrap text-text-3" />
          </span>
        </span>
        <Button
          className="min-w-24 max-sm:h-11! max-sm:min-w-0 max-sm:px-3!"
          refusal={offline ?? mayNot}
          onClick={() => void move(incident, 'acknowledged')}
        >
          Acknowledge
        </Button>
      </li>
    ));
}
