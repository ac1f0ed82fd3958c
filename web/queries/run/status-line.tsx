import { ExternalLink, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { cx } from '../../kit/cx.ts';
import { Go } from '../../kit/navigation.tsx';
import { Button } from '../../ui/button.tsx';
import { Note, Tag } from '../../ui/card.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Countdown, Duration } from '../../ui/relative-time.tsx';
import { StatusShapeOnly } from '../../ui/status-glyph.tsx';
import type { StatusName } from '../../ui/status.ts';
import { failureWords, type ShownPhase } from './phase-words.ts';
import type { Told } from './use-query-run.ts';

const glyphs: Readonly<Record<ShownPhase['state'], StatusName>> = {
  done: 'succeeded',
  now: 'running',
  failed: 'failed',
  stopped: 'canceled',
};
const tones: Readonly<Record<ShownPhase['state'], string>> = {
  done: 'text-ok-fg',
  now: 'text-run-fg',
  failed: 'text-fail-fg',
  stopped: 'text-idle-fg',
};

interface StatusLineProps {
  run: QueryRunDetail;
  told: Told | null;
  phases: readonly ShownPhase[];
  /** Rows that are here, and of how many. */
  rows: number;
  total: number | null;
  children: ReactNode;
}

/** How far the run is: each phase with the time it took, in their order. */
export function StatusLine({ run, told, phases, rows, total, children }: StatusLineProps) {
  const now = phases.find(({ state }) => state === 'now');
  return (
    <div
      data-testid="queries.status"
      data-run={run.runId}
      data-status={run.status}
      className="flex min-h-10 flex-none flex-wrap items-center gap-x-3 gap-y-1.5 border-y border-line bg-sunken px-3.5 py-1.5 text-meta"
    >
      <ol className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1" aria-label="Phases">
        {phases.map((phase) => (
          <li
            key={phase.name}
            data-phase={phase.name}
            data-state={phase.state}
            className="flex items-center gap-1.5 whitespace-nowrap"
          >
            <span className={tones[phase.state]}>
              <StatusShapeOnly status={glyphs[phase.state]} size={14} />
            </span>
            <span className={cx(phase.state === 'now' ? 'font-medium text-run-fg' : 'text-text-2')}>
              {phase.name === 'Queued' && run.waitingFor === 'sign_in' ? 'Waiting for a sign-in' : phase.name}
            </span>
            {phase.name === 'Fetching' && (
              <span className={cx('num', phase.state === 'now' ? 'text-run-fg' : 'text-text-3')}>
                {total === null || total === rows
                  ? rows.toLocaleString('en-GB')
                  : `${rows.toLocaleString('en-GB')} of ${total.toLocaleString('en-GB')}`}
              </span>
            )}
            {phase.startedAt && (
              <Duration
                from={phase.startedAt}
                to={phase.endedAt ?? (phase.state === 'now' ? null : (run.endedAt ?? null))}
                className="text-text-3"
              />
            )}
          </li>
        ))}
      </ol>
      {now?.name === 'Fetching' && total !== null && total > 0 && (
        <span
          role="progressbar"
          aria-label="Rows fetched"
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={rows}
          className="h-[5px] w-14 flex-none overflow-hidden rounded-full bg-line"
        >
          <i
            className="block h-full rounded-full bg-run-solid"
            style={{ width: `${Math.min(100, (rows / total) * 100)}%` }}
          />
        </span>
      )}
      <QueueWords run={run} />
      {told?.note && !isEnded(run.status) && (
        <span className="min-w-0 truncate text-text-2" title={told.note}>
          {told.note}
        </span>
      )}
      {run.isAdopted && (
        <span title="An answer was lost on the way: the run that had begun at the service was found and is followed. Nothing ran twice.">
          <Tag tone="run">Found again</Tag>
        </span>
      )}
      <Go
        to={`/runs/${run.runId}`}
        className="num inline-flex min-h-6 items-center gap-1 text-accent hover:underline max-sm:min-h-11"
      >
        <Duration from={run.createdAt} to={run.endedAt} />
        <span className="sr-only">Open the run</span>
        <Icon of={ExternalLink} size={12} />
      </Go>
      <span className="ml-auto flex flex-wrap items-center gap-2">{children}</span>
    </div>
  );
}

/** Its place in line, and when it may start. */
function QueueWords({ run }: { run: QueryRunDetail }) {
  if (run.status !== 'queued' && run.status !== 'waiting') return null;
  if (run.waitingFor === 'sign_in')
    return (
      <Go to="/connections" search={{ sel: run.connectionId }} className="font-medium text-wait-fg hover:underline">
        {`Sign in on ${run.connectionName}`}
      </Go>
    );
  if (run.queuePlace === null) return null;
  return (
    <Go to="/queries/queue" className="num text-text-2 hover:underline max-sm:leading-[44px]">
      {`${run.queuePlace}. in line`}
      {run.expectedStartAt && (
        <>
          {' · starts in about '}
          <Countdown until={run.expectedStartAt} over="a moment" />
        </>
      )}
    </Go>
  );
}

interface FailureNoteProps {
  run: QueryRunDetail;
  /** Null where it cannot be run from here. */
  onAgain: (() => void) | null;
  onShowPlace: (() => void) | null;
}

/** Why it failed, in the service's words, and what can be done. */
export function FailureNote({ run, onAgain, onShowPlace }: FailureNoteProps) {
  const { failure } = run;
  if (!failure)
    return run.status === 'failed' || run.status === 'timed_out' ? (
      <Note tone="fail" className="m-3.5">
        <span className="flex flex-1 flex-wrap items-center gap-3">
          <span className="flex-1">The run ended without saying why. Its page has the events.</span>
          {onAgain && (
            <Button size="sm" icon={RotateCw} onClick={onAgain}>
              Run again
            </Button>
          )}
        </span>
      </Note>
    ) : null;
  const { title, act } = failureWords[failure.kind];
  return (
    <Note tone="fail" className="m-3.5">
      <div role="alert" className="min-w-0 flex-1" data-testid="queries.failure" data-kind={failure.kind}>
        <p className="font-medium">{title}</p>
        <p className="mt-0.5 font-mono text-[11.5px] break-words">
          <bdi>{failure.message}</bdi>
        </p>
        {failure.hint && <p className="mt-1">{failure.hint}</p>}
        {failure.mayHaveActed && <p className="mt-1">The request may have been carried out although no answer came.</p>}
        <p className="mt-2 flex flex-wrap items-center gap-3">
          {act === 'connection' && (
            <Go to="/connections" search={{ sel: run.connectionId }} className="font-medium underline">
              Sign in again
            </Go>
          )}
          {onShowPlace && (
            <Button size="sm" onClick={onShowPlace}>
              {failure.position ? `Go to line ${failure.position.line}` : 'Go to the text'}
            </Button>
          )}
          {onAgain && act !== 'text' && act !== 'connection' && (
            <Button size="sm" icon={RotateCw} onClick={onAgain}>
              {failure.retryAfterMs ? `Run again (wait ${Math.ceil(failure.retryAfterMs / 1_000)} s)` : 'Run again'}
            </Button>
          )}
          <Copy text={`${failure.code} · ${run.runId}`} what="what to quote" className="font-mono text-[11.5px]">
            {`${failure.code}${failure.status === null ? '' : ` · HTTP ${failure.status}`}`}
          </Copy>
        </p>
      </div>
    </Note>
  );
}
