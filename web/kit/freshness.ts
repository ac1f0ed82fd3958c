import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { StreamEvent } from './event-stream.ts';

const ofRun = [['runs'], ['run', ':run'], ['overview'], ['queues']] as const;

/** Which queries an event makes stale. `:run` and `:subject` stand for the event's own. */
const staleBy: ReadonlyArray<readonly [prefix: string, keys: ReadonlyArray<readonly string[]>]> = [
  ['run_view.', [['run-views']]],
  // Beginning and end show in lists of other things too: a playbook's last run, a schedule's results, a server's runs.
  ['run.queued', [...ofRun, ['playbooks'], ['schedules'], ['server']]],
  ['run.ended', [...ofRun, ['playbooks'], ['schedules'], ['server'], ['run-triggers']]],
  ['run.', ofRun],
  ['step.', [['run', ':run']]],
  ['host.', [['run', ':run']]],
  ['approval.', [['approvals'], ['run', ':run'], ['overview']]],
  ['playbook.', [['playbooks'], ['playbook', ':subject']]],
  ['server.', [['servers'], ['server', ':subject'], ['overview']]],
  ['credential.', [['credentials']]],
  ['schedule.', [['schedules'], ['overview']]],
  ['webhook.', [['hooks']]],
  ['run_trigger.', [['run-triggers']]],
  ['channel.', [['channels']]],
  ['notification.', [['channels']]],
  ['secret.', [['secrets']]],
  ['member.', [['members'], ['session']]],
  ['person.', [['members'], ['session']]],
  ['session.', [['session']]],
  ['invitation.', [['members']]],
  ['key.', [['keys']]],
  ['settings.', [['settings'], ['session'], ['queues']]],
  ['audit.', [['audit']]],
];

/** The id of a subject: events name `server:<id>`, queries the id alone. */
const idOf = (subject: string | null): string | null => subject?.replace(/^[a-z_]+:/, '') ?? null;

/** The queries that an event makes stale; those of a run or subject only where the event names one. */
export function staleKeys(event: Pick<StreamEvent, 'type' | 'run' | 'subject'>): string[][] {
  const keys = staleBy.find(([prefix]) => event.type.startsWith(prefix))?.[1] ?? [];
  const facts: Record<string, string | null> = {
    ':run': event.run ?? (event.type.startsWith('run.') ? idOf(event.subject) : null),
    ':subject': idOf(event.subject),
  };
  return keys.flatMap((key) => {
    const filled = key.map((part) => (part.startsWith(':') ? (facts[part] ?? '') : part));
    return filled.includes('') ? [] : [filled];
  });
}

const THROTTLE_MS = 500;

/** Marks queries stale as events come: at once the first time, then at most once in 500 ms a query. */
export function keepFresh(client: QueryClient): (event: StreamEvent) => void {
  const waiting = new Map<string, { again: boolean }>();
  const refresh = (key: QueryKey) => {
    const name = JSON.stringify(key);
    const busy = waiting.get(name);
    if (busy) {
      busy.again = true;
      return;
    }
    const slot = { again: false };
    waiting.set(name, slot);
    void client.invalidateQueries({ queryKey: key });
    setTimeout(() => {
      waiting.delete(name);
      if (slot.again) refresh(key);
    }, THROTTLE_MS);
  };
  return (event) => {
    for (const key of staleKeys(event)) refresh(key);
  };
}
