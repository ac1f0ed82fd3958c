import type {
  Happening,
  IncidentStart,
  ShownIncidentRule,
  StartStatus,
} from '#contracts/incident-rules/incident-rules.ts';
import type { StatusName } from '../ui/status.ts';

export const happeningWords: Readonly<Record<Happening, string>> = {
  opened: 'It is opened',
  severity: 'Its severity changes',
  state: 'Its state changes',
};
const shortWords: Readonly<Record<Happening, string>> = {
  opened: 'opened',
  severity: 'another severity',
  state: 'another state',
};

/** `when opened or another severity`: what it listens to. */
export const whenInWords = ({ happenings }: Pick<ShownIncidentRule, 'happenings'>): string =>
  `when ${happenings.map((one) => shortWords[one]).join(' or ')}`;

export const startWord: Readonly<Record<StartStatus, string>> = {
  pending: 'Deciding',
  passed: 'Passed over',
  held: 'Held',
  suggested: 'Suggested',
  dismissed: 'Dismissed',
  due: 'Starting',
  started: 'Running',
  ended: 'Ended',
  failed: 'Could not start',
};
const plainStatus: Readonly<Record<StartStatus, StatusName>> = {
  pending: 'queued',
  passed: 'skipped',
  held: 'skipped',
  suggested: 'waiting',
  dismissed: 'canceled',
  due: 'queued',
  started: 'running',
  ended: 'succeeded',
  failed: 'failed',
};

/** What became of a start, as a status: an ended run by how it ended. */
export function startStatus({ status, runStatus }: Pick<IncidentStart, 'status' | 'runStatus'>): StatusName {
  if (status !== 'ended') return plainStatus[status];
  return runStatus === 'failed' || runStatus === 'timed_out' || runStatus === 'canceled' ? runStatus : 'succeeded';
}
