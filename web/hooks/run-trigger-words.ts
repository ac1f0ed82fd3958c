import type { RunTrigger } from '#contracts/hooks/run-triggers.ts';
import { statusLooks, type StatusName } from '../ui/status.ts';

type Firing = RunTrigger['lastFirings'][number];

/** What became of one end of a run, as a status: passed over is no failure, the condition said so. */
export const firingStatus: Readonly<Record<Firing['status'], StatusName>> = {
  pending: 'queued',
  started: 'succeeded',
  failed: 'failed',
  passed: 'skipped',
};
export const firingWord: Readonly<Record<Firing['status'], string>> = {
  pending: 'Starting',
  started: 'Started',
  failed: 'Failed',
  passed: 'Passed over',
};

/** `succeeds or fails`: the ends after which it starts. */
export function endsInWords(statuses: RunTrigger['statuses']): string {
  const words = statuses.map((status) => statusLooks[status].word.toLowerCase());
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? '');
}
