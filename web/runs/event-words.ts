import type { EventRecord } from '#contracts/runs/runs.ts';
import type { StatusName } from '../ui/status.ts';
import { statusLooks } from '../ui/status.ts';

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const record = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const isStatus = (word: string): word is StatusName => word in statusLooks;

const titles: Readonly<Record<string, string>> = {
  'run.queued': 'Queued',
  'run.started': 'Started',
  'run.waiting': 'Waiting',
  'run.resumed': 'Goes on',
  'run.progressed': 'Progress',
  'run.ended': 'Ended',
  'run.ended_outside': 'Ended in Temporal, not here',
  'run.cancel_asked': 'Cancel asked for',
  'run.changed': 'Named or tagged anew',
  'approval.asked': 'Approval asked',
  'approval.decided': 'Approval decided',
  'approval.expired': 'Nobody decided in time',
};

/** What a query has come to, by its phase. */
const phases: Readonly<Record<string, string>> = {
  validating: 'Asked the service whether it would run',
  starting: 'Started at the service',
  remote_queued: 'Queued at the service',
  running: 'Running at the service',
  ready: 'Rows can be read',
  delivering: 'On its way',
  closed: 'Closed at the service',
};

/** The status that an event's mark shows. */
export function eventStatus({ type, data }: Pick<EventRecord, 'type' | 'data'>): StatusName {
  const status = text(data['status']);
  if (isStatus(status)) return status;
  if (type === 'run.queued') return 'queued';
  if (type === 'run.waiting' || type === 'approval.asked') return 'waiting';
  if (type === 'approval.decided')
    return text(data['decision'] ?? data['state']).startsWith('reject') ? 'failed' : 'succeeded';
  if (type.startsWith('run.cancel')) return 'canceled';
  return 'running';
}

/** An event as a sentence: what it is about and what became of it. */
export function eventWords(
  { type, data }: Pick<EventRecord, 'type' | 'data'>,
  names: ReadonlyMap<string, string>,
): { title: string; detail: string } {
  const address = text(data['address'] ?? data['step']);
  const step = names.get(address) ?? address;
  const status = text(data['status']);
  const word = isStatus(status) ? statusLooks[status].word.toLowerCase() : status;
  const error = record(data['error']);
  const failure = text(error['message']) || text(data['message']);
  if (type.startsWith('step.')) {
    const attempt = Number(data['attempt'] ?? 1);
    return {
      title: `${step || 'A step'} ${word}`.trim(),
      detail: [attempt > 1 ? `attempt ${attempt}` : '', failure].filter(Boolean).join(' · '),
    };
  }
  if (type.startsWith('host.')) {
    const exit = text(data['exitCode']);
    return {
      title: `${text(data['host'])} ${word}`,
      detail: [step, exit && exit !== '0' ? `exit ${exit}` : '', failure].filter(Boolean).join(' · '),
    };
  }
  const rows = data['rows'];
  const counted = typeof rows === 'number' ? `${rows.toLocaleString('en-GB')} ${rows === 1 ? 'row' : 'rows'}` : '';
  if (type === 'query.progress') return { title: phases[text(data['phase'])] ?? 'Query goes on', detail: counted };
  if (type === 'query.export_ended')
    return {
      title: `${text(data['format']).toUpperCase()} ${data['state'] === 'whole' ? 'exported' : 'broke off'}`,
      detail: counted,
    };
  const title = titles[type] ?? type.replace(/[._]/g, ' ');
  const why = text(data['reason']) || text(data['waitingFor']) || failure || text(data['subject']);
  return {
    title: type === 'run.ended' && word ? `Ended: ${word}` : title,
    detail: [why, type.startsWith('approval.') ? text(data['by']) : ''].filter(Boolean).join(' · '),
  };
}
