import type { Notice } from '#contracts/notices/notices.ts';
import { durationText } from '../kit/time.ts';
import type { StatusName } from '../ui/status.ts';

export interface NoticeWords {
  /** What happened, in a sentence. */
  title: string;
  /** Why, or about what; empty where there is nothing to add. */
  detail: string;
  /** The page to act on it. */
  to: string;
  search?: Record<string, string>;
  /** The mark before it, where it is about a run; else the kind has an icon of its own. */
  status?: StatusName;
}

const parts: Readonly<Record<string, string>> = {
  app: 'The API process',
  work: 'The worker process',
  postgres: 'The database',
  temporal: 'Temporal',
};

/** A notice as it is read: a sentence, what to add, and where it leads. */
export function noticeWords(notice: Notice): NoticeWords {
  const { kind, title, detail, by, runId, serverId, tookMs } = notice;
  const who = by.join(', ');
  const run = { to: runId ? `/runs/${runId}` : '/runs' };
  const queues = { to: '/settings/queues' };
  switch (kind) {
    case 'approval.asked':
      return {
        ...run,
        title: `${title} waits for your approval`,
        // A playbook of one question asks by its own name.
        detail: [detail === title ? null : detail, who && `started by ${who}`].filter(Boolean).join(' · '),
        status: 'waiting',
      };
    case 'approval.approved':
    case 'approval.rejected': {
      const word = kind === 'approval.approved' ? 'approved' : 'rejected';
      return {
        ...run,
        title: who ? `${who} ${word} ${title}` : `${title} was ${word} when the time was up`,
        detail: detail ?? '',
        status: kind === 'approval.approved' ? 'succeeded' : 'failed',
      };
    }
    case 'approval.expired':
      return { ...run, title: `Nobody decided on ${title} in time`, detail: detail ?? '', status: 'timed_out' };
    case 'run.failed':
      return { ...run, title: `${title} failed`, detail: detail ?? '', status: 'failed' };
    case 'run.timed_out':
      return { ...run, title: `${title} ran out of time`, detail: detail ?? '', status: 'timed_out' };
    case 'run.succeeded':
      return {
        ...run,
        title: `${title} succeeded`,
        detail: tookMs === null ? '' : `after ${durationText(tookMs)}`,
        status: 'succeeded',
      };
    case 'server.unhealthy':
      return {
        to: '/servers',
        ...(serverId && { search: { sel: serverId } }),
        title: `${title} became unhealthy`,
        detail: detail ?? '',
      };
    case 'system.restarted':
      return { ...queues, title: `${parts[title] ?? title} was started again`, detail: detail ?? '' };
    case 'queue.drained':
      return { ...queues, title: `${who || 'Somebody'} drained the queue ${title}`, detail: detail ?? '' };
    case 'queue.resumed':
      return { ...queues, title: `${who || 'Somebody'} resumed the queue ${title}`, detail: detail ?? '' };
    case 'connection.signed_out':
      return {
        to: '/connections',
        title: `The connection ${title} needs a new sign-in`,
        detail: detail ?? '',
        status: 'waiting',
      };
  }
}
