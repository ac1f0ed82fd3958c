import { useQueryClient } from '@tanstack/react-query';
import { Play, X } from 'lucide-react';
import { useState } from 'react';
import type { IncidentStart } from '#contracts/incident-rules/incident-rules.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { toast } from '../ui/toast.tsx';
import { startStatus, startWord } from './incident-rule-words.ts';
import { useIncidentStarts } from './incident-rules.ts';

/** Playbooks of an incident: what rules suggest, with the word to start or dismiss it, and what was begun. Nothing where there is none. */
export function IncidentPlaybooks({ incidentId }: { incidentId: string }) {
  const starts = useIncidentStarts(incidentId);
  const rows = starts.data?.data ?? [];
  if (rows.length === 0) return null;
  const isWaiting = ({ status }: IncidentStart): boolean => status === 'suggested';
  return (
    <ul aria-label="Playbooks of this incident" className="flex flex-col gap-1.5">
      {[...rows.filter(isWaiting), ...rows.filter((row) => !isWaiting(row))].map((start) =>
        isWaiting(start) ? <Suggestion key={start.id} start={start} /> : <Begun key={start.id} start={start} />,
      )}
    </ul>
  );
}

/** What a rule suggests, with the word to start or dismiss it. */
export function Suggestion({ start }: { start: IncidentStart }) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const [busy, setBusy] = useState<'accept' | 'dismiss' | null>(null);
  const name = start.playbook.name ?? 'a deleted playbook';
  const settle = async (act: 'accept' | 'dismiss') => {
    setBusy(act);
    const params = { id: start.incident.id, startId: start.id };
    try {
      await (act === 'accept' ? api.acceptSuggestion({ params }) : api.dismissSuggestion({ params }));
      toast.done(act === 'accept' ? `${name} is started` : `${name} is dismissed`);
      void client.invalidateQueries({ queryKey: ['incident-rules'] });
      await client.invalidateQueries({ queryKey: ['incident-starts', start.incident.id] });
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(null);
    }
  };
  return (
    <li className="rounded-md border border-wait-line bg-wait-soft px-3 py-2">
      <p className="font-medium">{name}</p>
      <p className="text-meta text-text-2">{start.why}</p>
      <div className="mt-1.5 flex flex-wrap gap-2">
        <Button
          size="sm"
          look="primary"
          icon={Play}
          busy={busy === 'accept'}
          refusal={offline ?? refusal('playbooks:run')}
          onClick={() => void settle('accept')}
        >
          {`Start ${name}`}
        </Button>
        <Button
          size="sm"
          icon={X}
          busy={busy === 'dismiss'}
          refusal={offline ?? refusal('incidents:act')}
          onClick={() => void settle('dismiss')}
        >
          Dismiss
        </Button>
      </div>
    </li>
  );
}

function Begun({ start }: { start: IncidentStart }) {
  return (
    <li className="flex items-center gap-2">
      <StatusGlyph status={startStatus(start)} word={startWord[start.status]} />
      {start.runId && start.status !== 'failed' ? (
        <Go to={`/runs/${start.runId}`} className="min-w-0 flex-1 truncate hover:underline">
          {start.playbook.name ?? 'deleted playbook'}
        </Go>
      ) : (
        <span className="min-w-0 flex-1 truncate" title={start.error?.message}>
          {start.playbook.name ?? 'deleted playbook'}
        </span>
      )}
      <RelativeTime at={start.at} className="text-meta text-text-3" />
    </li>
  );
}
