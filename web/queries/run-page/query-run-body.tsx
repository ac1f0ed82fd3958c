import { useMemo } from 'react';
import type { QueryPhase } from '#contracts/queries/phases.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { useNow } from '../../kit/clock.ts';
import { cx } from '../../kit/cx.ts';
import { Go } from '../../kit/navigation.tsx';
import { bytesText, durationText } from '../../kit/time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Button } from '../../ui/button.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { KeyValue } from '../../ui/key-value.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import { outcomeTitles, outcomeWords } from '../../schedules/after-words.ts';
import { windowWords } from '../bar/time-windows.ts';
import { engineWords } from '../connections.ts';
import { cleanupWords } from '../results/messages.tsx';
import { FailureNote } from '../run/status-line.tsx';
import { useQueryRun } from '../run/use-query-run.ts';

const phaseWords: Readonly<Record<QueryPhase['name'], string>> = {
  queued: 'Queued',
  validating: 'Checked',
  starting: 'Started',
  remote_queued: 'Queued at the service',
  running: 'Running',
  ready: 'Rows can be read',
  delivering: 'Delivered',
  closed: 'Closed',
};

/** The body of a query's run: where its time went, its text and values, its counts. The rows are in the console. */
export default function QueryRunBody({ runId }: { runId: string }) {
  const run = useQueryRun(runId);
  return (
    <Answer of={run} what="The query" waiting={<SkeletonLines lines={10} />}>
      {(data) => <Body run={data} />}
    </Answer>
  );
}

function Body({ run }: { run: QueryRunDetail }) {
  const open = (
    <Button asChild look="primary">
      <Go to="/queries" search={{ past: run.runId }}>
        Open in console
      </Go>
    </Button>
  );
  const values = Object.entries(run.parameters);
  return (
    <div className="flex max-w-[960px] flex-col gap-5 p-5 max-sm:p-4" data-testid="run.query">
      {run.failure && <FailureNoteHere run={run} />}
      <section aria-label="Phases">
        <h2 className="mb-2 font-semibold">Phases</h2>
        <Waterfall run={run} />
      </section>
      {run.deliveries.length > 0 && <Deliveries deliveries={run.deliveries} />}
      <section aria-label="Query">
        <div className="mb-2 flex flex-wrap items-center gap-3">
          <h2 className="font-semibold">Query</h2>
          <span className="ml-auto">{open}</span>
        </div>
        <CodeBlock what="query" className="max-h-80 overflow-auto">
          {run.sql}
        </CodeBlock>
      </section>
      <section aria-label="Facts">
        <KeyValue
          pairs={[
            ['Connection', `${run.connectionName} · ${engineWords[run.engine]}`],
            ...(run.unit ? ([['Unit', run.unitName ? `${run.unitName} · ${run.unit}` : run.unit]] as const) : []),
            ...(run.timeWindow
              ? ([['Time window', `${windowWords(run.timeWindow)} · ${run.timeWindow.timeZone}`]] as const)
              : []),
            ...values.map(([name, value]) => [name, value === null ? 'null' : String(value)] as const),
            ['Rows', run.rowCount === null ? 'not known' : run.rowCount.toLocaleString('en-GB')],
            [
              'Schema',
              run.schema ? (
                <span key="schema">
                  {`version ${run.schema.version}, read `}
                  <RelativeTime at={run.schema.readAt} />
                </span>
              ) : (
                'not read before it ran'
              ),
            ],
            ['Columns', run.columns ? String(run.columns.length) : 'not known'],
            [
              'Rows can be read',
              run.isReadable ? (
                run.expiresAt ? (
                  <span key="until">
                    until <RelativeTime at={run.expiresAt} />
                  </span>
                ) : (
                  'yes'
                )
              ) : (
                'no'
              ),
            ],
            ['At the service', cleanupWords(run)],
          ]}
        />
      </section>
    </div>
  );
}

/** Where the rows went, and how that ended: counts alone. */
const Deliveries = ({ deliveries }: Pick<QueryRunDetail, 'deliveries'>) => (
  <section aria-label="Deliveries">
    <h2 className="mb-2 font-semibold">Deliveries</h2>
    <ul className="flex flex-col gap-2">
      {deliveries.map(({ index, kind, target, state, rows, bytes, attempts, failure }) => (
        <li key={index} className="flex flex-col gap-0.5" data-delivery={state}>
          <span>
            {outcomeTitles[kind]} {target}: <strong className="font-semibold">{outcomeWords[state]}</strong>
          </span>
          <span className="num text-meta text-text-2">
            {[
              rows !== null &&
                state === 'delivered' &&
                `${rows.toLocaleString('en-GB')} ${rows === 1 ? 'row' : 'rows'}`,
              bytes !== null && bytesText(bytes),
              attempts > 1 && `${attempts} attempts`,
              failure && `${failure.message} ${failure.hint}`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  </section>
);

const FailureNoteHere = ({ run }: { run: QueryRunDetail }) => (
  <div className="-m-3.5">
    <FailureNote run={run} onAgain={null} onShowPlace={null} />
  </div>
);

/** Each phase as a bar over the whole time. */
function Waterfall({ run }: { run: QueryRunDetail }) {
  const now = useNow(run.endedAt === null);
  const shown = useMemo(() => run.phases.filter(({ name }) => name !== 'closed'), [run.phases]);
  const begin = Date.parse(shown[0]?.startedAt ?? run.createdAt);
  const endOf = (phase: QueryPhase): number => {
    // Once the rows can be read, that is a state and takes no time of the run.
    if (phase.name === 'ready') return Date.parse(phase.startedAt);
    return phase.endedAt ? Date.parse(phase.endedAt) : run.endedAt ? Date.parse(run.endedAt) : now;
  };
  const whole = Math.max(1, ...shown.map((phase) => endOf(phase) - begin));
  return (
    <ol className="flex flex-col gap-1">
      {shown.map((phase) => {
        const from = Date.parse(phase.startedAt) - begin;
        const took = Math.max(0, endOf(phase) - Date.parse(phase.startedAt));
        return (
          <li
            key={phase.name}
            className="grid grid-cols-[150px_minmax(0,1fr)_64px] items-center gap-3 text-meta"
            data-phase={phase.name}
          >
            <span className="truncate text-text-2">{phaseWords[phase.name]}</span>
            <span className="relative h-2.5 rounded-full bg-sunken" aria-hidden="true">
              <i
                className={cx(
                  'absolute inset-y-0 min-w-[3px] rounded-full',
                  phase.name === 'queued' ? 'bg-idle-solid' : phase.name === 'ready' ? 'bg-ok-solid' : 'bg-run-solid',
                )}
                style={{ left: `${(from / whole) * 100}%`, width: `${(took / whole) * 100}%` }}
              />
            </span>
            <span className="num text-right text-text-2">{phase.name === 'ready' ? '' : durationText(took)}</span>
          </li>
        );
      })}
    </ol>
  );
}
