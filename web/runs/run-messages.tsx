import { useQuery } from '@tanstack/react-query';
import { ArrowUpRight } from 'lucide-react';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { useMay } from '../kit/session.ts';
import { deliveryStatus, statusWords } from '../settings/channel-words.ts';
import { Icon } from '../ui/icon.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';

/** So many are named; the log of messages has them all. */
const mostShown = 20;

/** The messages that a run sends, each with what became of it and the way to its line in the log. Nothing where it sends none. */
export function RunMessages({ runId }: { runId: string }) {
  const may = useMay('notifications:read');
  const messages = useQuery({
    // An event `notification.*` asks anew.
    queryKey: ['deliveries', 'of-run', runId],
    queryFn: ({ signal }) => api.listDeliveries({ query: { run: runId, limit: mostShown }, signal }),
    enabled: may,
  });
  const data = messages.data?.data ?? [];
  if (data.length === 0) return null;
  const incidentId = data.find((one) => one.incidentId !== null)?.incidentId;
  return (
    <section aria-label="Messages" data-testid="run.messages" className="flex-none border-b border-line px-4 py-2.5">
      <h2 className="mb-1 font-semibold">{data.length === 1 ? 'The message' : 'Messages'}</h2>
      <ul>
        {data.map(({ id, status, subject, channel, target, error }) => (
          <li key={id} className="flex items-start gap-2.5 py-1">
            <span className="mt-0.5">
              <StatusGlyph status={deliveryStatus[status]} word={statusWords[status]} />
            </span>
            <span className="min-w-0 flex-1">
              <span className="block break-words">{subject}</span>
              <span className="block text-meta break-words text-text-2">{`${channel} · ${target}`}</span>
              {error && <span className="block text-meta break-words text-fail-fg">{error.message}</span>}
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-1 flex flex-wrap gap-x-4 text-meta">
        <Way to="/settings/channels" search={{ run: runId }}>
          Its tries in the log of messages
        </Way>
        {incidentId && <Way to={`/incidents/${incidentId}`}>The incident</Way>}
      </p>
    </section>
  );
}

const Way = ({ to, search, children }: { to: string; search?: Record<string, string>; children: string }) => (
  <Go to={to} search={search ?? {}} className="flex items-center gap-1 text-accent hover:underline max-sm:min-h-11">
    {children} <Icon of={ArrowUpRight} size={12} />
  </Go>
);
