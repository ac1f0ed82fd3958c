import type { QueryFailureKind } from '#contracts/queries/failures.ts';
import type { PhaseName } from '#contracts/queries/phases.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { isEnded } from '#contracts/runs/status.ts';

export interface ShownPhase {
  name: 'Queued' | 'Running' | 'Fetching' | 'Done';
  state: 'done' | 'now' | 'failed' | 'stopped';
  startedAt: string | null;
  endedAt: string | null;
}
const groups: Readonly<Record<PhaseName, 'Queued' | 'Running' | null>> = {
  queued: 'Queued',
  validating: 'Running',
  starting: 'Running',
  remote_queued: 'Running',
  running: 'Running',
  ready: null,
  delivering: null,
  closed: null,
};

interface Fetching {
  rows: number;
  isWhole: boolean;
  startedAt: string | null;
  endedAt: string | null;
}

/**
 * The eight phases of the workflow as the four that a person follows: Queued → Running → Fetching → Done. A phase that
 * took no time of its own is not left out: they come in this order always.
 */
export function shownPhases(run: QueryRunDetail, fetching: Fetching): ShownPhase[] {
  const ended = isEnded(run.status);
  const spanOf = (name: 'Queued' | 'Running') => {
    const parts = run.phases.filter((phase) => groups[phase.name] === name);
    const first = parts[0];
    const last = parts.at(-1);
    return first && last ? { startedAt: first.startedAt, endedAt: last.endedAt } : null;
  };
  const broken: ShownPhase['state'] = run.status === 'canceled' ? 'stopped' : 'failed';
  const isBroken = ended && run.status !== 'succeeded';
  const shown: ShownPhase[] = [];
  const queued = spanOf('Queued') ?? { startedAt: run.createdAt, endedAt: run.startedAt };
  const running = spanOf('Running');
  const isReady = run.phases.some(({ name }) => name === 'ready') || run.isReadable || run.status === 'succeeded';
  shown.push({
    name: 'Queued',
    ...queued,
    endedAt: queued.endedAt ?? running?.startedAt ?? (ended ? run.endedAt : null),
    state: running || isReady ? 'done' : isBroken ? broken : 'now',
  });
  if (running)
    shown.push({
      name: 'Running',
      ...running,
      endedAt: running.endedAt ?? (ended ? run.endedAt : null),
      state: isReady ? 'done' : isBroken ? broken : 'now',
    });
  if (isReady && !isBroken) {
    shown.push({
      name: 'Fetching',
      startedAt: fetching.startedAt,
      endedAt: fetching.endedAt,
      state: fetching.isWhole ? 'done' : 'now',
    });
    if (fetching.isWhole) shown.push({ name: 'Done', startedAt: null, endedAt: null, state: 'done' });
  }
  return shown;
}

/** What a failure of this kind is called, and what the person can do about it here. */
export const failureWords: Readonly<
  Record<QueryFailureKind, { title: string; act: 'connection' | 'again' | 'text' | 'later' }>
> = {
  auth: { title: 'The service did not let us in', act: 'connection' },
  quota: { title: 'A limit of the service is reached', act: 'later' },
  syntax: { title: 'The query cannot run as it is written', act: 'text' },
  timeout: { title: 'It took longer than it may', act: 'text' },
  provider: { title: 'The service failed', act: 'again' },
  network: { title: 'The service did not answer', act: 'again' },
};
