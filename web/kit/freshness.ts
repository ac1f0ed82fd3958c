import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { StreamEvent } from './event-stream.ts';

const ofRun = [
  ['runs'],
  ['run', ':run'],
  ['overview'],
  ['queues'],
  ['query-runs'],
  ['query-run', ':run'],
  ['query-queue'],
] as const;

/** Which queries an event makes stale. `:run` and `:subject` stand for the event's own. */
const staleBy: ReadonlyArray<readonly [prefix: string, keys: ReadonlyArray<readonly string[]>]> = [
  ['run_view.', [['run-views']]],
  // Beginning and end show in lists of other things too: a playbook's last run, a schedule's results, a server's runs.
  ['run.queued', [...ofRun, ['playbooks'], ['schedules'], ['server']]],
  ['run.ended', [...ofRun, ['playbooks'], ['schedules'], ['server'], ['run-triggers']]],
  ['run.', ofRun],
  // What waits in line waits for something else now, in every list that shows it.
  ['queue.', [['queues'], ['runs'], ['run'], ['overview'], ['query-queue']]],
  ['step.', [['run', ':run']]],
  ['host.', [['run', ':run']]],
  ['approval.', [['approvals'], ['run', ':run'], ['overview']]],
  // Which playbooks use a stored file is told with the file.
  ['playbook.', [['playbooks'], ['playbook', ':subject'], ['artifacts']]],
  ['artifact.', [['artifacts']]],
  ['server.', [['servers'], ['server', ':subject'], ['overview']]],
  ['asset_type.', [['asset-types']]],
  ['asset_import.', [['asset-imports']]],
  ['asset.many_changed', [['assets'], ['asset']]],
  ['asset.', [['assets'], ['asset']]],
  ['connection.', [['connections'], ['overview']]],
  ['query.', [['query-runs'], ['query-run', ':run'], ['query-queue'], ['queries']]],
  ['query_snippet.', [['query-snippets']]],
  [
    'query_rule.',
    [['query-rules'], ['query-limits'], ['connections'], ['queries'], ['query-runs'], ['query-run'], ['query-queue']],
  ],
  ['schema.', [['connections', ':subject', 'objects']]],
  ['credential.', [['credentials']]],
  ['schedule.', [['schedules'], ['overview']]],
  ['webhook.', [['hooks']]],
  ['run_trigger.', [['run-triggers']]],
  ['incident_view.', [['incident-views']]],
  // A run that begins or ends for an incident, an alert that fires: its own events say so.
  ['incident.', [['incidents'], ['incident', ':subject'], ['overview']]],
  // Of policies and calendars; what follows tells of clocks.
  ['sla.changed', [['sla'], ['incidents']]],
  ['sla.', [['incidents'], ['incident', ':subject']]],
  ['escalation.', [['incidents'], ['incident', ':subject']]],
  // Lines themselves are no events: the page asks for them while it follows.
  ['log_source.', [['log-sources']]],
  ['log_search.', [['log-searches']]],
  ['log_keeping.', [['log-keeping']]],
  ['alert.', [['alerts'], ['alert-sources']]],
  ['alert_source.', [['alert-sources'], ['alerts']]],
  ['alert_rule.', [['alert-rules']]],
  ['silence.', [['silences'], ['alerts']]],
  ['oncall.', [['oncall']]],
  ['escalation_policy.', [['escalation-policies']]],
  ['incident_rule.', [['incident-rules'], ['incident-starts']]],
  ['status_page.', [['status-page'], ['status-updates']]],
  ['channel.', [['channels']]],
  ['notification.', [['channels'], ['deliveries']]],
  ['secret.', [['secrets']]],
  ['member.', [['members'], ['session'], ['oncall']]],
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

const LEAST_MS = 200;
const MOST_MS = 2_000;

/**
 * Marks queries stale as events come: at once the first time, then again when the answer has come and twice as long as
 * it took has passed. So a quick server is asked up to five times a second, and a slow one is not asked to death. An
 * answer under way is never thrown away: under steady events none would ever arrive.
 */
export function keepFresh(client: QueryClient): (event: StreamEvent) => void {
  const waiting = new Map<string, { again: boolean }>();
  const refresh = async (key: QueryKey): Promise<void> => {
    const name = JSON.stringify(key);
    const busy = waiting.get(name);
    if (busy) {
      busy.again = true;
      return;
    }
    // What is already being read may have been read before the change.
    const slot = { again: client.isFetching({ queryKey: key }) > 0 };
    waiting.set(name, slot);
    const begun = performance.now();
    await client.invalidateQueries({ queryKey: key }, { cancelRefetch: false });
    const tookMs = performance.now() - begun;
    setTimeout(
      () => {
        waiting.delete(name);
        if (slot.again) void refresh(key);
      },
      Math.min(MOST_MS, Math.max(LEAST_MS, 2 * tookMs)),
    );
  };
  return (event) => {
    for (const key of staleKeys(event)) void refresh(key);
  };
}
