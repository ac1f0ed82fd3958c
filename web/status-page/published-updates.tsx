import { useQueryClient } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { phaseWords, type PublishedUpdate } from '#contracts/status-page/status-page.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { IconButton } from '../ui/button.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';

/** What the public was told of an incident, the newest first; each can be taken off the page again. */
export function PublishedUpdates({ incidentId, updates }: { incidentId: string; updates: readonly PublishedUpdate[] }) {
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const [gone, setGone] = useState<PublishedUpdate | null>(null);
  if (updates.length === 0) return null;
  const withdraw = async () => {
    if (!gone) return;
    await api.withdrawUpdate({ params: { id: incidentId, updateId: gone.id } });
    toast.done('It is off the status page');
    setGone(null);
    await client.invalidateQueries({ queryKey: ['status-updates', incidentId] });
  };
  return (
    <section aria-label="Published so far" className="border-t border-line pt-3">
      <h3 className="mb-1 text-meta font-medium">Published so far</h3>
      <ol className="max-h-48 overflow-auto">
        {updates.map((update) => (
          <li key={update.id} className="flex items-start gap-2 border-line py-1.5 not-first:border-t">
            <div className="min-w-0 flex-1">
              <p className="break-words" dir="auto">
                {update.text}
              </p>
              <p className="text-meta text-text-3">
                {phaseWords[update.phase]}, <RelativeTime at={update.publishedAt} /> by{' '}
                <bdi>{update.publishedBy.name}</bdi>
              </p>
            </div>
            <IconButton
              size="sm"
              icon={Undo2}
              label={`Take off the page: ${update.text.slice(0, 60)}`}
              refusal={offline ?? refusal('incidents:manage')}
              onClick={() => setGone(update)}
            />
          </li>
        ))}
      </ol>
      <AlertDialog
        isOpen={gone !== null}
        onClose={() => setGone(null)}
        title="Take this update off the page?"
        act="Take it off"
        onAct={withdraw}
      >
        Nobody reads it there any more. Who has read it or follows the feed may keep it.
      </AlertDialog>
    </section>
  );
}
